"""Products that only an integration knows: the AddToCart event (LI-6, IE-13)."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from entrepot.declare.types import Money
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call, OutsideFirstError
from entrepot.engine.wire.json import parse
from entrepot.engine.wire.models import validate
from entrepot.features.checkout.events import Event, Kind, ask, find_event
from entrepot.features.orders.elsewhere import offers
from entrepot.features.orders.models.lines import LineItemProduct
from entrepot.features.orders.models.worksheet import AdHocProduct
from entrepot.features.orders.store import Loaded
from entrepot.features.outgoing import Answer
from entrepot.kernel.errors import ApiError, IntegrationFailedError, NotFoundError

Values = dict[str, Any]

SUPPLIER = 'SELECT s."ID" FROM suppliers s WHERE s.marketplace_id = $1 AND s."ID" = $2'
LONGEST_FAILURE = 10_000
"""Characters of a failed answer that the caller sees."""


class AddToCartResponse(Wire):
    """A product and its price; without a product there is none of that ID."""

    Product: AdHocProduct = column()
    UnitPrice: Money = column(nullable=True)


@offers
async def ad_hoc_product(call: Call, loaded: Loaded, line: Values) -> bool:
    """Ask the event of the caller's API client for what the catalog lacks, if it has one and a buyer orders.

    Raises OutsideFirstError until the answer is there, then 404 for a product that the integration does not know
    either, IntegrationEvent.BadRequest for an answer that cannot be used.
    """
    order = loaded.order
    note = f"ad hoc {line['ProductID'].lower()} x {line['Quantity']}"
    if note not in call.notes:
        if order["FromCompanyID"].lower() == call.principal.marketplace.lower():
            return False
        event = await find_event(call, Kind.ADD_TO_CART)
        if event is None:
            return False
        question = {
            "ProductID": line["ProductID"],
            "Quantity": line["Quantity"],
            "BuyerID": order["FromCompanyID"],
            "BuyerUser": order["FromUser"],
            "SellerID": order["ToCompanyID"],
        }
        raise OutsideFirstError(partial(_ask, call, event, question, note))
    found = _read(line["ProductID"], call.notes[note])
    await _check_supplier(call, found["Product"])
    _fill_in(line, found)
    return True


async def _ask(call: Call, event: Event, question: Values, note: str, notes: Values) -> None:
    notes[note] = await ask(call, event, "", question)


def _read(product_id: str, answer: Answer) -> Values:
    if not answer.succeeded:
        raise _refusal(answer, answer.text)
    try:
        found = validate(AddToCartResponse, parse(answer.body), partial=False)
    except ApiError as error:
        raise _refusal(answer, "; ".join(item.message for item in error.items())) from None
    if found["Product"] is None:
        raise NotFoundError("Product", product_id)
    if found["UnitPrice"] is None:
        raise _refusal(answer, "UnitPrice is required.")
    return found


def _refusal(answer: Answer, text: str) -> IntegrationFailedError:
    return IntegrationFailedError(
        {"HttpStatusCode": answer.status, "UnhandledErrorBody": text[:LONGEST_FAILURE]}
    )


async def _check_supplier(call: Call, product: Values) -> None:
    """As of a product that is created: the supplier exists."""
    wanted = product["DefaultSupplierID"]
    if wanted:
        found = await call.db.fetchval(SUPPLIER, call.marketplace_id, wanted)
        if found is None:
            raise NotFoundError("Supplier", wanted)
        product["DefaultSupplierID"] = found


def _fill_in(line: Values, found: Values) -> None:
    """The line keeps the ID that was asked for. A price that the caller has set stays (MON-8)."""
    given = found["Product"] | {"ID": line["ProductID"]}
    line["ad_hoc"] = True
    line["Product"] = {name: given.get(name) for name in LineItemProduct.__columns__}
    line["SupplierID"] = given["DefaultSupplierID"]
    if not line["PriceOverridden"]:
        line["UnitPrice"] = Decimal(found["UnitPrice"])
