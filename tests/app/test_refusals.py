"""What cannot be worked with is told in one line, before anything is changed (reliability F6, F7, F15, F18, R7)."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tests.app.commands import KEY, entrepot, told

from entrepot.app import serve
from entrepot.app.settings import Settings
from entrepot.storage import suitable
from entrepot.storage.embedded import EmbeddedPostgres, database_url_of
from entrepot.storage.migrate import head_revision
from entrepot.storage.suitable import UnsuitableDatabaseError, check_rights, check_suitable

COMMANDS = [["migrate"], ["serve", "--port", "0"], ["keys", "rotate"]]


@pytest.fixture
async def admin(postgres: str) -> AsyncIterator[asyncpg.Connection]:
    """The superuser of the server, for databases of all kinds."""
    connection = await asyncpg.connect(postgres)
    yield connection
    await connection.close()


@pytest.fixture
async def strange(admin: asyncpg.Connection, postgres: str, kind: str) -> AsyncIterator[str]:
    await admin.execute(f"CREATE DATABASE strange TEMPLATE template0 {kind}")
    yield database_url_of(postgres, "strange")
    await admin.execute("DROP DATABASE strange WITH (FORCE)")


LOCALE = "LOCALE_PROVIDER libc LOCALE 'C'"


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (f"ENCODING 'UTF8' {LOCALE}", "letters of ASCII only"),
        (f"ENCODING 'SQL_ASCII' {LOCALE}", "encoding is SQL_ASCII"),
        (f"ENCODING 'LATIN1' {LOCALE}", "encoding is LATIN1"),
    ],
)
def test_reliability_f7_databases_that_lose_letters_are_refused(strange: str, says: str) -> None:
    for command in COMMANDS:
        done = entrepot(*command, ENTREPOT_DATABASE_URL=strange, ENTREPOT_SECRET_KEY=KEY)
        assert says in (line := told(done))
        assert "LOCALE 'C.UTF-8'" in line


@pytest.mark.parametrize("kind", ["ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C.UTF-8'"])
async def test_reliability_f7_other_providers_of_the_locale_will_do(strange: str) -> None:
    await check_suitable(strange)


async def test_reliability_f15_the_servers_version_is_looked_at(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suitable, "OLDEST_MAJOR", 99)
    with pytest.raises(UnsuitableDatabaseError, match=r"is PostgreSQL \d+.*: 99 or newer is needed"):
        await check_suitable(database_url)


async def test_reliability_f15_missing_extensions_are_named(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suitable, "EXTENSIONS", ("citext", "no_such", "nor_this"))
    connection = await asyncpg.connect(database_url)
    try:
        with pytest.raises(UnsuitableDatabaseError, match="no_such, nor_this are not installed"):
            await check_rights(connection)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("owner", "says"),
    [
        ("postgres", "may not create the extensions btree_gin, citext, pg_trgm: let an administrator run"),
        ("shopkeeper", None),
    ],
)
@pytest.mark.parametrize("kind", [""])
async def test_reliability_f15_what_the_role_may_not_do_is_told(
    strange: str, admin: asyncpg.Connection, owner: str, says: str | None
) -> None:
    """An owner of its database needs no superuser: the extensions are trusted ones."""
    await admin.execute("CREATE ROLE shopkeeper LOGIN")
    try:
        await admin.execute(f"ALTER DATABASE strange OWNER TO {owner}")
        url = strange.replace("postgres@", "shopkeeper@")
        done = entrepot("migrate", ENTREPOT_DATABASE_URL=url, ENTREPOT_SECRET_KEY=KEY)
        if says is None:
            assert done.returncode == 0, done.stderr
        else:
            assert says in told(done)
    finally:
        await admin.execute("DROP DATABASE strange WITH (FORCE)")
        await admin.execute("CREATE DATABASE strange")
        await admin.execute("DROP ROLE shopkeeper")


async def test_reliability_f15_a_newer_schema_is_told(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    for command in COMMANDS:
        done = entrepot(*command, ENTREPOT_DATABASE_URL=database_url, ENTREPOT_SECRET_KEY=KEY)
        line = told(done)
        assert "has revision 9999, which this version does not know" in line
        assert str(head_revision()) in line


@pytest.mark.parametrize("kind", [""])
async def test_reliability_f15_tables_of_something_else_are_left_alone(strange: str) -> None:
    connection = await asyncpg.connect(strange)
    await connection.execute("CREATE TABLE users (number int)")
    done = entrepot("migrate", ENTREPOT_DATABASE_URL=strange, ENTREPOT_SECRET_KEY=KEY)
    assert 'tables of something else (relation "users" already exists)' in told(done)
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    )
    await connection.close()
    assert [row["relname"] for row in tables] == ["users"]


def test_reliability_f6_another_key_is_refused_by_every_command(database_url: str) -> None:
    settings = {"ENTREPOT_DATABASE_URL": database_url}
    first = entrepot("keys", "rotate", **settings, ENTREPOT_SECRET_KEY=KEY)
    assert first.returncode == 0, first.stderr
    for command in (*COMMANDS, ["marketplace", "create", "Shop"], ["keys", "list"], ["download", "shop"]):
        done = entrepot(*command, **settings, ENTREPOT_SECRET_KEY="o" * 32)
        assert told(done).startswith("ENTREPOT_SECRET_KEY is not the key with which this database's secrets")
    assert len(entrepot("keys", "list", **settings, ENTREPOT_SECRET_KEY=KEY).stdout.splitlines()) == 1


async def test_reliability_f6_a_database_of_before_the_check_is_compared_by_its_signing_key(
    database_url: str,
) -> None:
    settings = {"ENTREPOT_DATABASE_URL": database_url}
    assert entrepot("keys", "rotate", **settings, ENTREPOT_SECRET_KEY=KEY).returncode == 0
    connection = await asyncpg.connect(database_url)
    await connection.execute("DELETE FROM secret_key_checks")
    told(entrepot("keys", "rotate", **settings, ENTREPOT_SECRET_KEY="o" * 32))
    assert await connection.fetchval("SELECT count(*) FROM secret_key_checks") == 0
    assert entrepot("keys", "rotate", **settings, ENTREPOT_SECRET_KEY=KEY).returncode == 0
    assert await connection.fetchval("SELECT count(*) FROM secret_key_checks") == 1
    await connection.close()


async def test_reliability_f6_no_key_is_made_where_secrets_would_be_lost(home: Path) -> None:
    """Nor is anything printed that sounds like a server."""
    data = home / "data"
    assert entrepot("marketplace", "create", "Shop", "--data-dir", str(data)).returncode == 0
    (data / "secret.key").rename(home / "elsewhere")
    for command in (["serve", "--port", "0"], ["keys", "rotate"], ["migrate"]):
        done = entrepot(*command, "--data-dir", str(data))
        assert told(done).startswith(f"{data / 'secret.key'} is missing; restore it")
        assert not (data / "secret.key").exists()
    (data / "secret.key").write_text("o" * 64)
    done = entrepot("serve", "--port", "0", "--data-dir", str(data))
    assert told(done).startswith(f"{data / 'secret.key'} is not the key")


def test_reliability_f6_a_key_is_made_for_a_database_that_has_met_none(home: Path) -> None:
    data = home / "data"
    with EmbeddedPostgres(data, throwaway=True):
        pass
    done = entrepot("migrate", "--data-dir", str(data))
    assert done.returncode == 0, done.stderr
    assert (data / "secret.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", ["no PG_VERSION", "empty"])
def test_reliability_f18_a_cluster_that_is_none_is_told(home: Path, damage: str) -> None:
    cluster = home / "data" / "postgres"
    cluster.mkdir(parents=True)
    if damage == "no PG_VERSION":
        (cluster / "base").mkdir()
    done = entrepot("serve", "--port", "0", "--data-dir", str(home / "data"))
    assert told(done).startswith(f"{cluster} is there but holds no database")
    assert cluster.exists()


def test_reliability_f18_a_directory_that_cannot_be_written_is_told(home: Path) -> None:
    """A name longer than file systems allow: root may write to all that is only forbidden."""
    data = home / ("x" * 300)
    assert told(entrepot("serve", "--port", "0", "--data-dir", str(data))).startswith(str(data))


async def test_reliability_f18_a_demo_in_a_database_of_ones_own_makes_its_directory(
    home: Path, database_url: str
) -> None:
    data = home / "not" / "yet"
    await serve._prepare(Settings(data_dir=data, secret_key=KEY), database_url)
    assert (data / "demo.json").stat().st_mode & 0o777 == 0o600
