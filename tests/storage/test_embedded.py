"""The embedded PostgreSQL: what it offers, and that nothing left behind keeps it from starting."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from tests.directories import server_directory

from entrepot.storage import programs
from entrepot.storage.embedded import EmbeddedPostgres, database_url_of, running_url
from entrepot.storage.postmaster import _runs_cluster
from entrepot.storage.programs import PostgresUnavailableError, find_clients, find_programs

# Starts a server, says so, and waits to be killed. From a thread, nothing tells PostgreSQL of our end.
OWNER = """
import sys, threading, time
from pathlib import Path
from entrepot.storage.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), throwaway=True)
if sys.argv[2] == "thread":
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
else:
    server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def home(home: Path) -> Path:
    """One that the server makes."""
    return home / "data"


async def value(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_data_outlives_a_restart(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        await value(server.url, "CREATE TABLE kept (number int)")
        await value(server.url, "INSERT INTO kept VALUES (7)")
    assert running_url(home) is None
    with EmbeddedPostgres(home) as server:
        assert running_url(home) == server.url
        assert await value(server.url, "SELECT number FROM kept") == 7


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SHOW server_encoding", "UTF8"),
        ("SHOW fsync", "on"),
        ("SHOW synchronous_commit", "on"),
        ("SHOW listen_addresses", ""),
        ("SHOW timezone", "UTC"),
        ("SELECT current_database()::text", "entrepot"),
        ("SELECT lower('ÄÉŽДΩ')", "äéžдω"),
    ],
)
async def test_server_as_configured(shared: str, statement: str, expected: str) -> None:
    assert await value(shared, statement) == expected


@pytest.fixture(scope="module")
def shared() -> Iterator[str]:
    with server_directory() as directory, EmbeddedPostgres(directory) as server:
        yield server.url


async def test_security_32_the_application_owns_one_database_and_is_nothing_else(shared: str) -> None:
    """What an injected statement could do ends at the database: no files, no programs, no other databases."""
    rights = """
        SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles
        WHERE rolname = current_user"""
    assert await value(shared, rights) is False
    owner = "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = current_database()"
    assert await value(shared, owner) == "entrepot"
    for statement in (
        "SELECT pg_read_file('postmaster.pid')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "CREATE DATABASE another",
        "SET ROLE postgres",
        "ALTER SYSTEM SET work_mem = '1MB'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await value(shared, statement)


async def test_security_32_a_cluster_of_before_becomes_the_roles_own(home: Path) -> None:
    """As it was when the superuser owned everything and was the application."""
    with EmbeddedPostgres(home) as server:
        for statement in (
            "ALTER DATABASE entrepot OWNER TO postgres",
            "CREATE TABLE kept (key bigint GENERATED ALWAYS AS IDENTITY)",
            "DROP ROLE entrepot",
        ):
            await value(server.admin_url, statement)
    (home / "postgres" / "entrepot.role").unlink()
    with EmbeddedPostgres(home) as server:
        await value(server.url, "INSERT INTO kept DEFAULT VALUES")
        await value(server.url, "ALTER TABLE kept ADD COLUMN name text")
        assert await value(server.url, "SELECT count(*) FROM kept") == 1


def test_security_32_hosts_are_rejected_even_where_the_server_would_listen(home: Path) -> None:
    with EmbeddedPostgres(home, throwaway=True):
        lines = (home / "postgres" / "pg_hba.conf").read_text().splitlines()
    rules = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    assert {(rule[0], rule[-1]) for rule in rules} == {("local", "trust"), ("host", "reject")}


@pytest.mark.parametrize("extension", ["citext", "pg_trgm", "btree_gin", "unaccent"])
async def test_extensions_of_the_schema_are_there(shared: str, extension: str) -> None:
    await value(shared, f"CREATE EXTENSION {extension}")
    assert await value(shared, f"SELECT count(*) FROM pg_extension WHERE extname = '{extension}'") == 1


async def test_throwaway_server_does_not_wait_for_the_disk(home: Path) -> None:
    with EmbeddedPostgres(home, throwaway=True) as server:
        shown = [await value(server.url, f"SHOW {name}") for name in ("fsync", "synchronous_commit")]
    assert shown == ["off", "off"]


def test_only_its_owner_may_enter_the_socket_directory(home: Path) -> None:
    with EmbeddedPostgres(home, throwaway=True):
        assert (home / "postgres").stat().st_mode & 0o077 == 0


async def test_two_directories_side_by_side(home: Path) -> None:
    with EmbeddedPostgres(home, throwaway=True) as one, EmbeddedPostgres(home / "b", throwaway=True) as other:
        await value(one.url, "CREATE TABLE only_here (number int)")
        assert await value(other.url, "SELECT to_regclass('only_here')") is None


def test_second_owner_is_refused_and_does_no_harm(home: Path) -> None:
    with EmbeddedPostgres(home, throwaway=True) as server:
        with pytest.raises(PostgresUnavailableError, match="Another server uses"):
            EmbeddedPostgres(home, throwaway=True).start()
        assert running_url(home) == server.url


@pytest.mark.parametrize("name", ["x" * 120, "comma,quote'at@space and ü"])
async def test_path_that_does_not_suit_a_socket(home: Path, name: str) -> None:
    server = EmbeddedPostgres(home / name, throwaway=True)
    sockets = Path(server.start().partition("?host=")[2])
    try:
        assert await value(server.url, "SELECT 1") == 1
        assert await value(database_url_of(server.url, "postgres"), "SELECT 2") == 2
        assert running_url(home / name) == server.url
    finally:
        server.stop()
    assert not sockets.exists() or sockets.is_relative_to(home)


@pytest.mark.parametrize("how", ["main", "thread"])
async def test_killed_owner_leaves_nothing_in_the_way(home: Path, how: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home), how], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        orphan = int(owner.stdout.readline())
        owner.kill()
    with EmbeddedPostgres(home, throwaway=True) as server:
        assert server.pid != orphan
        assert not _runs_cluster(orphan, home / "postgres")
        assert await value(server.url, "SELECT 1") == 1


