"""Copies of marketplaces inside the database (ADR 0041): of every table, with nothing in them of the marketplace they are made of."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary
from tests.api.marketplace import PASSWORD, Api, Server, User
from tests.api.uniform.subjects import checked

from entrepot.app.registry import registry
from entrepot.app.seeding import seeder
from entrepot.features.people.copies import Copies, copies_of
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.sealed_rows import sealed_tables
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType
from entrepot.storage.marketplace_copy import ENDS, STAYS, tables_of_marketplaces
from entrepot.storage.tables import define_tables

EVERYTHING = Path(__file__).with_name("seeds") / "everything.yml"
METADATA = define_tables(registry())
TABLES = {table.name: table for table in tables_of_marketplaces(METADATA)}
OF_THE_SERVER = {
    "marketplace_copies",
    "marketplace_directory",
    "portal_access",
    "portal_deletions",
    "portal_offers",
    "portal_organizations",
    "portal_restores",
}
"""Tables that name marketplaces, and are none's."""
SEALED = {"client_secret_encrypted"} | {
    name
    for table in sealed_tables(registry())
    for name in (*table.within, *(f"sealed_{each.lower()}" for each in table.whole))
}
ADMIN = "SELECT key FROM users WHERE marketplace_id = $1 AND \"Username\" = 'copied'"


@pytest.fixture(scope="module")
def copies() -> Copies:
    return copies_of(registry())


@dataclass(frozen=True)
class Original:
    """A marketplace with a row of every kind, and what its API clients are called in its file."""

    marketplace_id: int
    id: str
    clients: dict[str, str]


@pytest.fixture
async def original(server: Server) -> Original:
    name = new_id()
    async with seeder(server.settings, server.database) as made, server.database.acquire() as connection:
        seeded = await made.seed(connection, EVERYTHING, name, "Original")
        marketplace_id = await connection.fetchval(
            'SELECT marketplace_id FROM marketplaces WHERE "ID" = $1', name
        )
        admin = bootstrap.FirstUser(
            id="copied",
            username="copied",
            first_name="A",
            last_name="D",
            email="a@example.com",
            password_hash=await server.passwords.hash(PASSWORD),
        )
        key = await bootstrap.add_user(connection, marketplace_id, admin, server.clock())
        await bootstrap.add_profile(connection, marketplace_id, "full-access", "Full", ("FullAccess",))
        await bootstrap.assign_profile(connection, marketplace_id, "full-access", user_key=key)
    return Original(marketplace_id, name, dict(seeded.client_ids))


async def copy_of(server: Server, copies: Copies, source: int) -> Api:
    """A marketplace that is a copy of another one, and its administrator."""
    name = new_id()
    async with server.database.acquire() as connection, connection.transaction():
        target = await bootstrap.add_marketplace(connection, name, "Copy", server.clock())
        await copies.copy(connection, server.box, source, target)
        key = await connection.fetchval(ADMIN, target)
    return Api(server, target, name, "", User(key, "copied", "copied", UserType.SELLER, name))


async def rows_of(server: Server, table: str, marketplace_id: int, named: dict[str, str]) -> Counter[str]:
    """Without what belongs to one marketplace alone; strings by what they are called in `named`."""
    found: Counter[str] = Counter()
    for (text,) in await server.database.fetch(
        f"SELECT row_to_json(t)::text FROM {table} t WHERE marketplace_id = $1", marketplace_id
    ):
        row = {k: v for k, v in json.loads(text).items() if k not in SEALED and k != "marketplace_id"}
        found[json.dumps(_called(row, named), sort_keys=True)] += 1
    return found


def _called(value: Any, named: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _called(each, named) for name, each in value.items()}
    if isinstance(value, list):
        return [_called(each, named) for each in value]
    return named.get(value.lower(), value) if isinstance(value, str) else value


def test_every_table_of_a_marketplace_is_copied_or_excused() -> None:
    """Whoever adds a table need not think of copies: what is declared is copied, and what is not has to be spoken for."""
    copied = copies_of(registry()).statements.copied
    assert copied == TABLES.keys() - STAYS.keys() - ENDS.keys()
    assert not STAYS.keys() & ENDS.keys()
    assert STAYS.keys() | ENDS.keys() <= TABLES.keys()
    declared = {each.table for each in registry().entities.values()}
    declared |= {each.table for each in registry().assignments.values()}
    assert declared - copied == {*STAYS, *ENDS} & declared
    # So that they can stay where everything else goes.
    kept = {key.referred_table.name for name in STAYS for key in TABLES[name].foreign_key_constraints}
    assert kept <= {"marketplaces", *STAYS}
    named = {table.name for table in METADATA.sorted_tables if "marketplace_id" in table.columns}
    assert named - TABLES.keys() == OF_THE_SERVER


def test_what_is_sealed_is_sealed_anew() -> None:
    """A copied column of bytes is one that `reseal_copy` knows, or no secret of a marketplace's."""
    copied = copies_of(registry()).statements.copied
    found = {
        column.name
        for name in copied
        for column in TABLES[name].columns
        if isinstance(column.type, LargeBinary)
    }
    assert found <= {*SEALED, "fingerprint"}


