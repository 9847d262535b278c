"""GET /entrepot/v1/expressions/orders/{orderID}/paths: what expressions about an order, or a return, find in it."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Operation, Reply, Returns, operation
from entrepot.domain.expressions.environment import Environment
from entrepot.domain.expressions.paths import found_paths, kind_of
from entrepot.engine.call import Call
from entrepot.engine.standing import confirm_standing
from entrepot.features.trade.explaining.judging import shown
from entrepot.features.trade.expressions.kinds import COMMON, ROOT
from entrepot.features.trade.expressions.models import FoundPaths
from entrepot.features.trade.orders.environment import environment_of
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.promotions.changing import load_present
from entrepot.features.trade.orders.reference import OrderRef
from entrepot.features.trade.orders.store import require_order
from entrepot.features.trade.returns.rules import environment_of_return
from entrepot.features.trade.returns.store import require_open
from entrepot.kernel.errors import NotFoundError

Values = dict[str, Any]


@operation(
    "Expressions.ListOrderPaths",
    "GET",
    f"{ROOT}/orders/{{orderID}}/paths",
    **COMMON,
    summary="List the paths that have a value in an order or a cart",
    description="Among them those into xp, which no model knows; each with a value as an example. 300 of the order and of its lines at "
    "the most.",
    returns=Returns(FoundPaths),
    errors=(NotFoundError,),
    confirms=True,
    table="orders",
)
async def list_order_paths(call: Call) -> Reply:
    """The statements of reading an order."""
    order = await require_order(call, OrderRef(OrderDirection.ALL, call.path["orderID"]), lock=False)
    loaded = await load_present(call, order)
    return _reply(await environment_of(call, loaded, categories=False))


@operation(
    "Expressions.ListReturnPaths",
    "GET",
    f"{ROOT}/orderreturns/{{returnID}}/paths",
    **COMMON,
    summary="List the paths that have a value in a return and its order",
    description="As of an order.",
    returns=Returns(FoundPaths),
    errors=(NotFoundError,),
    confirms=True,
    table="order_returns",
)
async def list_return_paths(call: Call) -> Reply:
    """The statements of reading a return."""
    await confirm_standing(call)
    opened = await require_open(call, call.path["returnID"], lock=False)
    return _reply(await environment_of_return(call, opened, ()))


def _reply(seen: Environment) -> Reply:
    records = [
        {
            "Of": thing.value,
            "Paths": [
                {"Path": path, "Type": kind_of(value), "Sample": shown(value)} for path, value in found
            ],
        }
        for thing, found in found_paths(seen)
        if found
    ]
    returned = seen.order_return
    return Reply(
        {
            "OrderID": seen.order["ID"],
            "OrderReturnID": None if returned is None else returned["ID"],
            "Records": records,
        }
    )


OPERATIONS: tuple[Operation, ...] = (list_order_paths, list_return_paths)
