"""A price schedule in its wire form as the rules of quantities and prices take it (domain/pricing/breaks.py)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from entrepot.domain.pricing.breaks import Break, Schedule
from entrepot.kernel.clock import parse_datetime


def as_schedule(wire: Mapping[str, Any]) -> Schedule:
    """The schedule of such an object."""
    start, end = wire["SaleStart"], wire["SaleEnd"]
    return Schedule(
        breaks=tuple(_break(each) for each in wire["PriceBreaks"] or ()),
        min_quantity=wire["MinQuantity"],
        max_quantity=wire["MaxQuantity"],
        restricted=wire["RestrictedQuantity"],
        cumulative=wire["UseCumulativeQuantity"],
        sale_start=None if start is None else parse_datetime(start),
        sale_end=None if end is None else parse_datetime(end),
    )


def _break(wire: Mapping[str, Any]) -> Break:
    special = (_decimal(wire[name]) for name in ("SalePrice", "SubscriptionPrice", "BundlePrice"))
    return Break(wire["Quantity"], Decimal(wire["Price"]), *special)


def _decimal(number: Any) -> Decimal | None:
    # Whole numbers come out of JSON as int.
    return None if number is None else Decimal(number)
