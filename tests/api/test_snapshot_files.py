"""Snapshots as files: out of one server, into another, whole or not at all (ADR 0046)."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.api.marketplace import PASSWORD, Api, Server, ShiftedClock, codes, run_server
from tests.api.shop import Shop
from tests.api.test_marketplace_copies import Original, original, rows_of
from tests.api.test_seeded_marketplaces import KEY, NAMED, document
from tests.api.test_snapshots import MARKETPLACES, PATH, SECRET, held, keep, shop
from tests.api.uniform.subjects import checked
from tests.http.driver import ask

from entrepot.app.registry import registry
from entrepot.app.snapshot_files import export_file, import_file
from entrepot.declare.operation import Operation
from entrepot.features.people.snapshot_files import filing, importing, operations, sealed_file
from entrepot.features.people.snapshot_files.sealed_file import MAGIC, FileReader, FileWriter
from entrepot.kernel.ids import new_id
from entrepot.storage.migrate import head_revision
from entrepot.storage.pool import open_pool

__all__ = ["original", "shop"]
PASSPHRASE = "correct horse battery staple"
OPENED = {"Entrepot-Passphrase": PASSPHRASE}
IMPORT = f"{PATH}/import"
BYTES = {**OPENED, "Content-Type": "application/octet-stream"}
DESCRIBED = filing.filing_of(registry())


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "MEMORY_KIB", 8)
    monkeypatch.setattr(sealed_file, "PASSES", 1)


@pytest.fixture
async def elsewhere(server: Server, database_url: str) -> AsyncIterator[Server]:
    """Another server, with a database and a secret key of its own, and a key of its test bench."""
    settings = replace(
        server.settings,
        database_url=database_url,
        secret_key="another key, as long as the first one was",
        test_bench_key=KEY,
    )
    pool = await open_pool(database_url, min_size=1, max_size=4)
    async with run_server(settings, pool, ShiftedClock()) as running:
        yield running
    await pool.close()


async def exported(http: httpx.AsyncClient, snapshot: str, **more: Any) -> bytes:
    answer = await checked(http.get(f"{PATH}/{snapshot}/file", headers={**OPENED, **more}), 200)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{snapshot}.entrepot"'
    assert int(answer.headers["content-length"]) == len(answer.content)
    return answer.content


async def imported(http: httpx.AsyncClient, file: bytes, query: str = "", **more: str) -> str:
    answer = await checked(http.post(f"{IMPORT}{query}", content=file, headers={**BYTES, **more}), 201)
    assert answer.headers["location"].endswith(f"{PATH}/{answer.json()['ID']}")
    return str(answer.json()["ID"])


async def refused(http: httpx.AsyncClient, file: bytes, passphrase: str = PASSPHRASE) -> tuple[int, str]:
    """Nothing is there afterwards."""
    answer = await http.post(IMPORT, content=file, headers={**BYTES, "Entrepot-Passphrase": passphrase})
    assert (await checked(http.get(PATH), 200)).json()["Items"] == []
    (code,) = codes(answer)
    return answer.status_code, code


async def test_a_marketplace_goes_elsewhere(api: Api, shop: Shop, elsewhere: Server) -> None:
    """Orders and all, to a server with another secret key: its secrets open there, its users log in with their passwords."""
    await api.user(roles=("FullAccess",), password=PASSWORD, id="boss")
    _, shopper = await shop.shopper()
    await checked(shopper.put("/v1/orders/Outgoing/o", json={}), 200)
    line = {"ProductID": "P", "Quantity": 3}
    await checked(shopper.post("/v1/orders/Outgoing/o/lineitems", json=line), 201)
    before = await held(api.seller)
    hook = (await checked(api.seller.get("/v1/webhooks/w"), 200)).json()["HashKey"]
    file = await exported(api.seller, await keep(api, ID="taken", Name="Taken\nalong \u200d"))
    assert SECRET.encode() not in file

    async with elsewhere.client(KEY) as bench:
        snapshot = await imported(bench, file)
        assert (await checked(bench.get(f"{PATH}/{snapshot}"), 200)).json()["Name"] == "Taken\nalong \u200d"
        body = {"From": {"SnapshotID": snapshot}}
        made = (await checked(bench.post(MARKETPLACES, json=body), 201)).json()
    async with elsewhere.client(made["AccessToken"]) as there:
        after = await held(there)
        for each in (*before["webhooks"], *after["webhooks"]):
            del each["ApiClientIDs"]
        assert json.loads(json.dumps(after).replace(made["ID"], api.marketplace)) == before
        assert (await checked(there.get("/v1/webhooks/w"), 200)).json()["HashKey"] == hook
        (client,) = made["Clients"]
        assert client["CopyOf"] == api.client_id
        known = (await checked(there.get(f"/v1/apiclients/{client['ID']}"), 200)).json()
        assert known["ClientSecret"] == SECRET
        buyer = {"ID": "afterwards", "Name": "A", "Active": True}
        await checked(there.post("/v1/buyers", json=buyer), 201)
        user = {
            "ID": "u",
            "Username": new_id(),
            "FirstName": "F",
            "LastName": "L",
            "Email": "u@example.com",
            "Active": True,
        }
        await checked(there.post("/v1/buyers/B/users", json=user), 201)
        await checked(there.post("/v1/products", json={"ID": "P2", "Name": "Another", "Active": True}), 201)
    form = {"grant_type": "password", "client_id": client["ID"], "client_secret": SECRET, "username": "boss@seller", "password": PASSWORD, "scope": "FullAccess"}  # fmt: skip
    async with elsewhere.client() as http:
        token = (await checked(http.post("/oauth/token", data=form), 200)).json()["access_token"]
    async with elsewhere.client(token) as http:
        assert (await checked(http.get("/v1/me"), 200)).json()["ID"] == "boss"


async def test_every_row_arrives(
    server: Server, original: Original, elsewhere: Server, tmp_path: Any
) -> None:
    """Of every table, by the commands: into a marketplace that stays, whose clients have the IDs that they had."""
    file = tmp_path / "everything.entrepot"
    rows = await export_file(server.database, server.settings, original.id, None, file, PASSPHRASE)
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    made = await import_file(elsewhere.database, elsewhere.settings, file, PASSPHRASE, None, None)
    assert (made.name, made.rows, made.keeps_clients) == ("Original", rows, True)
    here = await elsewhere.database.fetchval(
        'SELECT marketplace_id FROM marketplaces WHERE "ID" = $1', made.marketplace
    )
    filled = 0
    for table in DESCRIBED.tables:
        before = await rows_of(server, table.name, original.marketplace_id, {original.id.lower(): "itself"})
        after = await rows_of(elsewhere, table.name, here, {made.marketplace.lower(): "itself"})
        assert after == before, table.name
        filled += bool(before)
    assert filled > 50
    again = await import_file(elsewhere.database, elsewhere.settings, file, PASSPHRASE, "again", "Again")
    assert (again.marketplace, again.name, again.keeps_clients) == ("again", "Again", False)
    directory = "SELECT count(*) FROM marketplace_directory WHERE kind = 'client'"
    assert await elsewhere.database.fetchval(directory) == 2 * len(original.clients)


async def test_an_export_leaves_nothing(server: Server, original: Original, tmp_path: Any) -> None:
    """A marketplace is copied to be of one moment; nobody has the copy afterwards."""
    count = 'SELECT count(*) FROM marketplaces WHERE "Name" = $1'
    name = new_id()
    await server.database.execute(
        'UPDATE marketplaces SET "Name" = $2 WHERE marketplace_id = $1', original.marketplace_id, name
    )
    await export_file(server.database, server.settings, original.id, None, tmp_path / "f", PASSPHRASE)
    assert await server.database.fetchval(count, name) == 1


async def test_files_are_whole_or_refused(api: Api, other: Api, shop: Shop) -> None:
    file = await exported(api.seller, await keep(api))
    assert await refused(other.seller, file, "another passphrase") == (400, "SnapshotFile.WrongPassphrase")
    for passphrase in ("", "short", "x" * 201):
        assert await refused(other.seller, file, passphrase) == (400, "SnapshotFile.InvalidPassphrase")
    for cut in (len(file) - 1, len(file) - 100, len(file) // 2, len(MAGIC) + 2):
        assert await refused(other.seller, file[:cut]) == (400, "SnapshotFile.Cut")
    for at in (len(file) - 1, len(file) // 2):
        changed = file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]
        assert await refused(other.seller, changed) == (400, "SnapshotFile.Changed")
    assert await refused(other.seller, file + b"x") == (400, "SnapshotFile.Changed")
    for none in (b"", b"{}", b"Objects:\n", b"PK\3\4" + b"\0" * 100):
        assert await refused(other.seller, none) == (400, "SnapshotFile.Unknown")
    newer = file.replace(b"SNAPSHOT 1\n", b"SNAPSHOT 9\n")
    assert await refused(other.seller, newer) == (400, "SnapshotFile.Newer")
    for schema, code in ((b"9999", "Newer"), (b"0037", "Older")):
        own = f'"schema": "{head_revision()}"'.encode()
        assert own in file[:500]
        strange = file.replace(own, b'"schema": "%s"' % schema, 1)
        assert await refused(other.seller, strange) == (400, f"SnapshotFile.{code}")
    await imported(other.seller, file)


def forged(api: Api, change: dict[str, bytes], **head: Any) -> bytes:
    """A file that no server has written, by somebody who knows the passphrase."""
    sink = io.BytesIO()
    told = {"version": "0", "schema": head_revision()}
    writer = FileWriter(sink, PASSPHRASE, told)
    count = 0

    def line(value: Any) -> None:
        writer.write(json.dumps(value).encode() + b"\n")

    line({"marketplace": api.marketplace, "name": "Forged", "forwarding": None, **head})
    for table in DESCRIBED.tables:
        line({"table": table.name, "columns": table.columns})
        rows = change.get(table.name, b"")
        count += rows.count(b"\n")
        writer.write(rows + filing.END_OF_ROWS)
    line({"rows": count})
    writer.end()
    return sink.getvalue()


def row(table: str, **values: str) -> bytes:
    (columns,) = [each.columns for each in DESCRIBED.tables if each.name == table]
    return "\t".join(values.get(name, r"\N") for name in columns).encode() + b"\n"


async def test_forged_files(api: Api) -> None:
    """What the database does not take, what opens with no key, and keys that would use up its numbers."""
    buyer = {"ID": "b", "Name": "B", "Active": "t", "DateCreated": "2026-01-01", "number": "7"}
    file = forged(api, {"buyers": row("buyers", **buyer)})
    snapshot = await imported(api.seller, file, "?name=Good")
    await checked(api.seller.delete(f"{PATH}/{snapshot}"), 204)
    for rows in (
        row("buyers", **{**buyer, "number": str(2**53)}),
        row("buyers", **{**buyer, "number": "0"}),
        row("buyers", **{**buyer, "number": "-1"}),
        row("buyers", **{**buyer, "number": "x"}),
        row("buyers", **{**buyer, "DefaultCatalogID": "of nobody"}),
        row("buyers", **buyer) * 2,
        row("buyers", **{**buyer, "xp": "{"}),
        b"too few\tcolumns\n",
        b"\xff\xfe\n",
        b"no end of line",
        b"\\.\n",
    ):
        assert await refused(api.seller, forged(api, {"buyers": rows})) == (400, "SnapshotFile.Changed"), rows
    client = {"ID": new_id(), "AppName": "A", "Active": "t", "client_secret_encrypted": r"\\x0102030405"}
    for sealed in (r"\\x0102030405", r"\\x"):
        rows = row("api_clients", **{**client, "client_secret_encrypted": sealed})
        assert await refused(api.seller, forged(api, {"api_clients": rows})) == (400, "SnapshotFile.Changed")
    for head in (
        {"forwarding": "x"},
        {"forwarding": 2**63},
        {"name": "\0"},
        {"name": "\ud800"},
        {"name": 1},
        {"marketplace": None},
    ):
        assert await refused(api.seller, forged(api, {}, **head)) == (400, "SnapshotFile.Changed")


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        b"\n",
        b"[]\n",
        b"{\n",
        b"{}\n{}\n",
        b"[" * 60_000 + b"\n",
        b"x" * 200_000,
        b'{"marketplace":"m","name":"n","forwarding":null}\n{"rows":0}\n',
        b'{"marketplace":"m","name":"n","forwarding":null}\n{"table":"pg_authid","columns":["rolname"]}\n\\.\n',
    ],
)
async def test_files_with_something_else_in_them(api: Api, lines: bytes) -> None:
    sink = io.BytesIO()
    writer = FileWriter(sink, PASSPHRASE, {"version": "0", "schema": head_revision()})
    writer.write(lines)
    writer.end()
    assert await refused(api.seller, sink.getvalue()) == (400, "SnapshotFile.Changed")


async def test_rows_have_a_longest(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "LONGEST_ROW", 100_000)
    rows = row("buyers", ID="b", Name="x" * 600_000, Active="t", number="7")
    assert await refused(api.seller, forged(api, {"buyers": rows})) == (400, "SnapshotFile.Changed")


async def test_large_files_are_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what they say of themselves, by what comes, and by what is in them."""
    file = forged(api, {})
    operation: Operation = operations.import_snapshot
    object.__setattr__(operation, "takes_file", len(file) - 1)
    try:
        assert await refused(api.seller, file) == (413, "Request.BodyTooLarge")
    finally:
        object.__setattr__(operation, "takes_file", filing.LARGEST_FILE)
    monkeypatch.setattr(sealed_file, "MOST_UNPACKED", 1000)
    assert await refused(api.seller, file) == (413, "SnapshotFile.TooLarge")
    monkeypatch.setattr(operations, "MOST_WAITING", 0)
    assert await refused(api.seller, file) == (503, "Api.Busy")


