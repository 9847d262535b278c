"""Every type of message, declared once: what it is about, when it is sent, to whom, and what its EventBody says (MS-3).

The wings that know a subject build its bodies; docs/reference/messages.md is made of this.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from entrepot.domain.messages.types import MessageType as Type


class Subject(enum.StrEnum):
    """What messages are about; the event that tells of it bears the name."""

    ACCOUNT = "AccountMessage"
    ORDER = "OrderMessage"
    SHIPMENT = "ShipmentMessage"
    ORDER_RETURN = "OrderReturnMessage"
    SUBSCRIPTION = "SubscriptionMessage"
    COLLECTION = "CollectionMessage"


@dataclass(frozen=True, slots=True)
class Declared:
    """One type. body: the properties of its EventBody, in their order."""

    type: Type
    subject: Subject
    when: str
    to: str
    body: tuple[str, ...]


RENEWAL = (
    "Username",
    "PasswordRenewalUrl",
    "PasswordRenewalVerificationCode",
    "PasswordRenewalAccessToken",
)
OF_ORDER = ("Order", "Approvals", "LineItems", "Products")
OF_SHIPMENT = (*OF_ORDER, "Shipment", "ShipmentItems")
OF_RETURN = (*OF_ORDER, "OrderReturn")
OF_SUBSCRIPTION = ("LineItems", "Products", "Subscription", "UnavailableProductIDs")
OF_COLLECTION = ("ProductCollection", "InvitationInteropID", "UserID")

THE_USER, ORDERS_USER = "the user", "the order's user"
ASKED, HAD_BEEN_ASKED = (
    "each member of the groups that are asked",
    "each member of the groups that were asked",
)


def _account(type: Type, when: str, body: tuple[str, ...], to: str = THE_USER) -> Declared:
    return Declared(type, Subject.ACCOUNT, when, to, body)


def _order(type: Type, when: str, to: str = ORDERS_USER) -> Declared:
    return Declared(type, Subject.ORDER, when, to, OF_ORDER)


def _return(type: Type, when: str, to: str = ORDERS_USER) -> Declared:
    return Declared(type, Subject.ORDER_RETURN, when, to, OF_RETURN)


def _collection(type: Type, when: str) -> Declared:
    return Declared(type, Subject.COLLECTION, when, "the collection's owner", OF_COLLECTION)


ALL = (
    _account(
        Type.NEW_USER_INVITATION, "an administrator creates a buyer's user, or a guest registers", RENEWAL
    ),
    _account(Type.FORGOTTEN_PASSWORD, "somebody asks for a new password", RENEWAL),
    _account(
        Type.FORGOTTEN_USERNAME, "somebody asks for usernames", ("Username",), "each user of the address"
    ),
    _account(
        Type.ONE_TIME_PASSWORD,
        "somebody asks for a one-time password",
        ("Username", "ClientID", "OneTimePassword"),
    ),
    _order(Type.ORDER_SUBMITTED, "an order is submitted and open"),
    _order(Type.ORDER_SUBMITTED_FOR_APPROVAL, "an order is submitted and awaits approval"),
    _order(Type.ORDER_APPROVED, "the last approval of an order is given"),
    _order(Type.ORDER_DECLINED, "an order is declined"),
    _order(Type.ORDER_SUBMITTED_FOR_YOUR_APPROVAL, "an order awaits the approval of a group", ASKED),
    _order(
        Type.ORDER_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_APPROVED,
        "a group's approval is given",
        HAD_BEEN_ASKED,
    ),
    _order(
        Type.ORDER_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_DECLINED, "a group declines an order", HAD_BEEN_ASKED
    ),
    Declared(
        Type.SHIPMENT_CREATED,
        Subject.SHIPMENT,
        "a shipment with items gets its DateShipped, or an order is shipped as a whole",
        ORDERS_USER,
        OF_SHIPMENT,
    ),
    _return(Type.ORDER_RETURN_SUBMITTED, "a return is submitted and open"),
    _return(Type.ORDER_RETURN_SUBMITTED_FOR_APPROVAL, "a return is submitted and awaits approval"),
    _return(Type.ORDER_RETURN_APPROVED, "the last approval of a return is given"),
    _return(Type.ORDER_RETURN_DECLINED, "a return is declined"),
    _return(Type.ORDER_RETURN_COMPLETED, "a return is completed, or the last of its refund is paid"),
    _return(Type.ORDER_RETURN_SUBMITTED_FOR_YOUR_APPROVAL, "a return awaits the approval of a group", ASKED),
    _return(
        Type.ORDER_RETURN_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_APPROVED,
        "a group's approval is given",
        HAD_BEEN_ASKED,
    ),
    _return(
        Type.ORDER_RETURN_SUBMITTED_FOR_YOUR_APPROVAL_HAS_BEEN_DECLINED,
        "a group declines a return",
        HAD_BEEN_ASKED,
    ),
    Declared(
        Type.SUBSCRIPTION_REMINDER,
        Subject.SUBSCRIPTION,
        "the next order of a subscription is near",
        "the subscription's user",
        OF_SUBSCRIPTION,
    ),
    _collection(Type.PRODUCT_COLLECTION_INVITATION_ACCEPTED, "somebody joins a product collection"),
    _collection(
        Type.PRODUCT_COLLECTION_INVITATION_DECLINED, "somebody declines to join a product collection"
    ),
)
DECLARED: Mapping[Type, Declared] = {each.type: each for each in ALL}
