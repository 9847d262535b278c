"""What a message to people says, as the flat lower-case variables of Mailchimp's templates (MS-9).

A variable without a value is there and null, so that a template may ask for it. Objects and lists stand only where MS-9 has
them: `products`, `approvals`, `returnitems`, `shipmentitems`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]
Variables = dict[str, Any]

MOST_XP = 500
"""Variables that one xp becomes; what would be more is left out."""
MOST_LINES = 500
"""Entries of a list."""

STREET = ("Street1", "Street2", "City")
ADDRESS = (*STREET, "State", "Zip", "Country")
APPROVER = ("ID", "Email", "FirstName", "LastName", "Username", "Phone")
RETURN_ITEM = ("LineItemID", "Quantity", "RefundAmount")
PLAIN = {
    "Username": "username",
    "PasswordRenewalAccessToken": "passwordtoken",
    "PasswordRenewalVerificationCode": "passwordverification",
    "PasswordRenewalUrl": "passwordrenewalurl",
    "ClientID": "clientid",
    "OneTimePassword": "onetimepassword",
    "InvitationInteropID": "invitationinteropid",
    "UserID": "userid",
}
"""Properties of an EventBody that are one variable each."""


def merge_variables(message: Json) -> Variables:
    """message: the body that a message sender is sent (MS-5)."""
    body = _object(message.get("EventBody"))
    variables: Variables = {name: body[key] for key, name in PLAIN.items() if key in body}
    if "Order" in body:
        variables |= _order(body, _object(message.get("Recipient")))
    if "OrderReturn" in body:
        variables |= _return(_object(body["OrderReturn"]))
    if "Shipment" in body:
        variables |= _shipment(_object(body["Shipment"]), _objects(body.get("ShipmentItems")))
    if "Subscription" in body:
        variables |= _subscription(body)
    if "ProductCollection" in body:
        collection = _object(body["ProductCollection"])
        variables |= {f"productcollection{key.lower()}": collection.get(key) for key in ("ID", "Name")}
    return variables


def _order(body: Json, recipient: Json) -> Variables:
    order = _object(body["Order"])
    buyer = _object(order.get("FromUser")) or recipient
    return {
        "firstname": buyer.get("FirstName"),
        "lastname": buyer.get("LastName"),
        "orderid": order.get("ID"),
        "datesubmitted": order.get("DateSubmitted"),
        "subtotal": order.get("Subtotal"),
        "tax": order.get("TaxCost"),
        "shipping": order.get("ShippingCost"),
        "total": order.get("Total"),
        "lineitemcount": order.get("LineItemCount"),
        "products": _products(body),
        "approvals": [_approval(each) for each in _objects(body.get("Approvals"))],
        **_of_xp("orderxp", order.get("xp")),
    }


def _products(body: Json) -> list[Variables]:
    known = {each.get("ID"): each for each in _objects(body.get("Products"))}
    return [_line(each, known) for each in _objects(body.get("LineItems"))]


def _line(line: Json, known: Mapping[Any, Json]) -> Variables:
    product = known.get(line.get("ProductID")) or _object(line.get("Product"))
    address = _object(line.get("ShippingAddress"))
    named = " ".join(str(address[key]) for key in ("FirstName", "LastName") if address.get(key))
    return {
        "cost": line.get("LineTotal"),
        "quantity": line.get("Quantity"),
        "productdesc": product.get("Description"),
        "productid": line.get("ProductID"),
        "productname": product.get("Name"),
        "shiptoname": address.get("AddressName") or named or address.get("CompanyName"),
        **_address("shipto", address),
    }


def _approval(approval: Json) -> Variables:
    approver = _object(approval.get("Approver"))
    return {
        "approvinggroupid": approval.get("ApprovingGroupID"),
        "status": approval.get("Status"),
        "datecreated": approval.get("DateCreated"),
        "datecompleted": approval.get("DateCompleted"),
        **{f"approver{key.lower()}": approver.get(key) for key in APPROVER},
    }


def _return(order_return: Json) -> Variables:
    items = _objects(order_return.get("ItemsToReturn"))
    return {
        "orderreturnid": order_return.get("ID"),
        "refundamount": order_return.get("RefundAmount"),
        "returnitems": [{key: item.get(key) for key in RETURN_ITEM} for item in items],
        **_of_xp("orderreturnxp", order_return.get("xp")),
    }


def _shipment(shipment: Json, items: Sequence[Json]) -> Variables:
    address = _object(shipment.get("ToAddress"))
    return {
        "shipmentid": shipment.get("ID"),
        "shipmenttrackingnumber": shipment.get("TrackingNumber"),
        "shipper": shipment.get("Shipper"),
        "dateshipped": shipment.get("DateShipped"),
        "toaddressid": address.get("ID") or shipment.get("ToAddressID"),
        "toaddresscompany": address.get("CompanyName"),
        "toaddressfirstname": address.get("FirstName"),
        "toaddresslastname": address.get("LastName"),
        **_address("toaddress", address),
        "toaddressname": address.get("AddressName"),
        "shipmentitems": [_shipped(each) for each in items],
    }


def _shipped(item: Json) -> Variables:
    product = _object(item.get("Product"))
    return {
        "cost": item.get("UnitPrice"),
        "quantityshipped": item.get("QuantityShipped"),
        "productdesc": product.get("Description"),
        "productid": item.get("ProductID") or product.get("ID"),
        "productname": product.get("Name"),
    }


def _subscription(body: Json) -> Variables:
    subscription = _object(body["Subscription"])
    return {
        "subscriptionid": subscription.get("ID"),
        "nextorderdate": subscription.get("NextOrderDate"),
        "products": _products(body),
        **_of_xp("subscriptionxp", subscription.get("xp")),
    }


def _address(prefix: str, address: Json) -> Variables:
    names = {"Zip": "postalcode"}
    return {prefix + names.get(key, key.lower()): address.get(key) for key in ADDRESS}


def _of_xp(prefix: str, xp: Any) -> Variables:
    """`{"Key": {"Sub": 1}, "List": [2]}` -> `prefix_key_sub`, `prefix_list_0`."""
    found: Variables = {}
    for path, value in _leaves(prefix, xp):
        if len(found) >= MOST_XP:
            break
        found[path] = value
    return found


def _leaves(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    # Without recursion: xp may be deeper than the stack.
    pending = [(prefix, value)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, Mapping):
            pending += [(f"{path}_{key.lower()}", each) for key, each in reversed(list(value.items()))]
        elif isinstance(value, list):
            pending += [(f"{path}_{place}", each) for place, each in reversed(list(enumerate(value)))]
        elif path != prefix:
            yield path, value


def _object(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Json]:
    found = value[:MOST_LINES] if isinstance(value, list) else []
    return [each for each in found if isinstance(each, Mapping)]