async def test_a_file_has_no_secret_in_clear(api: Api, shop: Shop) -> None:
    """Not even for whoever has opened it: they are sealed in their places once more."""
    file = await exported(api.seller, await keep(api))
    reader = FileReader(io.BytesIO(file))
    reader.open(PASSPHRASE)
    text = b"".join(reader.pieces())
    assert b'"buyers"' in text
    assert SECRET.encode() not in text
    assert b"k" * 20 not in text
    assert set(reader.head) == {"version", "schema", "made", "salt", "check"}


async def test_a_restore_of_what_was_imported_ends_all_tokens(api: Api, other: Api, shop: Shop) -> None:
    """A user of elsewhere may have the key of one of here."""
    snapshot = await imported(other.seller, await exported(api.seller, await keep(api)))
    taken = await other.seller.post(f"{PATH}/{snapshot}/restore")
    assert (taken.status_code, codes(taken)) == (409, ["Copies.ClientTaken"])
    await checked(other.seller.get("/v1/me"), 200)
    database = api.server.database
    await database.execute(
        "DELETE FROM marketplace_directory WHERE marketplace_id = $1 AND kind = 'client'", api.marketplace_id
    )
    await checked(other.seller.post(f"{PATH}/{snapshot}/restore"), 204)
    assert (await other.seller.get("/v1/me")).status_code == 401
    products = await database.fetch(
        'SELECT "ID"::text AS id FROM products WHERE marketplace_id = $1', other.marketplace_id
    )
    assert [each["id"] for each in products] == ["P"]
    stale = "SELECT min(generation) > 0 FROM users WHERE marketplace_id = $1"
    assert await database.fetchval(stale, other.marketplace_id)


