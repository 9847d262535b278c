"""An order that promotions look at, and its totals under their discounts (AMT-4, AMT-5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from entrepot.domain.expressions.budget import Budget
from entrepot.domain.expressions.environment import Environment, ProductCategories, Record
from entrepot.domain.promotions.terms import Reduction

CHARGES = ("ShippingCost", "TaxCost", "Gratuity", "Fees")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """An order with its lines in their wire form (domain/expressions/environment.py), whatever their discounts are.

    seller_id: the ID of the marketplace's owner.
    """

    order: Record
    lines: Sequence[Record]
    now: datetime
    seller_id: str = ""
    categories: Mapping[str, ProductCategories] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)

    def environment(self, rows: Sequence[Reduction]) -> Environment:
        """What expressions see while these rows are on the order (AMT-6). A step for each line, which is copied."""
        self.budget.spend(len(self.lines))
        by_line: dict[str | None, Decimal] = defaultdict(Decimal)
        for row in rows:
            by_line[row.line_item_id] += row.amount
        lines = []
        for line in self.lines:
            discount = by_line[line["ID"]]
            net = line_ceiling(line) - discount
            lines.append({**line, "PromotionDiscount": discount, "LineTotal": net})
        discount = sum((row.amount for row in rows), Decimal(0))
        order = {**self.order, "PromotionDiscount": discount, "Total": self.ceiling - discount}
        return Environment(
            now=self.now, order=order, items=lines, categories=self.categories, budget=self.budget
        )

    @property
    def ceiling(self) -> Decimal:
        """What all rows together cannot exceed: the order without promotions."""
        charges = sum((money(self.order.get(name)) for name in CHARGES), Decimal(0))
        return money(self.order.get("Subtotal")) - money(self.order.get("BaseDiscount")) + charges


def line_ceiling(line: Record) -> Decimal:
    """What the rows of one line together cannot exceed."""
    return money(line.get("LineSubtotal")) - money(line.get("BaseDiscount"))


def money(value: Any) -> Decimal:
    """A wire number; null is nothing."""
    return Decimal(0) if value is None else Decimal(value)
