"""Promotions on orders as answers show them (ADD-5, PROMO-12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.engine.call import Call
from entrepot.engine.rows import from_row, renderer
from entrepot.engine.statements import quoted
from entrepot.features.trade.orders.models.promotions import OrderPromotion
from entrepot.features.trade.orders.store import Loaded
from entrepot.features.trade.promotions.resources import PROMOTION, Promotion

Values = dict[str, Any]

OF_ROW = ("Amount", "LineItemID", "AmountOverridden", "DateApplied")
NAMES = tuple(PROMOTION.model.__columns__)
LIVE = f"""
SELECT {", ".join(f"t.{quoted(name)}" for name in NAMES)} FROM promotions t
WHERE t.marketplace_id = $1 AND t."ID" = ANY($2::citext[])
"""
render_row = renderer(OrderPromotion).render
render_terms = renderer(Promotion).render


def shown_row(row: Mapping[str, Any], values: Mapping[str, Any] | None) -> Values:
    """A row as the wire shows it: with the order's copy of the promotion, else with the `values` that it has now."""
    facts: Values = {name: row[name] for name in OF_ROW}
    if row["terms"] is not None:
        item: Values = render_row(facts)
        return item | {name: row["terms"].get(name) for name in NAMES}
    code = {} if row["code"] is None else {"Code": row["code"]}
    shown: Values = render_row({**(values or {"ID": row["PromotionID"]}), **code, **facts})
    return shown


def copy_of(row: Mapping[str, Any], values: Mapping[str, Any]) -> Values:
    """The copy of a promotion that an order keeps: its wire form."""
    code = {} if row["code"] is None else {"Code": row["code"]}
    copied: Values = render_terms({**values, **code})
    return copied


async def shown_promotions(call: Call, loaded: Loaded) -> list[Values]:
    """All rows of an order, as ListPromotions and worksheets have them. One statement at most."""
    ids = sorted({row["PromotionID"] for row in loaded.promotions if row["terms"] is None})
    live: dict[str, Values] = {}
    if ids:
        for record in await call.db.fetch(LIVE, call.marketplace_id, ids):
            live[record["ID"]] = from_row(PROMOTION, record)
    return [shown_row(row, live.get(row["PromotionID"])) for row in loaded.promotions]