async def test_files_are_for_who_may_do_everything(api: Api, other: Api, elsewhere: Server) -> None:
    """In the marketplace alone that has the snapshot; the key has its own."""
    snapshot = await keep(api, ID="s")
    file = await exported(api.seller, snapshot)
    lesser = api.as_(api.admin, roles=["ProductAdmin", "OrderAdmin"])
    assert (await lesser.get(f"{PATH}/s/file", headers=OPENED)).status_code == 403
    assert (await lesser.post(IMPORT, content=file, headers=BYTES)).status_code == 403
    assert (await other.seller.get(f"{PATH}/s/file", headers=OPENED)).status_code == 404
    assert codes(await api.seller.get(f"{PATH}/s/file")) == ["SnapshotFile.InvalidPassphrase"]
    assert (await api.seller.post(PATH, json={"ID": "Import"})).status_code == 409
    async with elsewhere.client(KEY) as bench:
        assert (await bench.get(f"{PATH}/s/file", headers=OPENED)).status_code == 404
        mine = await imported(bench, file)
        made = (await checked(bench.post(MARKETPLACES, json={"From": {"Document": document()}}), 201)).json()
        there = {NAMED: made["ID"]}
        assert (await bench.get(f"{PATH}/{mine}/file", headers={**OPENED, **there})).status_code == 404
        assert await exported(bench, mine)
        await checked(bench.post(f"{PATH}/{mine}/restore", headers=there), 404)


