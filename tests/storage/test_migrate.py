"""Migrations: run once however many start together, and the start finds out cheaply that nothing is due."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from entrepot.storage import migrate as module
from entrepot.storage.embedded import database_url_of
from entrepot.storage.migrate import current_revision, head_revision, migrate

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
