"""What the promotions on an order take off it and its lines (AMT-4, AMT-5, RCL-2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from entrepot.domain.promotions.amounts import clamped
from entrepot.domain.promotions.basket import Basket
from entrepot.domain.promotions.terms import Reduction
from entrepot.features.trade.orders.store import Loaded

Values = dict[str, Any]
NOTHING = Decimal(0)


def rows_of(loaded: Loaded) -> tuple[Reduction, ...]:
    """What the order has, for the arithmetic."""
    return tuple(
        Reduction(row["PromotionID"], row["LineItemID"], row["Amount"], row["AmountOverridden"])
        for row in loaded.promotions
    )


def put_rows(
    loaded: Loaded, rows: Iterable[Reduction], now: datetime, codes: Mapping[str, str | None] | None = None
) -> None:
    """Give the order these rows. Promotions that are new on it are applied `now`; `codes`: by ID, the generated codes
    that brought them.
    """
    old = {(row["PromotionID"], row["LineItemID"]): row for row in loaded.promotions}
    its: Values = {row["PromotionID"]: row for row in loaded.promotions}
    made = []
    for position, row in enumerate(rows):
        before = its.get(row.promotion_id)
        kept = old.get((row.promotion_id, row.line_item_id)) or {
            "PromotionID": row.promotion_id,
            "LineItemID": row.line_item_id,
            "DateApplied": before["DateApplied"] if before else now,
            "code": before["code"] if before else (codes or {}).get(row.promotion_id),
            "terms": before["terms"] if before else None,
            "redeemer_key": before["redeemer_key"] if before else None,
        }
        made.append(kept | {"Amount": row.amount, "AmountOverridden": row.overridden, "position": position})
    loaded.promotions = made


def cut_rows(loaded: Loaded) -> Decimal:
    """RCL-2: rows of lines that are gone go, the others are cut to what the order allows; `Subtotal` and `BaseDiscount`
    are right by now. Puts the discount on every line, and answers with what is taken off the order as a whole.
    """
    by_line: dict[str | None, Decimal] = defaultdict(Decimal)
    if loaded.promotions:
        order = loaded.order
        basket = Basket(order=order, lines=loaded.lines, now=order["LastUpdated"])
        left = {(row.promotion_id, row.line_item_id): row for row in clamped(basket, rows_of(loaded))}
        kept = []
        for row in loaded.promotions:
            cut = left.get((row["PromotionID"], row["LineItemID"]))
            if cut is not None:
                by_line[cut.line_item_id] += cut.amount
                kept.append(row if cut.amount == row["Amount"] else row | {"Amount": cut.amount})
        loaded.promotions = kept
    for line in loaded.lines:
        line["PromotionDiscount"] = by_line.get(line["ID"], NOTHING)
    return by_line[None]


def rename_line(loaded: Loaded, old: str, new: str) -> None:
    """The rows of a line go with its new ID (LI-2)."""
    loaded.promotions = [
        row | {"LineItemID": new} if row["LineItemID"] == old else row for row in loaded.promotions
    ]
