"""What integrations answer, in the form in which it is kept with the order (IE-9, IE-10, CHK-3)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.wire import Wire
from entrepot.engine.wire.json import dump, load, parse
from entrepot.engine.wire.models import validate
from entrepot.features.orders.models.worksheet import AdHocProduct
from entrepot.features.outgoing import Answer
from entrepot.kernel.errors import ApiError, InvalidBodyError

Values = dict[str, Any]

LONGEST_FAILURE = 10_000
"""Characters of a failed answer that are kept."""
OVERRIDES = "LineItemOverrides"


def read_answer(model: type[Wire], answer: Answer) -> Values:
    """The response of this model as it is stored and shown: JSON values, `Succeeded` tells what it is worth.

    An answer may name a status of its own, which wins over that of HTTP (IE-9). An empty one of a good status says
    nothing, and that successfully.
    """
    if not answer.succeeded:
        return failed(model, answer.status, answer.text)
    try:
        values = _validated(model, parse(answer.body) if answer.body.strip() else {})
    except InvalidBodyError:
        return failed(model, answer.status, answer.text or "The answer is not a JSON object.")
    except ApiError as error:
        return failed(model, answer.status, "; ".join(item.message for item in error.items()))
    status, fault = values["HttpStatusCode"], values["UnhandledErrorBody"]
    status = answer.status if status is None else status
    good = 200 <= (status or 0) < 300 and not fault
    values |= {"HttpStatusCode": status, "UnhandledErrorBody": fault or None, "Succeeded": good}
    # Through text, so that an answer in memory is what the same answer from the database is.
    stored: Values = load(dump(values))
    return stored


def failed(model: type[Wire], status: int | None, text: str) -> Values:
    """The response that stands for an answer which cannot be used."""
    blank = validate(model, {}, partial=False)
    outcome = {"HttpStatusCode": status, "UnhandledErrorBody": text[:LONGEST_FAILURE], "Succeeded": False}
    if not text:
        outcome["UnhandledErrorBody"] = "The answer is empty."
    return blank | outcome


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
