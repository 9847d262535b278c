"""Rules of discounts (DSC-1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.declare.resource import Hooks
from entrepot.domain.discounts.product_filter import read_product_filter
from entrepot.engine.call import Call
from entrepot.engine.wire.refusals import required
from entrepot.kernel.errors import LONGEST_ECHO, ApiError, NotFoundError, PropertyError, ValidationError
from entrepot.kernel.money import plain

Values = dict[str, Any]

MOST = 100
"""Percent."""
CATEGORY = """
SELECT EXISTS (SELECT 1 FROM categories WHERE marketplace_id = $1 AND "CatalogID" = $2 AND "ID" = $3)
"""


class DiscountHooks(Hooks):
    """Breaks in order, each once and in percent; a category with its catalog; a filter that can be read."""

    def normalise(self, values: Values, old: Values | None) -> None:
        breaks = [
            {"Quantity": each["Quantity"] or 0, "Amount": plain(Decimal(each["Amount"] or 0))}
            for each in values["DiscountBreaks"] or ()
        ]
        values["DiscountBreaks"] = sorted(breaks, key=lambda each: each["Quantity"])

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        errors = [*_errors_of_breaks(new["DiscountBreaks"]), *_errors_of_filter(new["ProductFilter"])]
        if new["CategoryID"] and not new["CatalogID"]:
            errors.append(required("CatalogID"))
        if errors:
            raise ValidationError(*errors)
        # A CategoryID that is new has been looked up already.
        moved = old is not None and old["CatalogID"] != new["CatalogID"]
        if moved and new["CategoryID"]:
            category = (new["CatalogID"], new["CategoryID"])
            if not await call.db.fetchval(CATEGORY, call.marketplace_id, *category):
                raise NotFoundError("Category", new["CategoryID"])


def _errors_of_breaks(breaks: list[Values]) -> list[PropertyError]:
    if not breaks:
        return [required("DiscountBreaks")]
    errors = []
    for position, each in enumerate(breaks):
        path = f"DiscountBreaks[{position}]"
        if each["Quantity"] < 1:
            data = {"Property": f"{path}.Quantity", "Minimum": 1}
            errors.append(PropertyError(f"{path}.Quantity cannot be less than 1.", data))
        elif position and breaks[position - 1]["Quantity"] == each["Quantity"]:
            data = {"Property": f"{path}.Quantity", "Value": each["Quantity"]}
            errors.append(PropertyError("Two breaks have the same Quantity.", data))
        if not 0 < each["Amount"] <= MOST:
            data = {"Property": f"{path}.Amount", "Minimum": 0, "Maximum": MOST}
            errors.append(PropertyError(f"{path}.Amount must be above 0 and at most {MOST}.", data))
    return errors


def _errors_of_filter(text: str | None) -> list[PropertyError]:
    try:
        read_product_filter(text)
    except ApiError as error:
        data = {"Property": "ProductFilter", "Value": (text or "")[:LONGEST_ECHO]}
        return [PropertyError(f"ProductFilter is no filter of xp: {error.text}", data)]
    return []
