"""The things of a run, slice by slice: by the name of the last one that was told, so that nothing is held in memory (SYNC-7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from entrepot.domain.orders.status import DRAFT
from entrepot.engine.call import Database
from entrepot.engine.statements import texts
from entrepot.engine.syncing import Name
from entrepot.engine.wire.json import load
from entrepot.features.trade.synchronization import kinds
from entrepot.kernel.sql import Sql

START = {"bigint": "0", "citext": ""}
CATALOG = Sql("""
  AND (:first::citext IS NULL OR EXISTS (
    SELECT 1 FROM catalog_product_assignments a
    WHERE a.marketplace_id = :marketplace_id AND a."CatalogID" = :first::citext
      AND a."ProductID" IN (t."ID", t."ParentID")))
  AND (:second::citext IS NULL OR EXISTS (
    SELECT 1 FROM category_product_assignments a
    WHERE a.marketplace_id = :marketplace_id AND a."CatalogID" = :first::citext
      AND a."CategoryID" = :second::citext AND a."ProductID" IN (t."ID", t."ParentID")))""")
SUBMITTED = Sql(f"""
  AND t."Status" NOT IN ({texts(DRAFT)}) AND (:first::timestamptz IS NULL OR t."DateSubmitted" >= :first::timestamptz)
  AND (:second::timestamptz IS NULL OR t."DateSubmitted" <= :second::timestamptz)""")


def _slice(table: str, column: str, type_: str, where: str = "") -> tuple[str, str, str]:
    """The rows after one, how many there are, and what the first one comes after."""
    condition = f"FROM {table} t WHERE t.marketplace_id = :marketplace_id{where}"
    rows = Sql(
        f'SELECT json_build_array(t."{column}") {condition} AND t."{column}" > :after::text::{type_}'
        f' ORDER BY t."{column}" LIMIT :most'
    )
    count = Sql(f"SELECT count(*) {condition}")
    more = ("first", "second") if ":first" in where else ()
    return (
        rows.bound("marketplace_id", "after", "most", *more),
        count.bound("marketplace_id", *more),
        START[type_],
    )


ID, KEY = ("ID", "citext"), ("key", "bigint")
SLICES: Mapping[kinds.SyncKind, tuple[str, str, str]] = {
    kinds.PRODUCTS: _slice("products", *ID, CATALOG),
    kinds.ORDERS: _slice("orders", *KEY, SUBMITTED),
    kinds.ADMIN_USERS: _slice("users", *KEY, ' AND t."BuyerID" IS NULL AND t."SupplierID" IS NULL'),
    kinds.BUYER_USERS: _slice("users", *KEY, ' AND t."BuyerID" IS NOT NULL'),
    kinds.SUPPLIER_USERS: _slice("users", *KEY, ' AND t."SupplierID" IS NOT NULL'),
    kinds.BUYERS: _slice("buyers", *ID),
    kinds.USER_GROUPS: _slice("user_groups", *KEY, ' AND t."BuyerID" IS NOT NULL'),
    kinds.SUPPLIERS: _slice("suppliers", *ID),
    kinds.CATALOGS: _slice("catalogs", *ID),
}
"""They take the marketplace, after which, how many, and the parameters of the run, where it takes any."""
CATEGORIES = """
SELECT json_build_array(t."CatalogID", t."ID") FROM categories t
WHERE t.marketplace_id = $1 AND (t."CatalogID", t."ID") > ($2::text::citext, $4::text::citext)
ORDER BY t."CatalogID", t."ID" LIMIT $3
"""
WITH_RECORDS = """
SELECT json_build_array(t."ProductID") FROM inventory_records t
WHERE t.marketplace_id = $1 AND t."ProductID" > $2::text::citext GROUP BY t."ProductID" ORDER BY t."ProductID" LIMIT $3
"""
COUNT_CATEGORIES = "SELECT count(*) FROM categories WHERE marketplace_id = $1"
COUNT_WITH_RECORDS = 'SELECT count(DISTINCT "ProductID") FROM inventory_records WHERE marketplace_id = $1'
HELD = """
DELETE FROM held_syncs h WHERE h.marketplace_id = $1 AND h.setting = $2 AND h.name = ANY(ARRAY(
    SELECT n.name FROM held_syncs n WHERE n.marketplace_id = $1 AND n.setting = $2 ORDER BY n.name LIMIT $3 FOR UPDATE))
