"""Single price breaks (PS-2)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, QueryParameter, Reply, Returns, Unit, operation
from entrepot.declare.roles import Right
from entrepot.declare.types import WireType
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.verbs import UniformVerbs
from entrepot.engine.wire.models import validate
from entrepot.features.catalog.pricing.resources import PRICE_SCHEDULES, PriceBreak, PriceSchedule
from entrepot.kernel.errors import (
    ClearPriceBreaksError,
    DeleteLastPriceBreakError,
    InvalidBodyError,
    NotFoundError,
    PriceBreakNotFoundError,
    ValidationError,
)

Values = dict[str, Any]
_schedules = UniformVerbs(PRICE_SCHEDULES)
PATH = "/priceschedules/{priceScheduleID}/PriceBreaks"


@operation(
    "PriceSchedules.SavePriceBreak",
    "POST",
    PATH,
    tag="Price Schedules",
    summary="Create or replace the price break of a quantity",
    status=201,
    roles=PRICE_SCHEDULES.roles.write,
    user_types=allowed_types(PRICE_SCHEDULES.access, Right.WRITE),
    body=Body(PriceBreak),
    returns=Returns(PriceSchedule),
    errors=(NotFoundError, InvalidBodyError, ValidationError),
    unit=Unit.WRITE,
    resource="PriceSchedules",
    table="price_schedules",
)
async def save_price_break(call: Call) -> Reply:
    """201 with the whole price schedule, also where the quantity had a break."""

    def put(schedule: Values) -> None:
        saved = validate(PriceBreak, call.body, partial=False)
        schedule["PriceBreaks"] = [*_others(schedule, saved["Quantity"]), saved]

    return Reply(await _schedules.change(call, put))


@operation(
    "PriceSchedules.DeletePriceBreak",
    "DELETE",
    PATH,
    tag="Price Schedules",
    summary="Delete the price break of a quantity",
    status=204,
    roles=PRICE_SCHEDULES.roles.write,
    user_types=allowed_types(PRICE_SCHEDULES.access, Right.WRITE),
    query=(QueryParameter("quantity", WireType("integer"), required=True),),
    errors=(NotFoundError, PriceBreakNotFoundError, ValidationError),
    unit=Unit.WRITE,
    resource="PriceSchedules",
    table="price_schedules",
)
async def delete_price_break(call: Call) -> Reply:
    """204; 404 for a quantity that has no break."""

    def remove(schedule: Values) -> None:
        quantity = parameters(call)["quantity"]
        left = _others(schedule, quantity)
        if len(left) == len(schedule["PriceBreaks"]):
            raise PriceBreakNotFoundError({"Quantity": quantity})
        schedule["PriceBreaks"] = left

    try:
        await _schedules.change(call, remove)
    except ClearPriceBreaksError as refusal:
        raise DeleteLastPriceBreakError from refusal
    return Reply()


def _others(schedule: Values, quantity: int) -> list[Values]:
    return [each for each in schedule["PriceBreaks"] if each["Quantity"] != quantity]


OPERATIONS: tuple[Operation, ...] = (save_price_break, delete_price_break)
