"""What a look at promotions has found (features/trade/orders/promotions/terms.py reads it)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from entrepot.domain.expressions.uses import asks_for_categories
from entrepot.domain.promotions.terms import Promotion, Usage

Values = dict[str, Any]


@dataclass(slots=True)
class Terms:
    """Promotions by ID: `values` as they are stored, `usages` of other orders. Those on the order are `present`."""

    promotions: dict[str, Promotion] = field(default_factory=dict)
    values: dict[str, Values] = field(default_factory=dict)
    usages: dict[str, Usage] = field(default_factory=dict)
    present_ids: frozenset[str] = frozenset()

    @property
    def present(self) -> list[Promotion]:
        """Those that are on the order."""
        return [each for key, each in self.promotions.items() if key in self.present_ids]

    @property
    def candidates(self) -> list[Promotion]:
        """Those that are not."""
        return [each for key, each in self.promotions.items() if key not in self.present_ids]

    @property
    def asks_for_categories(self) -> bool:
        """Whether an expression calls a function of categories."""
        return any(
            asks_for_categories(each[name] or "")
            for each in self.values.values()
            for name in ("EligibleExpression", "ValueExpression")
        )
