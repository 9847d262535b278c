"""Migrations: run once however many start together, and the start finds out cheaply that nothing is due."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from entrepot.storage import migrate as module
from entrepot.storage.embedded import database_url_of
from entrepot.storage.migrate import current_revision, head_revision, migrate
from entrepot.storage.programs import PostgresUnavailableError

FROZEN = Path(__file__).with_name("merged_migrations.sha256")

REVISION = """
from alembic import op

revision: str = {revision!r}
down_revision: str | None = {down!r}


def upgrade() -> None:
    op.execute({statement!r})
"""


@pytest.fixture
async def empty_database(postgres: str) -> AsyncIterator[str]:
    admin = await asyncpg.connect(postgres)
    await admin.execute("CREATE DATABASE empty")
    yield database_url_of(postgres, "empty")
    await admin.execute("DROP DATABASE empty WITH (FORCE)")
    await admin.close()


@pytest.fixture
def write_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of migrations without revisions, in place of ours; returns where to write them."""
    shutil.copy(module.MIGRATIONS / "env.py", tmp_path)
    monkeypatch.setattr(module, "MIGRATIONS", tmp_path)
    (tmp_path / "versions").mkdir()
    return tmp_path / "versions"


def add(versions: Path, revision: str, down: str | None, statement: str) -> None:
    text = REVISION.format(revision=revision, down=down, statement=statement)
    (versions / f"{revision}_x.py").write_text(text)


async def test_our_own_revisions_are_one_chain(template_database: str, postgres: str) -> None:
    assert head_revision() is not None
    assert await current_revision(database_url_of(postgres, template_database)) == head_revision()


async def test_several_processes_start_together(empty_database: str, write_revision: Path) -> None:
    add(write_revision, "0001", None, "CREATE TABLE one (number int)")
    add(write_revision, "0002", "0001", "CREATE TABLE two (number int)")
    done = await asyncio.gather(*(migrate(empty_database) for _ in range(3)))
    assert sorted(done) == [[], [], ["0001", "0002"]]
    add(write_revision, "0003", "0002", "CREATE TABLE three (number int)")
    assert await migrate(empty_database) == ["0003"]
    assert await migrate(empty_database) == []


async def test_failing_revision_leaves_the_schema_as_it_was(
    empty_database: str, write_revision: Path
) -> None:
    add(write_revision, "0001", None, "CREATE TABLE one (number int)")
    add(write_revision, "0002", "0001", "CREATE TABLE one (number int)")
    with pytest.raises(Exception, match="already exists"):
        await migrate(empty_database)
    assert await current_revision(empty_database) is None


def test_two_newest_revisions_are_refused(write_revision: Path) -> None:
    add(write_revision, "0001", None, "SELECT 1")
    add(write_revision, "0002", None, "SELECT 1")
    with pytest.raises(RuntimeError, match="0001, 0002"):
        head_revision()


async def test_reliability_f22_nobody_waits_long_behind_a_migration(
    empty_database: str, write_revision: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a long transaction holds the table, whoever comes after the migration gets by between its attempts."""
    monkeypatch.setattr(module, "LOCK_TIMEOUT", 0.2)
    monkeypatch.setattr(module, "_PAUSE", 0.2)
    holder, other = await asyncpg.connect(empty_database), await asyncpg.connect(empty_database)
    await holder.execute("CREATE TABLE goods (number int)")
    add(write_revision, "0001", None, "ALTER TABLE goods ADD COLUMN name text")
    async with holder.transaction():
        await holder.execute("SELECT FROM goods")
        migrating = asyncio.create_task(migrate(empty_database))
        for _ in range(5):
            await other.fetch("SELECT number FROM goods")
            await asyncio.sleep(0.1)
        assert not migrating.done()
    assert await migrating == ["0001"]
    await other.fetch("SELECT name FROM goods")
    await holder.close()
    await other.close()


async def test_reliability_f22_a_migration_that_never_gets_its_table_says_so(
    empty_database: str, write_revision: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_TIMEOUT", 0.1)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    holder = await asyncpg.connect(empty_database)
    await holder.execute("CREATE TABLE goods (number int)")
    add(write_revision, "0001", None, "ALTER TABLE goods ADD COLUMN name text")
    async with holder.transaction():
        await holder.execute("SELECT FROM goods")
        with pytest.raises(PostgresUnavailableError, match="a long transaction holds a table"):
            await migrate(empty_database)
    await holder.close()
    assert await current_revision(empty_database) is None


async def test_reliability_r6_a_migrated_database_has_statistics_of_what_it_holds_now(
    empty_database: str, write_revision: Path
) -> None:
    add(write_revision, "0001", None, "CREATE TABLE goods (number int)")
    await migrate(empty_database)
    add(write_revision, "0002", "0001", "INSERT INTO goods SELECT n FROM generate_series(1, 1000) n")
    await migrate(empty_database)
    connection = await asyncpg.connect(empty_database)
    assert await connection.fetchval("SELECT reltuples FROM pg_class WHERE relname = 'goods'") == 1000
    await connection.close()


def test_reliability_f22_merged_migrations_are_frozen() -> None:
    """A change goes into a new migration: databases that ran the former one would never hear of it."""
    known = {name: digest for digest, name in map(str.split, FROZEN.read_text().splitlines())}
    versions = module.MIGRATIONS / "versions"
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in versions.iterdir()
        if file.suffix in {".py", ".sql"}
    }
    new = sorted(found.keys() - known.keys())
    assert not new, f"a new migration is frozen by: (cd {versions} && sha256sum {' '.join(new)}) >> {FROZEN}"
    assert found == known
