"""Discounts on the prices that shoppers see (DSC-2). Shoppers without discounts pay nothing for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Raw

from entrepot.domain.discounts.choice import discounted, percent_at
from entrepot.domain.discounts.terms import Discount
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.catalog.audience.discounts import Priced, read_offers
from entrepot.features.catalog.audience.shopper import Shopper

Values = dict[str, Any]

PRICES = ("Price", "SalePrice", "SubscriptionPrice", "BundlePrice")


async def with_discounts(call: Call, shopper: Shopper, items: list[Values]) -> list[Values]:
    """Products, whose properties are texts of JSON or values: `Discount` in the schedule, `Discounted` in each break that
    reaches a tier. One statement where a discount is scoped to a catalog or a category, else none.
    """
    if not shopper.discounts or not items:
        return items
    priced = [_priced(product) for product in items]
    offers = await read_offers(call, shopper.discounts, shopper.buyer, priced)
    for product, each in zip(items, priced, strict=True):
        schedule = product["PriceSchedule"] = _read(product["PriceSchedule"])
        breaks = (schedule or {}).get("PriceBreaks") or []
        best = offers.best(each, [row["Quantity"] for row in breaks]) if breaks else None
        if best is not None:
            schedule["Discount"] = {"ID": best.id, "Description": best.description}
            for row in breaks:
                _discount(row, best)
    return items


def _discount(row: Values, best: Discount) -> None:
    percent = percent_at(best, row["Quantity"])
    if percent > 0:
        prices = {name: _less(row.get(name), percent) for name in PRICES}
        row["Discounted"] = {**prices, "Percent": percent}


def _less(price: Any, percent: Decimal) -> Decimal | None:
    return None if price is None else discounted(Decimal(price), percent)


def _read(value: Any) -> Any:
    return load(bytes(value).decode()) if isinstance(value, Raw) else value


def _priced(product: Values) -> Priced:
    return Priced(_read(product["ID"]), _read(product["ParentID"]), _read(product["xp"]))
