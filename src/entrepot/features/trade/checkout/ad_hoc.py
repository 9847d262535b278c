"""Products that only an integration knows: the AddToCart event (LI-6, IE-13)."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from entrepot.declare.types import Money
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call, OutsideFirstError
from entrepot.engine.notes import Note, Notes
from entrepot.engine.wire.models import validate
from entrepot.features.people.integrations.asking import AskedEvent, ask
from entrepot.features.people.outgoing.answers import Answer
from entrepot.features.trade.checkout.answers import refusal
from entrepot.features.trade.checkout.events import CheckoutEventKind, find_event
from entrepot.features.trade.orders.models.lines import LineItemProduct
from entrepot.features.trade.orders.models.worksheet import AdHocProduct
from entrepot.features.trade.orders.rows import LineRow
from entrepot.features.trade.orders.store import Loaded
from entrepot.kernel.errors import ApiError, InvalidBodyError, NotFoundError

Values = dict[str, Any]

ANSWER: Note[Answer] = Note("what an integration knows of a product, by its ID and the quantity")
SUPPLIER = 'SELECT s."ID" FROM suppliers s WHERE s.marketplace_id = $1 AND s."ID" = $2'


class AddToCartResponse(Wire):
    """A product and its price; without a product there is none of that ID."""

    Product: AdHocProduct = column()
    UnitPrice: Money = column(nullable=True)


async def ad_hoc_product(call: Call, loaded: Loaded, line: LineRow) -> bool:
    """Ask the event of the caller's API client for what the catalog lacks, if it has one and a buyer orders.

    Raises OutsideFirstError until the answer is there, then 404 for a product that the integration does not know
    either, IntegrationEvent.BadRequest for an answer that cannot be used.
    """
    order = loaded.order
    wanted = (line["ProductID"].lower(), line["Quantity"])
    answer = call.notes.get(ANSWER, of=wanted)
    if answer is None:
        if order["from_seller"]:
            return False
        event = await find_event(call, CheckoutEventKind.ADD_TO_CART)
        if event is None:
            return False
        question = {
            "ProductID": line["ProductID"],
            "Quantity": line["Quantity"],
            "BuyerID": order["FromCompanyID"],
            "BuyerUser": order["FromUser"],
            "SellerID": order["ToCompanyID"],
        }
        raise OutsideFirstError(partial(_ask, call, event, question, wanted))
    found = _read(call, line["ProductID"], answer)
    await _check_supplier(call, found["Product"])
    _fill_in(line, found)
    return True


async def _ask(
    call: Call, event: AskedEvent, question: Values, wanted: tuple[str, int], notes: Notes
) -> None:
    notes.put(ANSWER, await ask(call, event, "", question), of=wanted)


def _read(call: Call, product_id: str, answer: Answer) -> Values:
    if not answer.succeeded:
        raise refusal(call, answer.status, answer.text)
    try:
        found = validate(AddToCartResponse, answer.content.value, partial=False)
    except InvalidBodyError:
        raise refusal(call, answer.status, answer.text or "The answer is empty.") from None
    except ApiError as error:
        raise refusal(call, answer.status, "; ".join(item.message for item in error.items())) from None
    if found["Product"] is None:
        raise NotFoundError("Product", product_id)
    if found["UnitPrice"] is None:
        raise refusal(call, answer.status, "UnitPrice is required.")
    return found


async def _check_supplier(call: Call, product: Values) -> None:
    """As of a product that is created: the supplier exists."""
    wanted = product["DefaultSupplierID"]
    if wanted:
        found = await call.db.fetchval(SUPPLIER, call.marketplace_id, wanted)
        if found is None:
            raise NotFoundError("Supplier", wanted)
        product["DefaultSupplierID"] = found


def _fill_in(line: LineRow, found: Values) -> None:
    """The line keeps the ID that was asked for. A price that the caller has set stays (MON-8)."""
    given = found["Product"] | {"ID": line["ProductID"]}
    line["ad_hoc"] = True
    line["Product"] = {name: given.get(name) for name in LineItemProduct.__columns__}
    line["SupplierID"] = given["DefaultSupplierID"]
    if not line["PriceOverridden"]:
        line["UnitPrice"] = Decimal(found["UnitPrice"])
