"""A rename reaches whatever names the thing, in orders and carts too (CONV-3, behaviour D6)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.api.marketplace import Api, Server, User, run_server
from tests.api.renaming import NAMESAKES, THINGS, open_named
from tests.api.shop import get_order
from tests.api.uniform.subjects import checked
from tests.plans import nodes_of

from entrepot.app.registry import registry
from entrepot.declare.named import Named as Place
from entrepot.engine.references import ReferenceGraph
from entrepot.kernel.user_types import UserType
from entrepot.storage.pool import open_pool

pytestmark = pytest.mark.usefixtures("truly")

PLACES = [(entity.table, named) for entity in registry().entities.values() for named in entity.names]


ORDER = ("key", "order_key", "subscription_key", "position", "DateCreated", "Name", "its")
"""Columns that no rename changes; together they tell the rows of each table apart."""


def values_at(row: dict[str, Any], place: Place) -> list[str]:
    """The IDs that a row has in a place."""
    value = row[place.column]
    if isinstance(value, str) and place.part:
        value = json.loads(value)
    for name in filter(None, place.part.split(".")):
        value = [each[name] for each in value or []] if isinstance(value, list) else (value or {}).get(name)
    return [each for each in (value if isinstance(value, list) else [value]) if each]


async def rows_of(api: Api, table: str) -> list[dict[str, Any]]:
    """All rows of a table in a fixed order, with the buyer that each belongs to."""
    found = [dict(row) for row in await api.rows(f"SELECT * FROM {table} WHERE marketplace_id = $1")]
    for row in found:
        row["its"] = await buyer_of(api, table, row)
    ordered = {tuple(str(row.get(name)) for name in ORDER): row for row in found}
    assert len(ordered) == len(found), f"{table}: which row is which?"
    return [ordered[key] for key in sorted(ordered)]


async def buyer_of(api: Api, table: str, row: dict[str, Any]) -> str:
    for name in ("FromCompanyID", "BuyerID"):
        if row.get(name):
            return str(row[name])
    for name, owners in (
        ("order_key", "orders"),
        ("subscription_key", "subscriptions"),
        ("return_key", "order_returns"),
    ):
        if name in row:
            sql = f"SELECT * FROM {owners} WHERE marketplace_id = $1 AND key = $2"
            return await buyer_of(api, owners, dict((await api.rows(sql, row[name]))[0]))
    return ""


async def test_every_named_id_follows(api: Api) -> None:
    """Each place of the registry where a thing is named: the same rows name it after the rename as did before, and no row
    of the other buyer, whose things have the same IDs, does otherwise than before.
    """
    world = await open_named(api)
    by_thing: dict[str, list[tuple[str, Place]]] = {}
    for table, place in PLACES:
        its = {each for row in await rows_of(api, table) for each in values_at(row, place)}
        things = [each for each in its if each in THINGS and _is_of(each, place.table)]
        assert things, f"nothing here names {place.table} by {table}.{place.place}: {its}"
        for thing in things:
            by_thing.setdefault(thing, []).append((table, place))
    for thing, places in by_thing.items():
        before = {table: await rows_of(api, table) for table, _ in places}
        await world.rename(thing, f"new-{thing}")
        after = {table: await rows_of(api, table) for table, _ in places}
        for table, place in places:
            was, now = _named(before[table], place), _named(after[table], place)
            expected = [
                [f"new-{thing}" if each == thing and _reaches(thing, buyer) else each for each in ids]
                for buyer, ids in was
            ]
            assert [ids for _, ids in now] == expected, f"{table}.{place.place} of {thing}"
            assert was != now or thing == "B"
            if place.copy:
                for row in after[table]:
                    if row[place.column] and row[place.copy]:
                        assert json.loads(row[place.copy])["ID"] == row[place.column], (table, place.copy)
        await world.rename(thing, f"new-{thing}", back=True)
        assert {table: await rows_of(api, table) for table, _ in places} == before, f"{thing} and back"
    tables = {table for table, _ in PLACES}
    before = {table: await rows_of(api, table) for table in tables}
    for number, path in enumerate(NAMESAKES):
        await checked(api.seller.patch(f"/v1/{path}", json={"ID": f"namesake-{number}"}), 200)
        assert {table: await rows_of(api, table) for table in tables} == before, path


SHOWN: dict[str, tuple[tuple[str, str], ...]] = {
    "U": (("orders/Incoming?FromUserID={}&{submitted}", "FromUserID"),),
    "SHIP": (
        ("orders/Incoming?ShippingAddressID={}&{submitted}", "ShippingAddressID"),
        ("orders/Incoming/{order}/lineitems?ShippingAddressID={}", "ShippingAddress.ID"),
        ("shipments?ToAddressID={}", "ToAddress.ID"),
    ),
    "BILL": (("orders/Incoming?BillingAddressID={}&{submitted}", "BillingAddress.ID"),),
    "W": (
        ("orders/Incoming/{order}/lineitems?ShipFromAddressID={}", "ShipFromAddress.ID"),
        ("shipments?FromAddressID={}", "FromAddressID"),
    ),
    "S": (("orders/Incoming/{order}/lineitems?SupplierID={}", "SupplierID"),),
    "PS": (("orders/Incoming/{order}/lineitems?PriceScheduleID={}", "PriceScheduleID"),),
    "R": (("orders/Incoming/{order}/lineitems?InventoryRecordID={}", "InventoryRecordID"),),
    "VAR": (("orders/Incoming/{order}/lineitems?Variant.ID={}", "Variant.ID"),),
    "O1": (("orders/Incoming/{order}/lineitems?Specs.OptionID={}", "Specs.0.OptionID"),),
    "SP": (("orders/Incoming/{order}/lineitems?Specs.SpecID={}", "Specs.0.SpecID"),),
    "ACC": (("orders/Incoming/{order}/payments?SpendingAccountID={}", "SpendingAccountID"),),
    "CARD": (("orders/Incoming/{order}/payments?CreditCardID={}", "CreditCardID"),),
    "P": (("orders/Incoming/{order}/lineitems?ProductID={}", "Product.ID"),),
}
"""What is renamed in turn, children before parents: lists that find it by its new ID, and the property that shows it."""


async def test_renamed_things_are_found_and_carts_go_on(api: Api) -> None:
    """Behaviour D6: of the submitted order and the cart; the cart is changed, validated and submitted afterwards."""
    world = await open_named(api)
    for thing, lists in SHOWN.items():
        await world.rename(thing, f"new-{thing}")
        renamed = f"new-{thing}"
        for order, submitted in (("O-B", "true"), ("K-B", "false")):
            for path, shown in lists:
                url = path.replace("{submitted}", f"IsSubmitted={submitted}").replace("{order}", order)
                page = (await checked(api.seller.get(f"/v1/{url.replace('{}', renamed)}"), 200)).json()
                assert page["Items"], url
                assert {_property(item, shown) for item in page["Items"]} == {renamed}, url
                former = (await api.seller.get(f"/v1/{url.replace('{}', thing)}")).json()["Items"]
                assert not any(_property(item, shown) == renamed for item in former), url
    shopper = world.shoppers["B"]
    cart = "/v1/orders/Outgoing/K-B"
    (free,) = [
        each for each in (await shopper.get(f"{cart}/lineitems/L")).json()["Specs"] if each["SpecID"] == "TX"
    ]
    assert free["Value"] == '"OptionID":"O1","SpecID":"SP"', "a text is no ID"
    line = await checked(shopper.patch(f"{cart}/lineitems/L", json={"Quantity": 2}), 200)
    chosen = {each["SpecID"]: each["OptionID"] for each in line.json()["Specs"]}
    assert chosen == {"new-SP": "new-O1", "TX": None}
    await checked(api.seller.patch("/v1/orders/Incoming/K-B/payments/PAY", json={"Accepted": True}), 200)
    await checked(shopper.post(f"{cart}/validate"), 204)
    await checked(shopper.post(f"{cart}/submit"), 201)
    mine = api.as_(await _user(api), roles=["MeAdmin", "Shopper"])
    await checked(mine.patch("/v1/me", json={"ID": "by-myself"}), 200)
    for order in ("O-B", "K-B"):
        its = await get_order(shopper, order)
        assert (its["FromUserID"], its["FromUser"]["ID"]) == ("by-myself", "by-myself")


GRAPH = ReferenceGraph.of(registry())


@pytest.fixture
async def alone(server: Server, database_url: str) -> AsyncIterator[Api]:
    """A marketplace in a database of its own: rows that other tests have left would decide how a planner goes."""
    settings = replace(server.settings, database_url=database_url)
    async with (
        await open_pool(database_url, min_size=1, max_size=4) as pool,
        run_server(settings, pool, server.clock) as running,
        Api.create(running) as made,
    ):
        yield made


async def test_a_rename_finds_its_rows_by_indexes(alone: Api) -> None:
    """citus.md 3: one statement, in which no table is read for the sake of its marketplace alone."""
    api = alone
    await open_named(api)
    async with api.server.database.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            for table in sorted({table for table, _ in PLACES}):
                await _fill(connection, table)
            of_filled = "SELECT array_agg(indexname) FROM pg_indexes WHERE tablename = ANY($1)"
            indexes = set(await connection.fetchval(of_filled, FILLED))
            await connection.execute(
                "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"
            )
            # Each row is one of two buyers': of these half the table is as good as an index.
            for table in sorted(GRAPH.namings.keys() - {"buyers"}):
                plan = await _plan(connection, table)
                changed = {node["Relation Name"] for node in plan if node["Node Type"] == "ModifyTable"}
                assert changed >= {name for name, _ in GRAPH.namings[table]}
                for node in plan:
                    filled = node.get("Relation Name") in FILLED or node.get("Index Name") in indexes
                    assert not filled or node["Node Type"] != "Seq Scan", json.dumps((table, node))
                    if filled and "Index Cond" in node and node.get("Alias", "t") == "t":
                        assert node["Index Cond"].count("=") > 1, json.dumps((table, node))
        finally:
            await transaction.rollback()


FILLED = ("orders", "line_items", "payments", "shipments", "subscriptions", "subscription_items")


async def _fill(connection: Any, table: str) -> None:
    """Three hundred times the rows, whose IDs are all different: what a planner expects of a shop."""
    columns = await connection.fetch(
        """SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
           WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped
             AND attgenerated = '' AND attidentity = ''""",
        table,
    )
    entity = registry().entities[table]
    follow = {
        column.name
        for column in entity.model.__columns__.values()
        if column.references is not None and column.references.on_delete == "follow"
    }
    varied = {entity.id_column, *follow, *(named.column for named in entity.names)}
    names = ", ".join(f'"{column["name"]}"' for column in columns)
    values = ", ".join(
        f"""t."{column["name"]}" || '-' || n"""
        if column["name"] in varied and column["type"] == "citext"
        else f't."{column["name"]}"'
        for column in columns
    )
    await connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} t, generate_series(1, 300) n"
    )
    await connection.execute(f"ANALYZE {table}")


async def _plan(connection: Any, table: str) -> list[dict[str, Any]]:
    entity = registry().entities[table]
    place = ["bigint"] if entity.keyed else ["citext"] * len(GRAPH.parent_columns(table))
    types = ", ".join(["bigint", "citext", "citext", *place])
    arguments = ", ".join(["1", "'a'", "'b'", *("1" if each == "bigint" else "'c'" for each in place)])
    statement = GRAPH.rename_statement(table, entity.id_column)
    await connection.execute(f"PREPARE renaming ({types}) AS {statement}")
    explained = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE renaming ({arguments})")
    await connection.execute("DEALLOCATE renaming")
    return nodes_of(explained)


async def _user(api: Api) -> User:
    sql = """SELECT key FROM users WHERE marketplace_id = $1 AND "BuyerID" = 'B' AND "ID" = 'new-U'"""
    return User(await api.value(sql), "new-U", "U@B", UserType.BUYER, "B")


def _property(item: dict[str, Any], path: str) -> Any:
    value: Any = item
    for name in path.split("."):
        value = value[int(name)] if name.isdigit() else value[name]
    return value


def _is_of(thing: str, table: str) -> bool:
    collection = THINGS[thing].rpartition("/")[2]
    tables = {
        "usergroups": ("user_groups",),
        "adminusers": ("users",),
        "bundles": ("products",),
        "options": ("spec_options",),
        "approvalrules": ("approval_rules",) if "/" in THINGS[thing] else ("seller_approval_rules",),
        "creditcards": ("credit_cards",),
        "spendingaccounts": ("spending_accounts",),
        "inventoryrecords": ("inventory_records",),
        "priceschedules": ("price_schedules",),
    }
    return table in tables.get(collection, (collection,))


def _reaches(thing: str, buyer: str) -> bool:
    """Whether rows of a buyer mean the thing; of what is the marketplace's all do."""
    return not THINGS[thing].startswith("buyers") or buyer in ("B", "new-B")


def _named(rows: list[dict[str, Any]], place: Place) -> list[tuple[str, list[str]]]:
    return [(row["its"], values_at(row, place)) for row in rows]
