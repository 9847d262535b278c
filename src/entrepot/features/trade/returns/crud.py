"""Create, get, save, patch and delete of returns (RET-1 to RET-6)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Created, Operation, Reply, Returns, Unit, operation
from entrepot.domain.returns.status import ReturnEvent
from entrepot.engine.call import Call
from entrepot.engine.incrementors import fill_incrementors
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.merge import merge, replace
from entrepot.engine.wire.models import validate
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.models.returns import OrderReturn
from entrepot.features.trade.orders.store import find_order, load
from entrepot.features.trade.returns.access import may, raise_insufficient, require_writer
from entrepot.features.trade.returns.calculating import ask_ahead
from entrepot.features.trade.returns.editing import (
    generated_id,
    new_return,
    remove_item,
    write_amounts,
    write_terms,
)
from entrepot.features.trade.returns.resources import RETURNS
from entrepot.features.trade.returns.store import (
    OpenReturn,
    delete_return,
    find_open,
    find_return,
    insert_return,
    open_return,
    render,
    returns_of,
    save_return,
)
from entrepot.kernel.errors import (
    CloseReturnError,
    ConflictingWriteError,
    DuplicateReturnItemError,
    IdExistsError,
    InsufficientRolesError,
    IntegrationFailedError,
    InvalidBodyError,
    NegativeRefundError,
    NotFoundError,
    NotReturnableError,
    RefundsExceedError,
    ReturnOrderStatusError,
    ReturnQuantityError,
    ValidationError,
)

Values = dict[str, Any]

COLLECTION, ITEM = RETURNS.path, f"{RETURNS.path}/{{returnID}}"
FACTS: dict[str, Any] = {"tag": "Order Returns", "table": "order_returns", "guests": False}
WRITES = (
    NotFoundError,
    InsufficientRolesError,
    InvalidBodyError,
    ValidationError,
    IdExistsError,
    ConflictingWriteError,
    ReturnOrderStatusError,
    DuplicateReturnItemError,
    NotReturnableError,
    ReturnQuantityError,
    NegativeRefundError,
    RefundsExceedError,
    IntegrationFailedError,
)


async def _draft_new(call: Call, values: Values, *, lock: bool) -> tuple[OpenReturn, bool]:
    order = await find_order(call, OrderDirection.ALL, values["OrderID"], lock=lock)
    if order is None:
        raise NotFoundError("Order", values["OrderID"])
    require_writer(call, order)
    values = values | {"ID": values["ID"] or generated_id(call)}
    others = await returns_of(call, order["key"])
    opened = new_return(call, await load(call, order), others, values["ID"])
    return opened, write_terms(call, opened, values, frozenset(values))


async def _draft(call: Call, *, lock: bool) -> tuple[OpenReturn, bool]:
    """The return as the request makes it, short of its amounts; whether these are to be calculated."""
    verb = call.operation.verb
    values = validate(OrderReturn, call.body, partial=verb == "PATCH")
    if verb == "POST":
        return await _draft_new(call, values, lock=lock)
    opened = await find_open(call, call.path["returnID"], lock=lock)
    if opened is None and verb == "PUT":
        return await _draft_new(call, values | {"ID": values["ID"] or call.path["returnID"]}, lock=lock)
    if opened is None:
        raise NotFoundError("OrderReturn", call.path["returnID"])
    require_writer(call, opened.loaded.order)
    if verb == "PATCH":
        whole = merge(OrderReturn, opened.row, values)
    else:
        whole = replace(OrderReturn, opened.row, values | {"ID": values["ID"] or opened.row["ID"]})
    return opened, write_terms(call, opened, whole, frozenset(values))


async def _to_ask_about(call: Call) -> OpenReturn | None:
    opened, calculated = await _draft(call, lock=False)
    return opened if calculated else None


async def ask_first(call: Call) -> None:
    """The preparation of a write: the integration is asked before the transaction opens."""
    await ask_ahead(call, _to_ask_about)


async def _write(call: Call) -> OpenReturn:
    opened, calculated = await _draft(call, lock=True)
    await write_amounts(call, opened, calculated=calculated)
    if not opened.kept or opened.row["ID"] != opened.kept["ID"]:
        opened.row["ID"] = await fill_incrementors(call, opened.row["ID"])
    if opened.kept:
        await save_return(call, opened)
    else:
        await insert_return(call, opened.row)
    return opened


@operation(
    "OrderReturns.Create",
    "POST",
    COLLECTION,
    summary="Create an order return",
    status=201,
    roles=RETURNS.roles.write,
    body=Body(OrderReturn),
    returns=Returns(OrderReturn),
    errors=WRITES,
    unit=Unit.WRITE,
    prepare=ask_first,
    **FACTS,
)
async def create(call: Call) -> Reply:
    """An unsubmitted return of an open or completed order (RET-1)."""
    opened = await _write(call)
    return Reply(render(opened.row), created=Created(opened.row["ID"]))


@operation(
    "OrderReturns.Get",
    "GET",
    ITEM,
    summary="Get an order return",
    roles=RETURNS.roles.read,
    returns=Returns(OrderReturn),
    errors=(NotFoundError,),
    confirms=True,
    **FACTS,
)
async def get(call: Call) -> Reply:
    """Two statements."""
    await confirm_standing(call)
    return Reply(render(await find_return(call, call.path["returnID"])))


@operation(
    "OrderReturns.Save",
    "PUT",
    ITEM,
    summary="Create or replace an order return",
    roles=RETURNS.roles.write,
    body=Body(OrderReturn),
    returns=Returns(OrderReturn),
    errors=WRITES,
    unit=Unit.WRITE,
    prepare=ask_first,
    **FACTS,
)
async def save(call: Call) -> Reply:
    """A return keeps its order, whatever the body names."""
    return Reply(render((await _write(call)).row))


@operation(
    "OrderReturns.Patch",
    "PATCH",
    ITEM,
    summary="Change parts of an order return",
    roles=RETURNS.roles.write,
    body=Body(OrderReturn, partial=True),
    returns=Returns(OrderReturn),
    errors=WRITES,
    unit=Unit.WRITE,
    prepare=ask_first,
    **FACTS,
)
async def patch(call: Call) -> Reply:
    """Shoppers change what is not submitted; administrators amounts and xp later, too (RET-6)."""
    return Reply(render((await _write(call)).row))


@operation(
    "OrderReturns.Delete",
    "DELETE",
    ITEM,
    summary="Delete an order return",
    status=204,
    roles=RETURNS.roles.write,
    errors=(NotFoundError, InsufficientRolesError, CloseReturnError),
    unit=Unit.WRITE,
    **FACTS,
)
async def delete(call: Call) -> Reply:
    """Completed ones are for administrators (RET-5); refunds stay."""
    opened = await open_return(call)
    require_writer(call, opened.loaded.order)
    if not may(call, opened.row, ReturnEvent.DELETE):
        raise CloseReturnError
    await delete_return(call, opened)
    return Reply()


@operation(
    "OrderReturns.DeleteItem",
    "DELETE",
    f"{ITEM}/items/{{lineItemID}}",
    summary="Take a line out of a return",
    roles=RETURNS.roles.write,
    returns=Returns(OrderReturn),
    errors=(NotFoundError, InsufficientRolesError, RefundsExceedError),
    unit=Unit.WRITE,
    **FACTS,
)
async def delete_item(call: Call) -> Reply:
    """200 with the return. After the submit for administrators alone, as long as the return is not over (inferred)."""
    opened = await open_return(call)
    require_writer(call, opened.loaded.order)
    if not may(call, opened.row, ReturnEvent.EDIT):
        raise_insufficient(call)
    line_id = call.path["lineItemID"]
    if all(item["LineItemID"].lower() != line_id.lower() for item in opened.row["ItemsToReturn"] or ()):
        raise NotFoundError("LineItem", line_id)
    await remove_item(call, opened, line_id)
    await save_return(call, opened)
    return Reply(render(opened.row))


OPERATIONS: tuple[Operation, ...] = (create, get, save, patch, delete, delete_item)