def test_keys_of_rows_are_keys_of_one_marketplace() -> None:
    """So that a copy keeps them: nothing is unique beyond a marketplace."""
    for table in TABLES.values():
        unique = [table.primary_key.columns.keys()]
        unique += [index.columns.keys() for index in table.indexes if index.unique]
        assert all("marketplace_id" in names for names in unique), table.name


async def test_a_copy_has_every_row(server: Server, copies: Copies, original: Original) -> None:
    copy = await copy_of(server, copies, original.marketplace_id)
    source = await clients_of(server, original.marketplace_id)
    target = await clients_of(server, copy.marketplace_id)
    assert source.keys() == target.keys()
    assert not set(source.values()) & set(target.values())
    before = {client.lower(): name for name, client in source.items()} | {original.id.lower(): "itself"}
    after = {client.lower(): name for name, client in target.items()} | {copy.marketplace.lower(): "itself"}
    filled = 0
    for table in sorted(copies.statements.copied):
        rows = await rows_of(server, table, original.marketplace_id, before)
        assert await rows_of(server, table, copy.marketplace_id, after) == rows, table
        filled += bool(rows)
    assert filled > 50


async def clients_of(server: Server, marketplace_id: int) -> dict[str, str]:
    """Name -> ID."""
    rows = await server.database.fetch(
        'SELECT "AppName" AS name, "ID" AS id FROM api_clients WHERE marketplace_id = $1', marketplace_id
    )
    return {row["name"]: row["id"] for row in rows}


async def test_a_copy_names_nothing_of_the_original(
    server: Server, copies: Copies, original: Original
) -> None:
    """Neither the marketplace nor its clients, in whichever column."""
    copy = await copy_of(server, copies, original.marketplace_id)
    strange = [original.id, *(await clients_of(server, original.marketplace_id)).values()]
    for table in TABLES:
        for each in strange:
            found = await copy.rows(
                f"SELECT t::text FROM {table} t WHERE marketplace_id = $1 AND t::text ILIKE '%' || $2 || '%'",
                each,
            )
            assert [tuple(row) for row in found] == [], table


async def test_a_copy_is_one_to_work_in(server: Server, copies: Copies, original: Original) -> None:
    """Its users log in with their passwords at its own clients, its secrets open, and what is made there has keys of its own."""
    copy = await copy_of(server, copies, original.marketplace_id)
    there = Api(
        server,
        original.marketplace_id,
        original.id,
        original.clients["web"],
        await admin_of(server, original),
    )
    (client,) = [
        each for each in (await there.seller.get("/v1/apiclients")).json()["Items"] if each["AllowSeller"]
    ]
    assert client["ClientSecret"]
    known = (await clients_of(server, copy.marketplace_id))[client["AppName"]]
    answer = await copy.login("copied", client_id=known, client_secret=client["ClientSecret"])
    assert answer.status_code == 200, answer.text
    http = copy.with_token(answer.json()["access_token"])
    copied = (await checked(http.get(f"/v1/apiclients/{known}"), 200)).json()
    assert copied["ClientSecret"] == client["ClientSecret"]
    hook = (await checked(http.get("/v1/webhooks/hook"), 200)).json()
    assert hook["HashKey"] == (await there.seller.get("/v1/webhooks/hook")).json()["HashKey"] != ""
    made = await http.post("/v1/buyers", json={"ID": "of-the-copy", "Name": "B", "Active": True})
    assert made.status_code == 201, made.text
    assert (await there.seller.get("/v1/buyers/of-the-copy")).status_code == 404
    for each in (copy, there):
        for opened in each._open:
            await opened.aclose()


async def admin_of(server: Server, original: Original) -> User:
    key = await server.database.fetchval(ADMIN, original.marketplace_id)
    return User(key, "copied", "copied", UserType.SELLER, original.id)


async def test_copies_wait_for_nobody(server: Server, copies: Copies, original: Original) -> None:
    """Neither for one another nor for whoever writes in the original, of which they see what is committed."""
    async with server.database.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT 1 FROM marketplaces WHERE marketplace_id = $1 FOR UPDATE", original.marketplace_id
        )
        await connection.execute(
            "UPDATE buyers SET \"Name\" = 'written' WHERE marketplace_id = $1", original.marketplace_id
        )
        async with asyncio.timeout(60):
            made = await asyncio.gather(*(copy_of(server, copies, original.marketplace_id) for _ in range(3)))
    names = [await each.rows('SELECT "Name" FROM buyers WHERE marketplace_id = $1') for each in made]
    assert all(names)
    assert not any(row["Name"] == "written" for each in names for row in each)


async def test_a_client_has_one_id_in_a_copy(server: Server, copies: Copies, original: Original) -> None:
    """So that who made settings of it finds it after the next copy as well."""
    copy = await copy_of(server, copies, original.marketplace_id)
    before = await clients_of(server, copy.marketplace_id)
    async with server.database.acquire() as connection, connection.transaction():
        await copies.clear(connection, copy.marketplace_id)
        assert await clients_of(server, copy.marketplace_id) == before
        await copies.copy(connection, server.box, original.marketplace_id, copy.marketplace_id)
        await copies.replaced(connection, copy.marketplace_id)
    assert await clients_of(server, copy.marketplace_id) == before
    directory = await copy.rows(
        "SELECT name FROM marketplace_directory WHERE marketplace_id = $1 AND kind = 'client'"
    )
    assert {row["name"] for row in directory} == set(before.values())
