"""What shoppers do, in the words of two marketing services (TRK-2): an e-mail service's and a recommendation service's.

Their own documents name the properties; which of ours fills which is ours (inferred), and in docs/guide/delivery-targets.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

LOGIN = "sitecore.backbone.messages.sessions.identified"
ADDED = "sitecore.backbone.messages.orders.lines.added"
UPDATED = "sitecore.backbone.messages.orders.lines.updated"
SUBMITTED = "sitecore.backbone.messages.orders.submitted"
ACTIONS = {
    LOGIN: "IDENTIFY",
    ADDED: "ADDED_TO_ORDER",
    UPDATED: "ADDED_TO_ORDER",
    SUBMITTED: "ORDER_COMPLETED",
}
"""Of the e-mail service."""
EVENTS = {
    LOGIN: ("user", "login"),
    ADDED: ("product", "add"),
    UPDATED: ("status", "cart"),
    SUBMITTED: ("order", "confirm"),
}
"""Name and action of the recommendation service."""
MOST_LINES = 500


def send_event(message_type: str, payload: Json, site_id: str) -> dict[str, Any] | None:
    """The e-mail service's event; None for messages that it knows nothing of."""
    action = ACTIONS.get(message_type)
    if action is None:
        return None
    user = _user(payload)
    names = (user.get("FirstName"), user.get("LastName"))
    event: dict[str, Any] = {
        "ContactId": _visitor(payload),
        "ContactEmailAddress": user.get("Email"),
        "ContactName": " ".join(str(each) for each in names if each) or None,
        "actionType": action,
        "siteId": site_id,
    }
    lines = [_item(line, payload) for line in _lines(message_type, payload)]
    if message_type == SUBMITTED:
        event["properties"] = [{"products": lines, "totalPrice": _object(payload.get("Order")).get("Total")}]
    elif message_type != LOGIN:
        event["properties"] = [{"product": line} for line in lines]
    return event


def _item(line: Json, payload: Json) -> dict[str, Any]:
    product = _product(line, payload)
    return {
        "itemCode": line.get("ProductID"),
        "itemName": product.get("Name"),
        "itemPrice": line.get("UnitPrice"),
        "itemQuantity": line.get("Quantity"),
        "itemTotalPrice": line.get("LineTotal"),
    }


def discover_event(message_type: str, payload: Json, at_ms: int) -> dict[str, Any] | None:
    """The recommendation service's event; None for messages that it knows nothing of. at_ms: of the message."""
    event = EVENTS.get(message_type)
    if event is None:
        return None
    user, order = _user(payload), _object(payload.get("Order"))
    value: dict[str, Any] = {
        "context": {"user": {"id": user.get("ID"), "uuid": _visitor(payload), "email": user.get("Email")}}
    }
    lines = [_entity(line, payload) for line in _lines(message_type, payload, whole=message_type == UPDATED)]
    if message_type == SUBMITTED:
        value["order"] = {
            "id": order.get("ID"),
            "total": order.get("Total"),
            "subtotal": order.get("Subtotal"),
        }
    if lines:
        value["products"] = lines
    return {
        "name": event[0],
        "action": event[1],
        "client_time_ms": at_ms,
        "uuid": _visitor(payload),
        "value": value,
    }


def _entity(line: Json, payload: Json) -> dict[str, Any]:
    return {
        "sku": line.get("ProductID"),
        "name": _product(line, payload).get("Name"),
        "quantity": line.get("Quantity"),
        "price": line.get("UnitPrice"),
    }


def _lines(message_type: str, payload: Json, *, whole: bool = False) -> list[Json]:
    """The line that it is about, or all of the order's."""
    if message_type == LOGIN:
        return []
    one = _object(payload.get("LineItem"))
    if one and message_type != SUBMITTED and not whole:
        return [one]
    found = payload.get("LineItems")
    return [
        each for each in (found if isinstance(found, list) else [])[:MOST_LINES] if isinstance(each, Mapping)
    ]


def _product(line: Json, payload: Json) -> Json:
    products = payload.get("Products")
    for each in products if isinstance(products, list) else []:
        if isinstance(each, Mapping) and each.get("ID") == line.get("ProductID"):
            return each
    return _object(line.get("Product"))


def _user(payload: Json) -> Json:
    return _object(payload.get("User")) or _object(_object(payload.get("Order")).get("FromUser"))


def _visitor(payload: Json) -> Any:
    """Who it was: before and after the login the same, as far as it is known (TRK-3)."""
    context = _object(payload.get("UserContext"))
    return context.get("AnonymousID") or context.get("ID") or _user(payload).get("ID")


def _object(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}