async def test_an_import_is_done_once_under_its_key(api: Api) -> None:
    file = forged(api, {})
    once = {"Idempotency-Key": new_id()}
    assert await imported(api.seller, file, **once) == await imported(api.seller, file, **once)
    answer = await api.seller.post(IMPORT, content=file + b"x", headers={**BYTES, **once})
    assert answer.status_code == 409


async def test_an_upload_that_ends_early_is_none(api: Api) -> None:
    """Whoever hangs up has sent nothing; pieces without a length in advance are as good as the whole."""
    file, token = forged(api, {}), api.token(api.admin, ["FullAccess"])
    app, headers = api.server.app, list(OPENED.items())
    half = [file[:100], file[100:200]]
    cut = await ask(app, "POST", IMPORT, token=token, headers=headers, body=half, disconnect=True)
    assert cut.status == 400
    assert (await checked(api.seller.get(PATH), 200)).json()["Items"] == []
    parts = [file[at : at + 50] for at in range(0, len(file), 50)]
    whole = await ask(app, "POST", IMPORT, token=token, headers=headers, body=parts)
    assert whole.status == 201


async def test_the_head_of_a_file(api: Api) -> None:
    """HEAD tells how long it would be, and leaves nothing open."""
    snapshot = await keep(api)
    answer = await checked(api.seller.head(f"{PATH}/{snapshot}/file", headers=OPENED), 200)
    assert int(answer.headers["content-length"]) > 1000
    assert answer.content == b""
