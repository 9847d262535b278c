"""Ship estimates of an order, and the methods that are selected of them (CHK-4, CHK-5). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from entrepot.kernel.errors import NoShipEstimatesError, NotFoundError, ShippingNotEstimatedError
from entrepot.kernel.money import round_money

Values = dict[str, Any]


def completed(response: Values, new_id: Callable[[], str]) -> Values:
    """The response with IDs where the integration gave none (IE-6); selections of methods that do not exist are dropped."""
    return response | {
        "ShipEstimates": [_completed(each, new_id) for each in response["ShipEstimates"] or ()]
    }


def selected(response: Values | None, selections: Iterable[Values]) -> Values:
    """The response with these methods selected, and those of other estimates as before. 404 for what it does not offer."""
    if response is None:
        raise ShippingNotEstimatedError
    estimates = {each["ID"]: each for each in response["ShipEstimates"] or ()}
    if not estimates:
        raise NoShipEstimatesError
    for selection in selections:
        estimate_id, method_id = selection["ShipEstimateID"], selection["ShipMethodID"]
        if estimate_id not in estimates:
            raise NotFoundError("ShipEstimate", estimate_id)
        if method_id not in _methods(estimates[estimate_id]):
            raise NotFoundError("ShipMethod", method_id)
        estimates[estimate_id] = estimates[estimate_id] | {"SelectedShipMethodID": method_id}
    return response | {"ShipEstimates": list(estimates.values())}


def cost_of(response: Values | None) -> Decimal | None:
    """What the selected methods cost together; None where none is selected."""
    costs = [
        _methods(each)[each["SelectedShipMethodID"]]["Cost"]
        for each in (response or {}).get("ShipEstimates") or ()
        if each["SelectedShipMethodID"]
    ]
    return round_money(sum((Decimal(cost or 0) for cost in costs), Decimal(0))) if costs else None


def _methods(estimate: Values) -> dict[str, Values]:
    return {each["ID"]: each for each in estimate["ShipMethods"] or ()}


def _completed(estimate: Values, new_id: Callable[[], str]) -> Values:
    methods = [each | {"ID": each["ID"] or new_id()} for each in estimate["ShipMethods"] or ()]
    wanted = estimate["SelectedShipMethodID"]
    return estimate | {
        "ID": estimate["ID"] or new_id(),
        "ShipMethods": methods,
        "SelectedShipMethodID": wanted if any(each["ID"] == wanted for each in methods) else None,
    }
