"""`entrepot doctor` tells what an operator has to know, and by its exit code whether something is wrong."""

import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tests.app.commands import KEY, entrepot

from entrepot.app import doctor
from entrepot.app.doctor import Level
from entrepot.app.settings import Settings
from entrepot.kernel.clock import utc_now


@pytest.fixture
def settings(database_url: str) -> dict[str, str]:
    settings = {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_SECRET_KEY": KEY}
    assert entrepot("keys", "rotate", **settings).returncode == 0
    return settings


def findings(expected: int, **settings: str) -> dict[str, tuple[str, str]]:
    done = entrepot("doctor", "--json", **settings)
    assert done.returncode == expected, done
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["well"] is (expected == 0)
    return {each["subject"]: (each["level"], each["told"]) for each in told["findings"]}


# The server of the tests trades durability for speed, which is found out.
OF_THE_TESTS = {"autovacuum", "fsync", "full_page_writes"}


def test_what_is_looked_at(settings: dict[str, str]) -> None:
    found = findings(1, **settings)
    assert {subject for subject, (level, _) in found.items() if level == "problem"} == OF_THE_TESTS
    assert found["extensions"] == ("good", "citext, pg_trgm, btree_gin")
    assert found["schema"][1].endswith("the newest")
    assert found["secret key"] == ("good", "the database's")
    assert found["signing key"][1].endswith(", 0 days old, 0 others")
    assert found["clock"] == ("good", "0.0 s from the database's")
    assert found["autovacuum_vacuum_scale_factor"] == ("good", "0.02")
    assert {"server", "lock_timeout", "max_connections", "table outbox_events", "table refresh_tokens"} <= {
        *found
    }
    lines = entrepot("doctor", **settings).stdout.splitlines()
    assert len(lines) == len(found)
    assert "problem  fsync: off" in lines


@pytest.mark.parametrize(
    ("statement", "subject", "level", "told"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "schema", "problem", "run `entrepot migrate`"),
        ("UPDATE alembic_version SET version_num = '9999'", "schema", "problem", "does not know"),
        ("DROP EXTENSION btree_gin CASCADE", "extensions", "problem", "btree_gin missing"),
        ("DELETE FROM secret_key_checks", "secret key", "warning", "not compared yet"),
        (
            "UPDATE signing_keys SET created_at = created_at - interval '400 days'",
            "signing key",
            "warning",
            "run `entrepot keys rotate`",
        ),
        ("ALTER DATABASE {} SET lock_timeout = '2s'", "lock_timeout", "good", "2000 ms"),
        (
            "DELETE FROM signing_keys",
            "signing key",
            "warning",
            "none yet",
        ),
    ],
)
async def test_what_is_found(
    settings: dict[str, str], database_url: str, statement: str, subject: str, level: str, told: str
) -> None:
    connection = await asyncpg.connect(database_url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(statement.format(name))
    await connection.close()
    found = findings(1, **settings)[subject]
    assert found[0] == level
    assert told in found[1]


async def test_another_secret_key(settings: dict[str, str]) -> None:
    found = findings(1, **settings | {"ENTREPOT_SECRET_KEY": "o" * 32})
    assert found["secret key"] == ("problem", "not the database's")


@pytest.mark.parametrize(("seconds", "level"), [(0, Level.GOOD), (5, Level.WARNING), (-60, Level.PROBLEM)])
async def test_reliability_f20_clocks_that_differ(
    database_url: str, monkeypatch: pytest.MonkeyPatch, seconds: int, level: Level
) -> None:
    monkeypatch.setattr(doctor, "utc_now", lambda: utc_now() + timedelta(seconds=seconds))
    found = await doctor.examine(Settings(database_url=database_url, secret_key=KEY), database_url)
    assert [each.level for each in found if each.subject == "clock"] == [level]
