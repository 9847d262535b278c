"""Rules of price schedules (catalog spec section 9)."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import Any

from entrepot.domain.pricing.breaks import in_sale_period
from entrepot.engine.call import Call
from entrepot.features.catalog.pricing.in_use import check_uses, unassign
from entrepot.features.people.ownership import OwnedHooks
from entrepot.kernel.clock import parse_datetime
from entrepot.kernel.errors import (
    DuplicatePriceBreaksError,
    MinGreaterThanMaxError,
    PriceBreakQuantityError,
    SalePeriodError,
)

Values = dict[str, Any]


class PriceScheduleHooks(OwnedHooks):
    """Breaks in order and without doubles (PS-1), the sale (PS-6), ownership (ORG-4), what is in use (PS-2, PS-3)."""

    shows = ("has_sale_price",)

    def present(self, call: Call, item: Values) -> None:
        """PS-6: IsOnSale is as of now."""
        start, end = (_moment(item[name]) for name in ("SaleStart", "SaleEnd"))
        item["IsOnSale"] = item.pop("has_sale_price") and in_sale_period(start, end, call.clock())

    def normalise(self, values: Values, old: Values | None) -> None:
        super().normalise(values, old)
        breaks = values["PriceBreaks"] = sorted(values["PriceBreaks"], key=_quantity)
        values["has_sale_price"] = any(each["SalePrice"] is not None for each in breaks)

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        check_quantities(new)
        if new["SaleStart"] is not None and new["SaleEnd"] is not None and new["SaleStart"] >= new["SaleEnd"]:
            raise SalePeriodError
        if old is not None:
            await check_uses(call, old, new)

    async def check_delete(self, call: Call, old: Values) -> None:
        await super().check_delete(call, old)
        await unassign(call, old["ID"])


def check_quantities(schedule: Values) -> None:
    """PS-1. Raises MinGreaterThanMax, DuplicatePriceBreaks, MinQtyMustBePositive."""
    least, most = schedule["MinQuantity"], schedule["MaxQuantity"]
    if most is not None and most < (1 if least is None else least):
        raise MinGreaterThanMaxError
    quantities = [each["Quantity"] for each in schedule["PriceBreaks"]]
    if len(set(quantities)) < len(quantities):
        raise DuplicatePriceBreaksError
    if quantities and max(quantities) < 1:
        raise PriceBreakQuantityError


_quantity = itemgetter("Quantity")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_datetime(text)
