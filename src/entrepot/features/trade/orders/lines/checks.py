"""What is refused of a line when it is written (LI-1, MON-6)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.roles import FULL_ACCESS
from entrepot.domain.orders.prices import counted_quantities, faults
from entrepot.domain.pricing.breaks import QuantityFault, Schedule
from entrepot.engine.call import Call
from entrepot.features.trade.orders.priced import PricedOrder
from entrepot.features.trade.orders.rows import LineRow
from entrepot.features.trade.orders.store import Loaded
from entrepot.kernel.errors import (
    ApiError,
    DateNeededError,
    InsufficientRolesError,
    LineQuantityAboveMaxError,
    LineQuantityBelowMinError,
    LineQuantityError,
    LineQuantityNotAllowedError,
    NotAvailableFromSellerError,
    NotFoundError,
    PriceScheduleMissingError,
    PurchaseBundleError,
    PurchaseParentError,
    RemoveBundleError,
    RemoveRequiredBundleItemError,
    SumAboveMaxError,
    SumBelowMinError,
    SumNotAllowedError,
    VariantNotFoundError,
)

Values = dict[str, Any]
OVERRIDE = ("OverrideUnitPrice", FULL_ACCESS)
IS_REQUIRED = """
SELECT bp."Required" FROM bundle_product_assignments bp
WHERE bp.marketplace_id = $1 AND bp."BundleID" = $2 AND bp."ProductID" = $3
"""
QUANTITY_ERRORS: dict[tuple[QuantityFault, bool], type[ApiError]] = {
    (QuantityFault.BELOW_MIN, False): LineQuantityBelowMinError,
    (QuantityFault.ABOVE_MAX, False): LineQuantityAboveMaxError,
    (QuantityFault.NOT_A_BREAK, False): LineQuantityNotAllowedError,
    (QuantityFault.BELOW_MIN, True): SumBelowMinError,
    (QuantityFault.ABOVE_MAX, True): SumAboveMaxError,
    (QuantityFault.NOT_A_BREAK, True): SumNotAllowedError,
}


def check_facts(line: LineRow) -> None:
    """What a line says of itself. Raises LineItem.QuantityMustBePositive and DateNeededMustBeGreaterThanDateAdded."""
    if line["Quantity"] < 1:
        raise LineQuantityError({"Quantity": line["Quantity"]})
    if line["DateNeeded"] is not None and line["DateNeeded"] <= line["DateAdded"]:
        raise DateNeededError


def keep_price(call: Call, values: Values, old: LineRow | None) -> None:
    """MON-8: of a body that replaces a line, UnitPrice is not looked at for whom it is not to set. Who saves whole lines
    as they were read cannot know what has re-priced them meanwhile.
    """
    if call.principal.roles.isdisjoint(OVERRIDE):
        values["UnitPrice"] = None if old is None else old["UnitPrice"]


def require_override(call: Call) -> None:
    """MON-8: a unit price of one's own takes a role."""
    if call.principal.roles.isdisjoint(OVERRIDE):
        raise InsufficientRolesError(OVERRIDE, sorted(call.principal.roles))


def check_product(priced: PricedOrder, line: LineRow) -> None:
    """That the line's product may be ordered by itself (LI-1). Raises 404 for one that its user does not see."""
    product = priced.product(line)
    if product is None or not product.visible:
        raise NotFoundError("Product", line["ProductID"])
    if product.is_parent:
        raise PurchaseParentError({"ProductID": line["ProductID"]})
    if product.is_bundle and not line["IsBundle"]:
        raise PurchaseBundleError({"ProductID": line["ProductID"]})
    if not product.sold:
        raise NotAvailableFromSellerError({"ProductID": line["ProductID"]})


def refusals_of(priced: PricedOrder, line: LineRow, *, final: bool) -> list[ApiError]:
    """What stands against the line as priced: choices, variant, price, quantity. `final` at validate and submit."""
    product = priced.product(line)
    if product is None or line["ad_hoc"] or line["IsBundle"]:
        return []
    fault = priced.faults.get(line["ID"])
    if fault is not None:
        return [fault]
    variant = priced.variant(line)
    choices = priced.choices[line["ID"]]
    if product.variant_count and choices.variant and (variant is None or not variant.active):
        return [VariantNotFoundError({"ProductID": line["ProductID"]})]
    if product.schedule is None:
        return (
            [] if line["PriceOverridden"] else [PriceScheduleMissingError({"ProductID": line["ProductID"]})]
        )
    found = faults(priced.lines.values(), final=final).get(line["ID"])
    if found is None:
        return []
    return [_quantity_error(found, product.schedule, counted_quantities(priced.lines.values())[line["ID"]])]


async def refuse_bundle_parts(call: Call, loaded: Loaded, line: LineRow) -> None:
    """A bundle goes as a whole, and what it requires stays with it (LI-7)."""
    if line["IsBundle"]:
        raise RemoveBundleError
    if line["BundleItemID"] is not None:
        head = loaded.line(line["BundleItemID"])
        if await call.db.fetchval(IS_REQUIRED, call.marketplace_id, head["bundle_id"], line["ProductID"]):
            raise RemoveRequiredBundleItemError


def _quantity_error(fault: QuantityFault, schedule: Schedule, quantity: int) -> ApiError:
    limits = {
        "MinQuantity": schedule.min_quantity,
        "MaxQuantity": schedule.max_quantity,
        "Quantity": quantity,
    }
    return QUANTITY_ERRORS[fault, schedule.cumulative](limits)
