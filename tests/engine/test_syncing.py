"""Which statements tell what of that which is synchronized, and that none of the house's writes it in silence (SYNC-4)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import entrepot
from entrepot.app.registry import registry
from entrepot.declare.entity import Entity
from entrepot.declare.synced import Thing
from entrepot.engine.feeding import Feeding, writes_of
from entrepot.engine.references import ReferenceGraph
from entrepot.engine.syncing import GONE, MANY, NAMED_BY_CALLER, SYNCED, Noted, Syncing
from entrepot.features.catalog.pricing.resources import PRICE_SCHEDULE
from entrepot.features.people.organizations.resources import SUPPLIER
from entrepot.kernel.sql import Sql

SYNCING = Syncing(registry())
ALL = frozenset(Thing)
UNTOLD = {
    "entrepot.app.demo.MOVE_PICTURES": "at the start of a demo, whose address is another one",
}
"""Statements that write what is synchronized and say nothing, and why."""
PARTS_OF_ITSELF = "what is a part of the thing goes with it"
COVERED = {
    ("products", "variants"): PARTS_OF_ITSELF,
    ("products", "product_assignments"): PARTS_OF_ITSELF,
    ("products", "product_suppliers"): PARTS_OF_ITSELF,
    ("products", "catalog_product_assignments"): PARTS_OF_ITSELF,
    ("products", "category_product_assignments"): PARTS_OF_ITSELF,
    ("products", "spec_product_assignments"): PARTS_OF_ITSELF,
    ("products", "inventory_records"): "no message tells of a record that is gone (SYNC-1)",
    ("orders", "line_items"): PARTS_OF_ITSELF,
    ("suppliers", "user_groups"): "only the groups of buyers are synchronized (SYNC-1)",
    ("specs", "spec_options"): PARTS_OF_ITSELF,
    ("specs", "spec_product_assignments"): "taken away before, by a statement that tells it",
    ("price_schedules", "product_assignments"): "taken away before, by a statement that tells it",
}
"""Pairs of tables of which the second one's rows go with those of the first without a sweep, and why."""


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE products SET audience = $2", None),
        (
            'UPDATE products t SET "Name" = $2 FROM x WHERE y',
            'UPDATE products t SET "Name" = $2 FROM x WHERE y RETURNING json_build_array(t."ID") AS synced_products',
        ),
        (
            "DELETE FROM products WHERE x",
            'DELETE FROM products WHERE x RETURNING json_build_array(products."ID") AS gone_products',
        ),
        (
            'DELETE FROM variants WHERE "A" = $1 RETURNING 1;',
            'DELETE FROM variants WHERE "A" = $1 RETURNING 1, json_build_array(variants."ProductID") AS synced_products',
        ),
        (
            "WITH w AS (SELECT 1) INSERT INTO product_suppliers AS s (a) SELECT 1 ON CONFLICT (a) DO UPDATE SET b = 1",
            (
                "WITH w AS (SELECT 1) INSERT INTO product_suppliers AS s (a) SELECT 1 ON CONFLICT (a) DO UPDATE SET b = 1"
                ' RETURNING json_build_array(s."ProductID") AS synced_products'
            ),
        ),
        (
            "UPDATE inventory_records SET a = 1",
            (
                'UPDATE inventory_records SET a = 1 RETURNING json_build_array(inventory_records."key") AS'
                ' synced_inventory_records, json_build_array(inventory_records."ProductID") AS synced_products'
            ),
        ),
        ('UPDATE users SET "LastActive" = $2, generation = 3', None),
        ("INSERT INTO specs (a) VALUES (1)", None),
        ("SELECT 1 FROM products FOR UPDATE", None),
    ],
)
def test_a_plain_statement_returns_what_it_has_written(sql: str, told: str | None) -> None:
    telling = SYNCING.of(sql, ALL)
    assert (None if telling is None else telling.text) == told
    assert telling is None or not telling.unnamed


