"""Which stock the lines of an order draw on, and whether it suffices (INV-1, IRC-5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["record", "variant", "product"]


@dataclass(frozen=True, slots=True)
class Stock:
    """A counted quantity: of an inventory record, a variant or a product."""

    level: Level
    product_id: str
    id: str
    """The key of a record, whose ID may be that of another variant's record, too; the ID of a variant; of the product
    once more.
    """
    available: int
    can_exceed: bool = False

    @property
    def key(self) -> tuple[Level, str, str]:
        """What lines that draw on the same stock have in common."""
        return self.level, self.product_id.lower(), self.id.lower()


@dataclass(frozen=True, slots=True)
class Draw:
    """What a line takes. `stock` is null where nothing is counted."""

    line_id: str
    product_id: str
    variant_id: str | None
    quantity: int
    stock: Stock | None


@dataclass(frozen=True, slots=True)
class Shortage:
    """That a line asks for more than there is; the quantities are those of the whole stock."""

    line_id: str
    product_id: str
    variant_id: str | None
    available: int
    requested: int

    @property
    def data(self) -> dict[str, object]:
        """The Data of Inventory.Insufficient."""
        return {
            "LineItemID": self.line_id,
            "ProductID": self.product_id,
            "VariantID": self.variant_id,
            "QuantityAvailable": self.available,
            "QuantityRequested": self.requested,
        }


def requested(draws: Iterable[Draw]) -> dict[tuple[Level, str, str], tuple[Stock, int]]:
    """How much of each stock all lines together take (summing is inferred)."""
    sums: dict[tuple[Level, str, str], int] = defaultdict(int)
    stocks = {}
    for draw in draws:
        if draw.stock is not None:
            sums[draw.stock.key] += draw.quantity
            stocks[draw.stock.key] = draw.stock
    return {key: (stocks[key], quantity) for key, quantity in sums.items()}


def shortages(draws: Iterable[Draw]) -> list[Shortage]:
    """The lines whose stock does not suffice, in the order of the lines."""
    draws = list(draws)
    sums = requested(draws)
    found = []
    for draw in draws:
        if draw.stock is None or draw.stock.can_exceed:
            continue
        _, wanted = sums[draw.stock.key]
        if wanted > draw.stock.available:
            found.append(
                Shortage(draw.line_id, draw.product_id, draw.variant_id, draw.stock.available, wanted)
            )
    return found
