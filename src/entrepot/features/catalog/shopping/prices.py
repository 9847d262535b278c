"""The SQL of the price schedule that a shopper gets for a product `t` (PRC-1, PRC-2), as a JSON object or null.

domain/pricing/resolution.py says the same without SQL. A rank is that of the rule, plus 10 for the prices of a supplier
from whom nobody orders, plus 20 for the parent's.
"""

from __future__ import annotations

from typing import Literal

from entrepot.features.people.moment_text import moment_text

Seller = Literal["owner", "marketplace", "marketplace_first", "supplier"]
"""Whose prices: those of each product's own owner; the marketplace owner's alone; these and, failing them, those of a
product's own supplier, as on an order to the marketplace; those of the supplier `:seller`."""

IS_ON_SALE = """ps.has_sale_price AND (ps."SaleStart" IS NULL OR ps."SaleStart" <= :now)
    AND (ps."SaleEnd" IS NULL OR ps."SaleEnd" > :now)"""
SPECIAL = {
    "SaleStart": moment_text('ps."SaleStart"'),
    "SaleEnd": moment_text('ps."SaleEnd"'),
    "IsOnSale": IS_ON_SALE,
}
NAMES = (
    "OwnerID",
    "ID",
    "Name",
    "ApplyTax",
    "ApplyShipping",
    "MinQuantity",
    "MaxQuantity",
    "UseCumulativeQuantity",
    "RestrictedQuantity",
    "PriceBreaks",
    "Currency",
    "SaleStart",
    "SaleEnd",
    "IsOnSale",
    "xp",
)
OBJECT = ", ".join(f"'{name}', " + SPECIAL.get(name, f'ps."{name}"') for name in NAMES)
ASSIGNED = """
        SELECT a."PriceScheduleID" AS id, CASE WHEN a.group_key IS NULL THEN 2 ELSE 1 END + {step}
               + CASE WHEN a."ProductID" = t."ID" THEN 0 ELSE 20 END AS rank
        FROM product_assignments a
        WHERE a.marketplace_id = :marketplace_id AND a."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
          AND a."BuyerID" = CAST(:buyer AS citext) AND a."PriceScheduleID" IS NOT NULL AND {of_seller}
          AND (a.group_key IS NULL OR a.group_key = ANY(CAST(:groups AS bigint[])))"""
RELATED = """
        UNION ALL
        SELECT r."DefaultPriceScheduleID", {step} + CASE WHEN r."ProductID" = t."ID" THEN 3 ELSE 23 END
        FROM product_suppliers r
        WHERE r.marketplace_id = :marketplace_id AND r."ProductID" = ANY(ARRAY[t."ID", t."ParentID"])
          AND r."SupplierID" = {supplier}"""
DEFAULTS = """
        UNION ALL
        SELECT t."DefaultPriceScheduleID", 4
        UNION ALL
        SELECT pp."DefaultPriceScheduleID", 24 FROM products pp
        WHERE pp.marketplace_id = :marketplace_id AND pp."ID" = t."ParentID\""""


def price(seller: Seller) -> str:
    """SELECT of the price schedule. Parameters: marketplace_id, buyer, groups, currency, now; seller for a supplier,
    marketplace, the marketplace owner's ID, for owners.
    """
    match seller:
        case "owner":
            owner = """a."SellerID" IS NOT DISTINCT FROM NULLIF(t."OwnerID", CAST(:marketplace AS citext))"""
            assigned = ASSIGNED.format(step="0", of_seller=owner)
            related = RELATED.format(step="0", supplier='t."OwnerID"')
        case "marketplace_first":
            step = 'CASE WHEN a."SellerID" IS NULL THEN 0 ELSE 10 END'
            assigned = ASSIGNED.format(
                step=step, of_seller='(a."SellerID" IS NULL OR a."SellerID" = t."OwnerID")'
            )
            related = RELATED.format(step="10", supplier='t."OwnerID"')
        case "marketplace":
            assigned, related = ASSIGNED.format(step="0", of_seller='a."SellerID" IS NULL'), ""
        case "supplier":
            assigned = ASSIGNED.format(step="0", of_seller='a."SellerID" = CAST(:seller AS citext)')
            related = RELATED.format(step="0", supplier="CAST(:seller AS citext)")
    return f"""
SELECT json_build_object({OBJECT}) FROM (
    SELECT p.* FROM ({assigned}{related}{DEFAULTS}) candidate
    JOIN price_schedules p ON p.marketplace_id = :marketplace_id AND p."ID" = candidate.id
     AND p."Currency" IS NOT DISTINCT FROM CAST(:currency AS text)
    ORDER BY candidate.rank, p."ID" LIMIT 1) ps
"""


PLAIN_PRICE = f"""
SELECT json_build_object({OBJECT}) FROM price_schedules ps
WHERE ps.marketplace_id = :marketplace_id AND ps."Currency" IS NOT DISTINCT FROM CAST(:currency AS text)
  AND ps."ID" = coalesce((
    SELECT p."ID" FROM product_assignments a
    JOIN price_schedules p ON p.marketplace_id = :marketplace_id AND p."ID" = a."PriceScheduleID"
     AND p."Currency" IS NOT DISTINCT FROM CAST(:currency AS text)
    WHERE a.marketplace_id = :marketplace_id AND a."ProductID" = t."ID" AND a."BuyerID" = CAST(:buyer AS citext)
      AND a."SellerID" IS NULL AND (a.group_key IS NULL OR a.group_key = ANY(CAST(:groups AS bigint[])))
    ORDER BY a.group_key IS NULL, p."ID" LIMIT 1), t."DefaultPriceScheduleID")
"""
"""The same, at its owner's price, of a product of the marketplace owner's without a parent: of a single one in two thirds of the time."""


def paid(seller: Seller) -> str:
    """SELECT of the unit price that a shopper pays for the least quantity that it may order (PRC-4, PRC-5, PS-4); null without a
    price schedule. Discounts are beyond it.
    """
    return f"""
SELECT CASE WHEN CAST(s.schedule ->> 'IsOnSale' AS boolean) THEN coalesce(b."SalePrice", b."Price") ELSE b."Price" END
FROM ({price(seller)}) s(schedule),
     json_to_recordset(CASE WHEN json_typeof(s.schedule -> 'PriceBreaks') = 'array' THEN s.schedule -> 'PriceBreaks' END)
     AS b("Quantity" integer, "Price" numeric, "SalePrice" numeric),
     LATERAL (SELECT CASE WHEN CAST(s.schedule ->> 'RestrictedQuantity' AS boolean) THEN 0
                          ELSE coalesce(CAST(s.schedule ->> 'MinQuantity' AS integer), 1) END AS least) q
ORDER BY CASE WHEN b."Quantity" <= q.least THEN -b."Quantity" ELSE b."Quantity" END LIMIT 1
"""
