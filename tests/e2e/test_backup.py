"""`entrepot backup` and `restore`: whole, while others write, into a directory and into a database of one's own
(reliability R11, F12).
"""

import asyncio
import json
import signal
import threading
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tests.app.commands import KEY, entrepot, told
from tests.e2e.command import Serve, Server, demo_of

from entrepot.storage.embedded import EmbeddedPostgres, database_url_of

Rows = dict[str, list[str]]

TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
)


async def rows_of(url: str) -> Rows:
    """Every row of every table, as text."""
    connection = await asyncpg.connect(url)
    try:
        names = [row[0] for row in await connection.fetch(TABLES)]
        return {
            name: [row[0] for row in await connection.fetch(f"SELECT t::text FROM {name} t ORDER BY 1")]
            for name in names
        }
    finally:
        await connection.close()


def token(server: Server, demo: dict[str, Any]) -> str:
    form = {
        "grant_type": "password",
        "client_id": demo["clientID"],
        "username": "admin01",
        "password": demo["users"]["admin01"]["password"],
    }
    answer = httpx.post(f"{server.url}/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def put_buyer(http: httpx.Client, number: int) -> None:
    answer = http.put(f"/v1/buyers/written-{number}", json={"Name": f"Buyer {number}", "Active": True})
    assert answer.status_code in {200, 201}, answer.text


@contextmanager
def writing(server: Server, bearer: str) -> Iterator[list[int]]:
    """Buyers are written as long as the block runs; the numbers of those that were answered."""
    answered: list[int] = []
    ended = threading.Event()

    def write() -> None:
        with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {bearer}"}) as http:
            number = 0
            while not ended.is_set():
                put_buyer(http, number)
                answered.append(number)
                number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield answered
    finally:
        ended.set()
        thread.join()


@pytest.fixture
async def own_database(postgres: str) -> AsyncIterator[str]:
    """An empty one."""
    admin = await asyncpg.connect(postgres)
    await admin.execute("CREATE DATABASE restored")
    yield database_url_of(postgres, "restored")
    await admin.execute("DROP DATABASE restored WITH (FORCE)")
    await admin.close()


async def test_reliability_r11_a_backup_beside_writes_is_whole_wherever_it_goes(
    serve: Serve, home: Path, own_database: str
) -> None:
    server = serve("data")
    server.await_ready()
    demo = demo_of(server)
    file = home / "backup.zip"
    with writing(server, token(server, demo)) as answered:
        while len(answered) < 20:
            await asyncio.sleep(0.01)
        before = len(answered)
        done = await asyncio.to_thread(entrepot, "backup", str(file), "--data-dir", str(server.data_dir))
        assert done.returncode == 0, done.stderr
        assert len(answered) > before, "nobody waits for a backup"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in home.iterdir() if each.name.startswith("backup")] == ["backup.zip"]

    copy = home / "copy"
    restored_to(copy, file)
    key = (copy / "secret.key").read_text().strip()
    settings = {"ENTREPOT_DATABASE_URL": own_database, "ENTREPOT_SECRET_KEY": key}
    done = entrepot("restore", str(file), **settings)
    assert done.returncode == 0, done.stderr
    with EmbeddedPostgres(copy) as here:
        restored = await rows_of(here.url)
    assert restored == await rows_of(own_database)
    # What was answered before is in it, and nothing without what was written before that.
    numbers = {
        number for number in answered if any(f",written-{number}," in row for row in restored["buyers"])
    }
    assert {*range(before)} <= numbers == {*range(len(numbers))}
    # Each buyer has come with what its creation brings along (BUY-1).
    assert sum(",written-" in row for row in restored["catalogs"]) == len(numbers)

    for name in ("secret.key", "demo.json"):
        assert (copy / name).read_text() == (server.data_dir / name).read_text()
        assert (copy / name).stat().st_mode & 0o777 == 0o600
    again = serve("copy")
    again.await_ready()
    token(again, demo)
    assert entrepot("keys", "list", **settings).stdout.count("signs") == 1


