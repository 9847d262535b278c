"""The SQL of what a shopper sees of stock (IRC-3, IRC-4): the sum of the records that are meant for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg

from entrepot.engine.wire.json import load
from entrepot.kernel.sql import Sql


def is_meant(record: str, groups: str = ":groups") -> Sql:
    """That a row of inventory records is meant for a shopper of `:buyer` and groups (IRC-4)."""
    return Sql(f"""({record}."AllowAllBuyers" OR EXISTS (
    SELECT 1 FROM inventory_record_assignments ra
    WHERE ra.marketplace_id = :marketplace_id AND ra.record_key = {record}.key AND ra."BuyerID" = CAST(:buyer AS citext)
      AND (ra.group_key IS NULL OR ra.group_key = ANY(CAST({groups} AS bigint[])))))""")


SUM = Sql(f'coalesce(sum(r."QuantityAvailable") FILTER (WHERE {is_meant("r")}), 0)')


def of_variant(variant: str) -> Sql:
    """The SELECT of the sum of a row of variants; null for one without records."""
    return Sql(f"""
SELECT CAST({SUM} AS bigint) FROM inventory_records r
WHERE r.marketplace_id = :marketplace_id AND r."ProductID" = {variant}."ProductID" AND r."VariantID" = {variant}."ID"
HAVING count(*) > 0
""")


OF_VARIANTS = Sql(f"""
SELECT CAST(sum(coalesce(({of_variant("v")}),
                         CAST(v."Inventory" ->> 'QuantityAvailable' AS bigint))) AS bigint)
FROM variants v WHERE v.marketplace_id = :marketplace_id AND v."ProductID" = t."ID"
""")
HAS_RECORDS = Sql(
    """EXISTS (SELECT 1 FROM inventory_records r WHERE r.marketplace_id = :marketplace_id AND r."ProductID" = t."ID")"""
)
QUANTITY = f"""
CASE WHEN t."Inventory" IS NOT NULL THEN (
    SELECT CASE WHEN bool_or(r."VariantID" IS NOT NULL) THEN ({OF_VARIANTS}) ELSE CAST({SUM} AS bigint) END
    FROM inventory_records r WHERE r.marketplace_id = :marketplace_id AND r."ProductID" = t."ID"
    HAVING count(*) > 0) END"""
"""Null for a product without records: what its Inventory says holds for everybody."""
QUANTITY_OF_VARIANT = of_variant("t")


def show_quantity(item: dict[str, Any], row: Mapping[str, Any] | asyncpg.Record) -> None:
    """Put the shopper's sum, which the row has as `_quantity`, into the Inventory of a rendered item."""
    quantity = row["_quantity"]
    if quantity is not None and row["Inventory"] is not None:
        item["Inventory"] = load(row["Inventory"]) | {"QuantityAvailable": quantity}