def test_nothing_is_added_for_what_nobody_listens_to() -> None:
    assert SYNCING.of('UPDATE products SET "Name" = 1', frozenset({Thing.USERS})) is None
    telling = SYNCING.of("UPDATE inventory_records SET a = 1", frozenset({Thing.PRODUCTS}))
    assert telling is not None
    assert "synced_inventory_records" not in telling.text


def test_a_cte_that_writes_in_silence_is_found() -> None:
    silent = 'WITH w AS (UPDATE variants SET "Name" = 1) SELECT 1'
    found = SYNCING.of(silent, ALL)
    assert found is not None
    assert found.unnamed == ("variants",)
    for told in (
        f"{NAMED_BY_CALLER} {silent}",
        'WITH w AS (UPDATE variants SET "Name" = 1 RETURNING json_build_array("ProductID") AS synced_products) SELECT * FROM w',
    ):
        named = SYNCING.of(told, ALL)
        assert named is not None
        assert not named.unnamed


def statements() -> Iterator[tuple[str, str]]:
    """Every text of a statement in the source that writes."""
    for module in pkgutil.walk_packages(entrepot.__path__, "entrepot."):
        if "__main__" in module.name or ".migrations." in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, str) and writes_of(value):
                yield f"{module.name}.{name}", value


def test_no_statement_of_the_source_writes_what_is_synchronized_in_silence() -> None:
    """SYNC-4. One that does says in its own text what it has written, or is excused here."""
    silent = set()
    for name, sql in statements():
        telling = SYNCING.of(sql, ALL)
        if telling is not None and telling.unnamed:
            silent.add(name)
    assert silent == set(UNTOLD)


def deletion(graph: ReferenceGraph, entity: Entity) -> str:
    above = graph.parent_columns(entity.table)
    place = ("marketplace_id", *(f"above_{number}" for number in range(len(above))), "own")
    columns = ("marketplace_id", *above, entity.id_column)
    where = " AND ".join(f't."{column}" = :{name}' for column, name in zip(columns, place, strict=True))
    return graph.delete_statement(entity, Sql(where), place, ALL)


def test_renames_and_deletions_tell_of_all_rows_that_they_change() -> None:
    graph = ReferenceGraph.of(registry())
    for entity in registry().entities.values():
        rename = graph.rename_statement(entity.table, entity.id_column, ALL)
        delete = deletion(graph, entity)
        for sql in (rename, delete):
            telling = SYNCING.of(sql, ALL)
            assert telling is None or not telling.unnamed, sql
        plain = graph.rename_statement(entity.table, entity.id_column)
        assert SYNCED not in plain
        assert GONE not in plain
    of_supplier = deletion(graph, SUPPLIER)
    for column in ("gone_suppliers", "synced_products", "synced_specs", "synced_catalogs"):
        assert f"AS {column}{MANY}" in of_supplier
    assert "synced_products" in deletion(graph, PRICE_SCHEDULE)


def test_what_goes_along_with_a_deleted_row_is_swept_or_said_why_not() -> None:
    """What a foreign key deletes nobody can name afterwards."""
    going = Feeding(registry()).going_along
    silent = set()
    for entity in registry().entities.values():
        swept = {table for sweep in entity.sweeps for table in sweep.tables}
        below = going.get(entity.table, frozenset()) & set(SYNCING.synced)
        if _can_be_deleted(entity):
            silent |= {(entity.table, each) for each in below - swept}
    assert silent == set(COVERED)


def _can_be_deleted(entity: Entity) -> bool:
    return any(
        operation.verb == "DELETE" and operation.table == entity.table
        for operation in registry().operations.values()
    )


async def test_what_is_noted_comes_once_each_in_its_order() -> None:
    noted = Noted()
    assert not noted
    await noted.note_rows([{"a": 1, "synced_products": '["b"]'}, {"a": 2, "synced_products": '["a"]'}])
    await noted.note_rows([{"synced_products__c1": ['["a"]', None, '["c"]'], "gone_buyers__d": None}])
    await noted.note_rows([{"synced_orders": None}])
    assert noted
    assert list(noted.changed[Thing.PRODUCTS]) == [("b",), ("a",), ("c",)]
    assert not noted.gone.get(Thing.BUYERS)