async def test_reliability_r11_every_table_comes_back_as_it_was(
    serve: Serve, home: Path, own_database: str
) -> None:
    """Also of a server that is down; a database that is there already is kept aside, or goes, only when asked."""
    server = serve("data")
    server.await_ready()
    demo = demo_of(server)
    with httpx.Client(
        base_url=server.url, headers={"Authorization": f"Bearer {token(server, demo)}"}
    ) as http:
        put_buyer(http, 1)
    server.end(signal.SIGTERM)
    data, file, copy = server.data_dir, home / "backup.zip", home / "copy"
    assert entrepot("backup", str(file), "--data-dir", str(data)).returncode == 0
    restored_to(copy, file)
    settings = {
        "ENTREPOT_DATABASE_URL": own_database,
        "ENTREPOT_SECRET_KEY": (copy / "secret.key").read_text().strip(),
    }
    assert entrepot("restore", str(file), **settings).returncode == 0
    with EmbeddedPostgres(data) as there, EmbeddedPostgres(copy) as here:
        original = await rows_of(there.url)
        assert len(original["buyers"]) > 1
        assert await rows_of(here.url) == original
        assert await rows_of(own_database) == original

    assert "holds a database: choose another --data-dir" in told(
        entrepot("restore", str(file), "--data-dir", str(copy))
    )
    assert "is not empty" in told(entrepot("restore", str(file), **settings))
    connection = await asyncpg.connect(own_database)
    await connection.execute(
        "CREATE TABLE of_a_newer_version (number int); DELETE FROM buyers WHERE \"ID\" = 'written-1'"
    )
    await connection.close()
    assert entrepot("restore", str(file), "--replace", **settings).returncode == 0
    assert await rows_of(own_database) == original
    assert entrepot("restore", str(file), "--replace", "--data-dir", str(copy)).returncode == 0
    (aside,) = copy.glob("replaced-*")
    assert {each.name for each in aside.iterdir()} == {"postgres", "secret.key", "demo.json"}
    with EmbeddedPostgres(copy) as here:
        assert await rows_of(here.url) == original


async def test_reliability_r11_a_backup_without_keys_needs_the_right_one(
    home: Path, own_database: str
) -> None:
    """Nothing is written with another key, whose secrets would be lost."""
    data, file = home / "data", home / "backup.zip"
    made = entrepot("marketplace", "create", "Shop", "--data-dir", str(data))
    assert made.returncode == 0, made.stderr
    done = entrepot("backup", str(file), "--without-keys", "--data-dir", str(data))
    assert "The secret key is not in it" in done.stdout
    with zipfile.ZipFile(file) as archive:
        assert {*archive.namelist()} == {"database.dump", "entrepot.json"}
    copy = home / "copy"
    assert "secret.key is missing; restore it" in told(
        entrepot("restore", str(file), "--data-dir", str(copy))
    )
    assert not copy.exists()
    wrong = {"ENTREPOT_DATABASE_URL": own_database, "ENTREPOT_SECRET_KEY": KEY}
    assert "ENTREPOT_SECRET_KEY is not the key of this backup" in told(
        entrepot("restore", str(file), **wrong)
    )
    assert await rows_of(own_database) == {}
    copy.mkdir(mode=0o711)
    (copy / "secret.key").write_text((data / "secret.key").read_text())
    assert entrepot("restore", str(file), "--data-dir", str(copy)).returncode == 0
    assert entrepot("keys", "list", "--data-dir", str(copy)).returncode == 0


def test_reliability_r11_what_is_no_backup_is_told(home: Path) -> None:
    data, file = home / "data", home / "backup.zip"
    assert entrepot("marketplace", "create", "Shop", "--data-dir", str(data)).returncode == 0
    assert entrepot("backup", str(file), "--data-dir", str(data)).returncode == 0
    whole, other, newer = file.read_bytes(), home / "other.zip", home / "newer.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("hello", "world")
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(newer, "w") as later:
        about = json.loads(archive.read("entrepot.json"))
        later.writestr("entrepot.json", json.dumps({**about, "revision": "9999"}))
    restore = ("--data-dir", str(home / "copy"))
    assert "has revision 9999, which this version does not know" in told(
        entrepot("restore", str(newer), *restore)
    )
    assert f"{other} is no backup of Entrepot" in told(entrepot("restore", str(other), *restore))
    # Cut off; and a single byte changed, in the last of the data.
    end = whole.index(b"secret.key") - 200
    for damaged in (whole[: len(whole) // 2], whole[:end] + bytes([whole[end] ^ 1]) + whole[end + 1 :]):
        file.write_bytes(damaged)
        told(entrepot("restore", str(file), *restore))
        assert not [*(home / "copy").glob("postgres")]
    assert not [*(home / "copy").glob("secret.key")]


def restored_to(data: Path, file: Path) -> None:
    done = entrepot("restore", str(file), "--data-dir", str(data))
    assert done.returncode == 0, done.stderr