RETURNING h.name
"""
FOLLOWED = """
SELECT json_build_array(t."ID") FROM products t
WHERE t.marketplace_id = $1 AND t."ID" > $2::text::citext AND (
    t."ID" = ANY($4::citext[]) OR t."ParentID" = ANY($4::citext[])
    OR t."DefaultPriceScheduleID" = ANY($6::citext[]) OR t.inherited_price_schedule = ANY($6::citext[])
    OR EXISTS (SELECT 1 FROM spec_product_assignments a
        WHERE a.marketplace_id = $1 AND a."ProductID" IN (t."ID", t."ParentID") AND a."SpecID" = ANY($5::citext[]))
    OR EXISTS (SELECT 1 FROM product_assignments a
        WHERE a.marketplace_id = $1 AND a."ProductID" IN (t."ID", t."ParentID")
          AND (a."PriceScheduleID" = ANY($6::citext[]) OR a.group_key = ANY($7::bigint[])))
    OR EXISTS (SELECT 1 FROM product_suppliers a
        WHERE a.marketplace_id = $1 AND a."ProductID" IN (t."ID", t."ParentID")
          AND a."DefaultPriceScheduleID" = ANY($6::citext[])))
ORDER BY t."ID" LIMIT $3
"""
"""What an event changes that changes very much: $4 products, $5 specs, $6 price schedules, $7 groups."""


async def count_all(db: Database, marketplace_id: int, kind: kinds.SyncKind, arguments: Sequence[Any]) -> int:
    """How many things a full run has."""
    if kind in SLICES:
        sql, more = SLICES[kind][1], _taken(kind, arguments)
    else:
        sql, more = (COUNT_CATEGORIES if kind is kinds.CATEGORIES else COUNT_WITH_RECORDS), ()
    found: int = await db.fetchval(sql, marketplace_id, *more)
    return found


async def all_after(
    db: Database,
    marketplace_id: int,
    kind: kinds.SyncKind,
    place: Sequence[Any] | None,
    most: int,
    arguments: Sequence[Any],
) -> list[Name]:
    """The next things of a full run; of inventory records the products that have some."""
    if kind is kinds.CATEGORIES:
        catalog, category = place or ("", "")
        rows = await db.fetch(CATEGORIES, marketplace_id, catalog, most, category)
    elif kind is kinds.INVENTORY_RECORDS:
        rows = await db.fetch(WITH_RECORDS, marketplace_id, place[0] if place else "", most)
    else:
        sql, _, first = SLICES[kind]
        after = str(place[0]) if place else first
        rows = await db.fetch(sql, marketplace_id, after, most, *_taken(kind, arguments))
    return [tuple(load(row[0])) for row in rows]


async def held(db: Database, marketplace_id: int, kind: kinds.SyncKind, most: int) -> list[Name]:
    """Some of what is held, no longer held then."""
    rows = await db.fetch(HELD, marketplace_id, kind.setting, most)
    return [tuple(load(text)) for text in sorted(row["name"] for row in rows)]


async def followed(
    db: Database, marketplace_id: int, place: Sequence[Any] | None, most: int, parameters: Mapping[str, Any]
) -> list[Name]:
    """The next products of those that have what has changed."""
    wanted = (parameters.get(name, []) for name in ("products", "specs", "price_schedules", "parties"))
    rows = await db.fetch(FOLLOWED, marketplace_id, place[0] if place else "", most, *wanted)
    return [tuple(load(row[0])) for row in rows]


def _taken(kind: kinds.SyncKind, arguments: Sequence[Any]) -> Sequence[Any]:
    return arguments if kind in (kinds.PRODUCTS, kinds.ORDERS) else ()
