"""Which writes raise which epoch: read from the statements, from the declarations, and from what is remembered."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from entrepot.app.registry import registry
from entrepot.declare.feeds import Feed
from entrepot.engine.feeding import Feeding, Write, writes_of
from entrepot.features.catalog.audience import shopper
from entrepot.features.catalog.catalogs.resources import CATEGORY
from entrepot.features.catalog.products.resources import PRODUCT
from entrepot.features.catalog.shopping import products, sources
from entrepot.features.people import company_gifts
from entrepot.features.people.credentials import authenticator
from entrepot.features.people.faults import striking
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import define_tables

TABLES = define_tables(registry()).tables
FEEDING = Feeding(registry())
NAMED = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)\b(?:\s+(?:AS\s+)?([a-z]+)\b)?", re.IGNORECASE)
READ_ANEW = {
    "addresses": "a shopper's lists by ShipFromAddressID are found each time",
    "inventory_records": "so are those by InventoryRecords",
    "inventory_record_assignments": "and which of them are meant for whom",
    "variants": "as stock is, by variants, too",
    "price_schedules": "and those by PriceSchedule",
    "product_suppliers": "and by the prices of a supplier's",
    "suppliers": "and by the prices of a supplier's",
    "supplier_buyers": "and by the prices of a supplier's",
    "catalog_epochs": "it is the epoch",
    "security_epochs": "it is the epoch",
}
UNCHANGING = {"marketplace_id", "key", "number", "user_key", "group_key"}


def written(sql: str) -> list[str]:
    """`UPDATE t: a b` of each write, `*` for columns that the text does not tell."""
    return [_shown(write) for write in writes_of(sql)]


def _shown(write: Write) -> str:
    columns = "*" if write.columns is None else " ".join(sorted(write.columns))
    return f"{write.kind} {write.table}" + (f": {columns}" if write.kind == "UPDATE" else "")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1 FROM t FOR NO KEY UPDATE", []),
        ("SELECT 1 FROM t FOR UPDATE OF t SKIP LOCKED", []),
        ('UPDATE t SET "A" = $1, b = (SELECT x FROM y WHERE z = 1), c = 2 WHERE d = 1', ["UPDATE t: A b c"]),
        ("UPDATE t AS x SET a = b IS DISTINCT FROM c, d = ', e = ' FROM f", ["UPDATE t: a d"]),
        ("UPDATE t x SET (a, b) = (1, 2)", ["UPDATE t: *"]),
        ("update only t set a = 1", ["UPDATE t: a"]),
        ("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING", ["INSERT t"]),
        ("INSERT INTO t (a) SELECT 1 ON CONFLICT (a) DO UPDATE SET b = 1", ["INSERT t", "UPDATE t: b"]),
        (
            (
                "WITH g AS (DELETE FROM t a WHERE a.x = 1 RETURNING x), u AS (UPDATE s SET b = 1 RETURNING 1) "
                "INSERT INTO r SELECT x FROM g"
            ),
            ["DELETE t", "UPDATE s: b", "INSERT r"],
        ),
    ],
)
def test_what_a_statement_writes(sql: str, expected: list[str]) -> None:
    assert written(sql) == expected


@pytest.mark.parametrize(
    ("sql", "raised"),
    [
        ('UPDATE products SET "Inventory" = $2', ""),
        ('UPDATE products SET "Inventory" = $2, "Name" = $3', "CATALOG"),
        ("UPDATE products SET audience = $2", "CATALOG"),
        ("INSERT INTO products (a) VALUES (1)", ""),
        ("DELETE FROM products WHERE a", "CATALOG"),
        ('UPDATE price_schedules SET "PriceBreaks" = $2', ""),
        ('UPDATE users SET "LastActive" = $2', ""),
        ("UPDATE users SET generation = generation + 1", "SECURITY"),
        ("DELETE FROM users", "CATALOG SECURITY"),
        ("INSERT INTO user_group_members (a) VALUES (1)", "CATALOG"),
        ("DELETE FROM user_groups", "CATALOG SECURITY"),
        ("INSERT INTO orders (a) VALUES (1)", ""),
    ],
)
def test_what_a_statement_raises(sql: str, raised: str) -> None:
    """What goes along with a deleted row counts, too."""
    assert " ".join(sorted({each.feed.name for _, each in FEEDING.of(sql).feeds})) == raised


def test_what_goes_along_with_a_deleted_row_is_what_the_foreign_keys_say() -> None:
    direct: dict[str, set[str]] = {}
    for table in TABLES.values():
        for key in table.foreign_key_constraints:
            if key.ondelete == "CASCADE" and key.referred_table.name != "marketplaces":
                direct.setdefault(key.referred_table.name, set()).add(table.name)
    fed = set(FEEDING.feeds)
    going: dict[str, frozenset[str]] = dict(FEEDING.going_along)
    for name, below in direct.items():
        found: set[str] = set()
        due = set(below)
        while due:
            found |= due
            due = {each for one in due for each in direct.get(one, ())} - found
        assert going.get(name, frozenset()) & fed == found & fed, name


def remembered() -> Iterator[tuple[Feed, str, str]]:
    """The statements whose outcome is remembered, and what else it depends on."""
    yield Feed.CATALOG, "shopper", shopper.READ
    for seller in ("owner", "marketplace", "supplier"):
        for placed in (True, False):
            form = sources.Form(seller, in_catalog=True, few=True, placed=placed)
            yield Feed.CATALOG, f"list {form}", " ".join(_texts(sources.source(form)))
    yield Feed.CATALOG, "count", sources.COUNT
    yield Feed.CATALOG, "count in catalog", sources.COUNT_IN_CATALOG
    yield Feed.SECURITY, "caller", authenticator.STANDING
    yield Feed.SECURITY, "caller with ties", authenticator.STANDING_OF_TIES
    yield Feed.SECURITY, "faults", striking.RULES
    for kind, sql in company_gifts.READ.items():
        yield Feed.SECURITY, f"gifts of {kind}", sql


def _texts(source: Source) -> Iterator[str]:
    parts: list[sa.ClauseElement] = [sa.select(sa.text("1")).select_from(source.table)]
    parts += [*source.columns, *source.fields.values(), *source.where, *source.sorts.values()]
    yield from (_text(part) for part in parts)
    if source.facets is not None:
        yield f"FROM {source.facets.name}"
    for collection in source.collections.values():
        yield from _texts(collection.source)
        yield _text(collection.on)


def _text(part: sa.ClauseElement) -> str:
    return str(part.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(("feed", "what", "sql"), list(remembered()), ids=lambda each: str(each)[:40])
def test_whatever_is_remembered_is_declared_to_feed(feed: Feed, what: str, sql: str) -> None:
    """Every table that such a statement reads, and every column where it names one."""
    named = {(table, alias) for table, alias in NAMED.findall(sql) if table in TABLES}
    assert named, what
    for table, alias in named:
        feeds = [each for each in FEEDING.feeds.get(table, ()) if each.feed is feed]
        assert feeds or table in READ_ANEW, (what, table)
        for each in feeds:
            if each.columns is not None and alias and alias.upper() not in {"ON", "WHERE", "LEFT", "ORDER"}:
                read = set(re.findall(rf'\b{alias}\."?(\w+)"?', sql))
                read &= set(TABLES[table].columns.keys())
                assert read <= {*each.columns, *UNCHANGING}, (what, table, read)


def test_what_no_epoch_tells_of_is_found_each_time() -> None:
    """Properties whose columns are quiet, and those that come from elsewhere."""
    assert set(products.FLEETING) == {"Inventory", "PriceSchedule", "ShipFromAddressID"}
    assert PRODUCT.feeds[0].quiet
    assert CATEGORY.feeds[0].columns