async def test_killed_server_recovers(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    await value(server.url, "CREATE TABLE kept (number int)")
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    with EmbeddedPostgres(home) as again:
        assert await value(again.url, "SELECT count(*) FROM kept") == 0


async def test_lock_that_names_another_programs_process(home: Path) -> None:
    with EmbeddedPostgres(home, throwaway=True):
        lines = (home / "postgres" / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getpid())
    (home / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert running_url(home) is None
    with EmbeddedPostgres(home, throwaway=True) as server:
        assert await value(server.url, "SELECT 1") == 1


async def test_half_made_cluster_is_made_anew(home: Path) -> None:
    (home / "postgres.new" / "base").mkdir(parents=True)
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(home, throwaway=True) as server:
        assert await value(server.url, "SELECT 1") == 1


def test_cluster_of_another_major_version_is_left_alone(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresUnavailableError, match=r"was made by PostgreSQL 9.*backup"):
        EmbeddedPostgres(home).start()
    assert [entry.name for entry in (home / "postgres").iterdir()] == ["PG_VERSION"]


def test_failed_start_tells_what_postgresql_said(home: Path) -> None:
    with EmbeddedPostgres(home, throwaway=True):
        pass
    with (home / "postgres" / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")
    with pytest.raises(PostgresUnavailableError, match="no_such_setting"):
        EmbeddedPostgres(home).start()


async def test_programs_on_path_do_without_the_wheel(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = find_programs()
    monkeypatch.setattr(programs, "_WHEEL", "no_such_package")
    monkeypatch.setenv("PATH", f"{wheel.directory}:{os.environ['PATH']}")
    assert find_programs() == wheel
    with EmbeddedPostgres(home, throwaway=True) as server:
        assert await value(server.url, "SELECT 1") == 1


def installation(directory: Path, major: int) -> Path:
    """Programs that say their version and do no more."""
    directory.mkdir(parents=True)
    for name in ("postgres", "initdb", "pg_dump"):
        (directory / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {major}.3'\n")
        (directory / name).chmod(0o755)
    return directory


def test_security_36_programs_can_be_chosen_and_a_cluster_keeps_its_version(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a new cluster the wheel's are taken; another one's are those that made it, wherever they are."""
    wheel = find_programs()
    old, new = installation(home / "old", 15), installation(home / "new", 99)
    ancient = installation(home / "ancient", 9)
    monkeypatch.setattr(programs, "_DEBIAN", home / "nothing")
    monkeypatch.setenv("PATH", f"{old}:{os.environ['PATH']}")
    assert find_programs(major=wheel.major) == wheel
    assert find_programs(major=15).directory == old
    assert find_programs(new) == programs.Programs(new, 99)
    for unfit in (ancient, home):
        with pytest.raises(PostgresUnavailableError, match=f"{unfit} has no programs"):
            find_programs(unfit)


def test_reliability_f12_clients_are_of_the_servers_version_or_the_next_newer(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_WHEEL", "no_such_package")
    monkeypatch.setattr(programs, "_DEBIAN", home / "debian")
    monkeypatch.setenv("PATH", str(installation(home / "bin", 17)))
    for major in (15, 19):
        installation(home / "debian" / str(major) / "bin", major)
    for least, found in ((15, 15), (16, 17), (17, 17), (18, 19)):
        assert find_clients("pg_dump", least=least).major == found
    with pytest.raises(
        PostgresUnavailableError, match=r"pg_dump of PostgreSQL 20 .* 15 in .*postgresql-client-20"
    ):
        find_clients("pg_dump", least=20)


def test_no_postgresql_at_all(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_WHEEL", "no_such_package")
    monkeypatch.setattr(programs, "_DEBIAN", home)
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(PostgresUnavailableError, match="--database-url"):
        EmbeddedPostgres(home).start()
