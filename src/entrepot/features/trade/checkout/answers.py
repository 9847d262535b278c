"""What integrations answer, in the form in which it is kept with the order (IE-9, IE-10, CHK-3)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.wire import Wire
from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump, load
from entrepot.engine.wire.models import validate
from entrepot.features.people.outgoing.answers import Answer, cut_tokens
from entrepot.features.trade.orders.models.worksheet import AdHocProduct
from entrepot.kernel.errors import ApiError, IntegrationFailedError, InvalidBodyError
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

LONGEST_FAILURE = 10_000
"""Characters of a failed answer that are kept."""
NOT_SHOWN = "What the integration answered is shown to users of the marketplace owner."
OVERRIDES = "LineItemOverrides"


def read_answer(model: type[Wire], answer: Answer, *, may_be_empty: bool = False) -> Values:
    """The response of this model as it is stored: JSON values, `Succeeded` tells what it is worth.

    An answer may name a status of its own, which wins over that of HTTP (IE-9). may_be_empty: whether an empty one of a
    good status says something: to a question it is none (IE-10), where somebody is merely told it is.
    """
    if not answer.succeeded:
        return failed(model, answer.status, answer.text)
    try:
        silent = may_be_empty and not answer.content.raw.strip()
        values = _validated(model, {} if silent else answer.content.value)
    except InvalidBodyError:
        return failed(model, answer.status, answer.text or "The answer is not a JSON object.")
    except ApiError as error:
        return failed(model, answer.status, "; ".join(item.message for item in error.items()))
    status, fault = values["HttpStatusCode"], values["UnhandledErrorBody"]
    status = answer.status if status is None else status
    good = 200 <= (status or 0) < 300 and not fault
    fault = cut_tokens(fault) if fault else None
    values |= {"HttpStatusCode": status, "UnhandledErrorBody": fault, "Succeeded": good}
    # Through text, so that an answer in memory is what the same answer from the database is.
    stored: Values = load(dump(values))
    return stored


def failed(model: type[Wire], status: int | None, text: str) -> Values:
    """The response that stands for an answer which cannot be used."""
    blank = validate(model, {}, partial=False)
    body = cut_tokens(text[:LONGEST_FAILURE]) or "The answer is empty."
    return blank | {"HttpStatusCode": status, "UnhandledErrorBody": body, "Succeeded": False}


def shown(call: Call, response: Values | None) -> Values | None:
    """A response as the caller sees it. What came from abroad and is no answer is for the marketplace owner's users: it may
    tell of the integration's machines.
    """
    if (
        response is None
        or response["UnhandledErrorBody"] is None
        or call.principal.user_type is UserType.SELLER
    ):
        return response
    return response | {"UnhandledErrorBody": NOT_SHOWN}


def refusal(call: Call, status: int | None, text: str) -> IntegrationFailedError:
    """The refusal of a request that an integration has failed, with as much of its answer as the caller may see."""
    body = cut_tokens(text[:LONGEST_FAILURE]) if call.principal.user_type is UserType.SELLER else NOT_SHOWN
    return IntegrationFailedError({"HttpStatusCode": status, "UnhandledErrorBody": body})


def _validated(model: type[Wire], payload: Any) -> Values:
    """Products of overrides are changes: what they do not name stays (CHK-6)."""
    if OVERRIDES not in model.__columns__ or not isinstance(payload, dict):
        return validate(model, payload, partial=False)
    products: list[Values | None] = []
    shown = {name: _without_products(name, value, products) for name, value in payload.items()}
    values = validate(model, shown, partial=False)
    for override, product in zip(values[OVERRIDES] or (), products, strict=False):
        override["Product"] = product
    return values


def _without_products(name: str, value: Any, products: list[Values | None]) -> Any:
    if name.lower() != OVERRIDES.lower() or not isinstance(value, list):
        return value
    plain = []
    for override in value:
        if not isinstance(override, dict):
            return value
        given = next((inner for key, inner in override.items() if key.lower() == "product"), None)
        products.append(None if given is None else validate(AdHocProduct, given, partial=True))
        plain.append({key: inner for key, inner in override.items() if key.lower() != "product"})
    return plain
