"""The worksheet, and what the checkout event is asked while an order is made (orders spec section 8)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.declare.roles import sufficient
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.trade.checkout import overrides
from entrepot.features.trade.checkout.access import require_checkout
from entrepot.features.trade.checkout.consulting import CheckoutQuestion, consult
from entrepot.features.trade.checkout.estimates import completed, cost_of, selected
from entrepot.features.trade.checkout.worksheets import shown_worksheet
from entrepot.features.trade.orders.changing import close_order, price_anew
from entrepot.features.trade.orders.models.worksheet import (
    OrderCalculateResponse,
    OrderShipMethodSelection,
    OrderWorksheet,
    ShipEstimateResponse,
)
from entrepot.features.trade.orders.pricing.stock import adjust_stock
from entrepot.features.trade.orders.promotions.amounts import recalculate
from entrepot.features.trade.orders.promotions.integration import Answers
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.rows import by_name
from entrepot.features.trade.orders.store import Loaded, load, require_order
from entrepot.kernel.errors import (
    CheckoutNotConfiguredError,
    ConflictingWriteError,
    ElevatedRolesClientError,
    InsufficientRolesError,
    IntegrationFailedError,
    InvalidBodyError,
    NoShipEstimatesError,
    NotFoundError,
    ShippingNotEstimatedError,
    ValidationError,
)
from entrepot.kernel.ids import new_id
from entrepot.kernel.money import round_money

Values = dict[str, Any]

ORDER = "/orders/{direction}/{orderID}"
TAG = "Integration Events"
ASKERS = sufficient("IntegrationEventAdmin", "OrderAdmin", "Shopper")
READERS = sufficient("IntegrationEventAdmin", "OrderAdmin", "OrderReader", "Shopper")
REFUSALS = (
    NotFoundError,
    InsufficientRolesError,
    CheckoutNotConfiguredError,
    ConflictingWriteError,
    ElevatedRolesClientError,
    IntegrationFailedError,
)
AMOUNTS = {"TaxTotal": "TaxCost", "FeeTotal": "Fees"}


@order_operation(
    "IntegrationEvents.GetWorksheet",
    "GET",
    f"{ORDER}/worksheet",
    tag=TAG,
    summary="Get the worksheet of an order",
    roles=READERS,
    returns=Returns(OrderWorksheet),
    errors=(NotFoundError,),
    confirms=True,
    table="orders",
)
async def get_worksheet(call: Call, where: OrderRef) -> Reply:
    """In any status. Two statements, one more for an order with promotions, one for that of a subscription."""
    loaded = await load(call, await require_order(call, where, lock=False))
    return Reply(await shown_worksheet(call, loaded))


@order_operation(
    "IntegrationEvents.EstimateShipping",
    "POST",
    f"{ORDER}/estimateshipping",
    tag=TAG,
    summary="Ask the checkout integration for ship methods",
    roles=ASKERS,
    returns=Returns(OrderWorksheet),
    errors=REFUSALS,
    unit=Unit.OWN,
    table="orders",
)
async def estimate_shipping(call: Call, where: OrderRef) -> Reply:
    """What was selected of an earlier estimate goes with it; the order's costs stay (CHK-4)."""
    return await consult(call, where, ESTIMATE)


@order_operation(
    "IntegrationEvents.SelectShipmethods",
    "POST",
    f"{ORDER}/shipmethods",
    tag=TAG,
    summary="Choose ship methods",
    roles=ASKERS,
    body=Body(OrderShipMethodSelection),
    returns=Returns(OrderWorksheet),
    errors=(
        NotFoundError,
        InsufficientRolesError,
        InvalidBodyError,
        ValidationError,
        ShippingNotEstimatedError,
        NoShipEstimatesError,
    ),
    unit=Unit.WRITE,
    table="orders",
)
async def select_ship_methods(call: Call, where: OrderRef) -> Reply:
    """ShippingCost becomes what all selected methods cost, whatever role the caller has (CHK-5)."""
    order = await require_order(call, where, lock=True)
    await require_checkout(call, order)
    body = validate(OrderShipMethodSelection, call.body, partial=False)
    loaded = await load(call, order)
    order["ship_estimate"] = selected(order["ship_estimate"], body["ShipMethodSelections"] or ())
    cost = cost_of(order["ship_estimate"])
    if cost is not None:
        order["ShippingCost"] = cost
    order["calculation"] = None
    await close_order(call, loaded)
    return Reply(await shown_worksheet(call, loaded))


@order_operation(
    "IntegrationEvents.Calculate",
    "POST",
    f"{ORDER}/calculate",
    tag=TAG,
    summary="Ask the checkout integration for costs and taxes",
    roles=ASKERS,
    returns=Returns(OrderWorksheet),
    errors=REFUSALS,
    unit=Unit.OWN,
    table="orders",
)
async def calculate(call: Call, where: OrderRef) -> Reply:
    """Costs, taxes, fees and lines become what the answer says of them (CHK-6)."""
    return await consult(call, where, CALCULATION)


async def _take_estimate(call: Call, loaded: Loaded, response: Values, _: Answers) -> None:
    loaded.order["ship_estimate"] = completed(response, new_id)
    await price_anew(call, loaded)


async def _take_calculation(call: Call, loaded: Loaded, response: Values, answers: Answers) -> None:
    """Amounts that the answer leaves out stay. Without a ShippingTotal shipping costs what the selected methods do, if
    there are any (IE-7).
    """
    order, before = loaded.order, list(loaded.lines)
    overrides.apply(loaded, response["LineItemOverrides"] or ())
    present = {line["ID"] for line in loaded.lines}
    for line in before:
        if line["ID"] not in present:
            await adjust_stock(call, loaded, line, -line["Quantity"])
    shipping = response["ShippingTotal"]
    if shipping is None:
        shipping = cost_of(order["ship_estimate"])
    if shipping is not None:
        order["ShippingCost"] = round_money(Decimal(shipping))
    for name, column in AMOUNTS.items():
        if response[name] is not None:
            by_name(order)[column] = round_money(Decimal(response[name]))
    order["calculation"] = response
    await price_anew(call, loaded)
    await recalculate(call, loaded, overrides.of_promotions(response["LineItemOverrides"] or ()), answers)


def _as_it_is(loaded: Loaded) -> None:
    """Nothing is taken back before an estimate."""


ESTIMATE = CheckoutQuestion(
    "/shippingrates", ShipEstimateResponse, "ship_estimate", _as_it_is, _take_estimate
)
CALCULATION = CheckoutQuestion(
    "/ordercalculate", OrderCalculateResponse, "calculation", overrides.take_back, _take_calculation
)
OPERATIONS: tuple[Operation, ...] = (get_worksheet, estimate_shipping, select_ship_methods, calculate)
