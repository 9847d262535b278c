"""What promotions say, read for one order: their terms, how often they have been used, whom they reach (ADD-1, LIM-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import asyncpg

from entrepot.domain.expressions.compile import read_eligible_expression, read_expression
from entrepot.domain.expressions.environment import Environment
from entrepot.domain.expressions.uses import Use
from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.terms import Promotion, Usage
from entrepot.engine.call import Call
from entrepot.engine.rows import from_row
from entrepot.engine.statements import quoted
from entrepot.features.trade.orders.companies import buyer_of
from entrepot.features.trade.orders.environment import environment_of
from entrepot.features.trade.orders.promotion_terms import Terms
from entrepot.features.trade.orders.store import Loaded
from entrepot.features.trade.promotions.reach import reaches
from entrepot.features.trade.promotions.resources import PROMOTION
from entrepot.kernel.clock import parse_datetime
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

NAMES = tuple(column.name for column in PROMOTION.model.__columns__.values())
DATES = ("StartDate", "ExpirationDate")
TERMS = f"""
SELECT {", ".join(f"t.{quoted(name)}" for name in NAMES)},
       CASE WHEN t."RedemptionLimitPerUser" IS NOT NULL THEN (
           SELECT count(DISTINCT u.order_key) FROM order_promotions u
           WHERE u.marketplace_id = :marketplace_id AND u."PromotionID" = t."ID" AND u.redeemer_key = :user_key AND u.order_key <> :order)
       END AS of_user,
       EXISTS (SELECT 1 FROM order_promotions h
               WHERE h.marketplace_id = :marketplace_id AND h."PromotionID" = t."ID" AND h.order_key = :order
                 AND h.redeemer_key IS NOT NULL) AS counted
FROM promotions t WHERE t.marketplace_id = :marketplace_id AND (t."ID" = ANY(:promotions::citext[]){{more}}) ORDER BY t."ID"
"""
"""`:order` with its `:user_key`, `:promotions` by ID; `more` may name the order's `:buyer`, and a `:code` or the time."""
REACHED = reaches(buyer=":buyer", user=":user_key")
WITH_THAT_CODE = """t."ID" IN (
    SELECT p."ID" FROM promotions p WHERE p.marketplace_id = :marketplace_id AND lower(p."Code") = lower(:code::citext::text)
    UNION ALL
    SELECT c."PromotionID" FROM promotion_codes c WHERE c.marketplace_id = :marketplace_id AND c."Code" = :code::citext)"""
GENERATED = """
SELECT c."PromotionID", c."Code", c."Redeemed" FROM promotion_codes c
WHERE c.marketplace_id = $1 AND c."Code" = $2
"""
IN_FORCE = """t."Active" AND (t."StartDate" IS NULL OR t."StartDate" <= :now)
    AND (t."ExpirationDate" IS NULL OR t."ExpirationDate" >= :now)"""
_OF_ORDER = ("marketplace_id", "order", "user_key", "promotions")
PRESENT = Sql(TERMS.format(more="")).bound(*_OF_ORDER)
BY_CODE = Sql(TERMS.format(more=f" OR {REACHED} AND {WITH_THAT_CODE}")).bound(*_OF_ORDER, "buyer", "code")
AUTOMATIC = Sql(TERMS.format(more=f' OR t."AutoApply" AND {IN_FORCE} AND {REACHED}')).bound(
    *_OF_ORDER, "buyer", "now"
)
OFFERED = Sql(TERMS.format(more=f" OR {IN_FORCE} AND {REACHED}")).bound(*_OF_ORDER, "buyer", "now")

MOST_EXPLAINED = 200
REACHING = TERMS.format(more=f' OR {REACHED} OR t."ID" = :wanted::citext').replace(
    "AS counted", f"AS counted, {REACHED} AS reached"
)
EXPLAINED = Sql(
    f"""SELECT x.* FROM ({REACHING}) x
WHERE :wanted::citext IS NULL OR x."ID" = :wanted::citext OR x."ID" = ANY(:promotions::citext[])
ORDER BY NOT (x."ID" = ANY(:promotions::citext[])), x."ID" LIMIT {MOST_EXPLAINED}"""
).bound(*_OF_ORDER, "buyer", "wanted")


async def present_terms(call: Call, loaded: Loaded) -> Terms:
    """Of what the order has. One statement, none for an order without promotions."""
    return await _read(call, loaded, PRESENT) if loaded.promotions else Terms()


async def terms_by_code(call: Call, loaded: Loaded, code: str) -> Terms:
    """And of what this code names and reaches the order's user (PROMO-9). One statement."""
    return await _read(call, loaded, BY_CODE, buyer_of(loaded.order), code)


async def automatic_terms(call: Call, loaded: Loaded) -> Terms:
    """And of what applies itself to orders of its user. One statement."""
    return await _read(call, loaded, AUTOMATIC, buyer_of(loaded.order), call.clock())


