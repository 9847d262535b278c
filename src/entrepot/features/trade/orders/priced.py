"""What pricing knows of the lines of an order: products, choices and prices as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from entrepot.domain.discounts.terms import Discount
from entrepot.domain.orders.choices import Choices, Spec
from entrepot.domain.orders.prices import Price, PricedLine
from entrepot.domain.pricing.breaks import Schedule
from entrepot.features.catalog.audience.discounts import Offers
from entrepot.features.trade.orders.rows import LineRow
from entrepot.kernel.errors import ApiError

Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedProduct:
    """A product as the order's user finds it now."""

    wire: Values
    """The LineItemProduct."""
    visible: bool
    sold: bool
    """Whether the company that the order goes to sells it."""
    active: bool
    is_parent: bool
    is_bundle: bool
    auto_forward: bool
    supplier: str | None
    inventory: Values | None
    has_records: bool
    variant_count: int
    ship_from: Values | None
    schedule_id: str | None
    schedule: Schedule | None
    specs: tuple[Spec, ...]


@dataclass(frozen=True, slots=True)
class OrderedVariant:
    """A variant as it is now."""

    wire: Values
    active: bool
    inventory: Values | None


@dataclass(slots=True)
class Facts:
    """By lower-case product ID; variants by product and combination of options."""

    products: dict[str, OrderedProduct] = field(default_factory=dict)
    variants: dict[tuple[str, frozenset[int]], OrderedVariant] = field(default_factory=dict)
    discounts: tuple[Discount, ...] = ()
    """Those that reach the order's user."""

    def product(self, product_id: str) -> OrderedProduct | None:
        """The product of this ID, in any case."""
        return self.products.get(product_id.lower())


@dataclass(frozen=True, slots=True)
class Known:
    """What pricing has read, by line ID where not said otherwise. `faults` are refusals of choices; such lines keep what they
    had. `offers`: the discounts that reach the order's user, with what they depend on; None where none does.
    """

    facts: Facts
    choices: Mapping[str, Choices] = field(default_factory=dict)
    faults: Mapping[str, ApiError] = field(default_factory=dict)
    offers: Offers | None = None

    def product(self, line: LineRow) -> OrderedProduct | None:
        """The product of a line as it is now; None for one that is gone."""
        return self.facts.product(line["ProductID"])

    def variant(self, line: LineRow) -> OrderedVariant | None:
        """The variant that the choices of a line pick."""
        found = self.choices.get(line["ID"])
        return None if found is None else self.facts.variants.get((line["ProductID"].lower(), found.variant))


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedOrder(Known):
    """And what has come of it for the lines."""

    lines: Mapping[str, PricedLine]
    prices: Mapping[str, Price | None]