async def offered_terms(call: Call, loaded: Loaded) -> Terms:
    """And of all that is in force for the order's user. One statement."""
    return await _read(call, loaded, OFFERED, buyer_of(loaded.order), call.clock())


async def explained_terms(call: Call, loaded: Loaded, wanted: str | None) -> tuple[Terms, frozenset[str]]:
    """And of all that reaches the order's user, in force or not, MOST_EXPLAINED at the most; or of the one that is `wanted`, whether it
    does or not. With the IDs of those that do. One statement.
    """
    terms = await _read(call, loaded, EXPLAINED, buyer_of(loaded.order), wanted)
    reached = frozenset(key for key, values in terms.values.items() if values.pop("reached", False))
    return terms, reached


async def generated_code(call: Call, code: str) -> asyncpg.Record | None:
    """The `PromotionID`, `Code` and `Redeemed` of a code that a promotion has made; None for another code (GEN-1)."""
    return await call.db.fetchrow(GENERATED, call.marketplace_id, code)


async def basket_of(call: Call, loaded: Loaded, terms: Terms) -> Basket:
    """The order as promotions look at it. One statement where an expression asks for categories, else none."""
    seen = await environment_of(call, loaded, categories=terms.asks_for_categories)
    return basket(seen, call.principal.marketplace)


def basket(seen: Environment, seller_id: str) -> Basket:
    """The same of what expressions see. seller_id: the marketplace owner's."""
    return Basket(
        order=seen.order,
        lines=seen.items,
        now=seen.now,
        seller_id=seller_id,
        categories=seen.categories,
        budget=seen.budget,
    )


async def _read(call: Call, loaded: Loaded, sql: str, *more: Any) -> Terms:
    order = loaded.order
    here = {row["PromotionID"]: row for row in loaded.promotions}
    arguments = (loaded.key, order["user_key"], sorted(here))
    rows: list[asyncpg.Record] = []
    if not more or more[0] is not None:
        rows = await call.db.fetch(sql, call.marketplace_id, *arguments, *more)
    elif here:
        rows = await call.db.fetch(PRESENT, call.marketplace_id, *arguments)
    terms = Terms()
    for row in rows:
        values = from_row(PROMOTION, row)
        used = (values["RedemptionCount"] or 0) - values.pop("counted")
        terms.usages[values["ID"]] = Usage(used, values.pop("of_user") or 0)
        terms.values[values["ID"]] = values
    _keep_copies(terms, here.values())
    dates = {key.lower(): row["DateApplied"] for key, row in here.items()}
    for key, values in terms.values.items():
        terms.promotions[key] = as_promotion(values, dates.get(key.lower()))
    terms.present_ids = frozenset(key for key in terms.values if key.lower() in dates)
    return terms


def _keep_copies(terms: Terms, rows: Iterable[Values]) -> None:
    """What is gone, but still on an order that has been submitted: as the order has kept it (RCL-5)."""
    known = {key.lower() for key in terms.values}
    for row in rows:
        if row["PromotionID"].lower() not in known and row["terms"] is not None:
            terms.values[row["PromotionID"]] = from_copy(row)


def from_copy(row: Values) -> Values:
    """The stored values of a promotion from the copy in a row of an order."""
    values = {**row["terms"], "ID": row["PromotionID"], "Active": False}
    dates = {name: parse_datetime(values[name]) if values[name] else None for name in DATES}
    return values | dates


def as_promotion(values: Mapping[str, Any], date_applied: datetime | None) -> Promotion:
    """Stored values as the arithmetic takes them."""
    use = Use.LINE_PROMOTION if values["LineItemLevel"] else Use.ORDER_PROMOTION
    value = values["ValueExpression"]
    return Promotion(
        id=values["ID"],
        code=values["Code"] or "",
        eligible=_eligible(values["EligibleExpression"], use),
        value=None if value is None else read_expression(value, use),
        owner_id=values["OwnerID"] or "",
        line_item_level=values["LineItemLevel"],
        can_combine=values["CanCombine"],
        auto_apply=values["AutoApply"],
        active=values["Active"],
        priority=values["Priority"],
        start_date=values["StartDate"],
        expiration_date=values["ExpirationDate"],
        redemption_limit=values["RedemptionLimit"],
        redemption_limit_per_user=values["RedemptionLimitPerUser"],
        item_limit=values["ItemLimitPerOrder"],
        quantity_limit=values["QuantityLimitPerOrder"],
        item_sort_by=values["ItemSortBy"],
        date_applied=date_applied,
    )


_eligible = lru_cache(maxsize=4096)(read_eligible_expression)


def of_integration(promotions: Iterable[Promotion]) -> list[Promotion]:
    """Those that the promotion integration values."""
    return [each for each in promotions if each.value is None]
