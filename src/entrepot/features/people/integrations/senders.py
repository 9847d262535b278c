"""Message senders and whom they serve (MS-1, MS-6)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.assignment import Assignment, AssignmentHooks
from entrepot.declare.entity import Entity, Parent
from entrepot.declare.feeds import Feed, Feeds
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import Resource
from entrepot.declare.roles import SELLERS_ONLY, Roles
from entrepot.declare.types import MAX_SECRET, Bool, Id, Text, WireType, Xp
from entrepot.declare.wire import Grants, Wire, column
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.domain.messages.types import MessageType
from entrepot.engine.call import Call
from entrepot.features.people.integrations.deliveries import DELIVERY_REFERENCE
from entrepot.features.people.integrations.hooks import IntegrationHooks
from entrepot.features.people.integrations.sealing import sealed_column
from entrepot.features.people.organizations.enums import PartyType
from entrepot.kernel.errors import (
    MessageSenderSharedKeyRequiredError,
    MessageSenderUrlRequiredError,
    ProvidedBuyerAndSupplierError,
)

Values = dict[str, Any]

OF_SENDER = (
    'SELECT ms."{column}" FROM message_senders ms '
    'WHERE ms.marketplace_id = :marketplace_id AND ms."ID" = a."MessageSenderID"'
)
FORGET_LISTENERS = """
DELETE FROM message_cc_listeners
WHERE marketplace_id = $1 AND sender_id = $2 AND sender_buyer_id IS NOT DISTINCT FROM $3
  AND sender_supplier_id IS NOT DISTINCT FROM $4 AND sender_group_key IS NOT DISTINCT FROM $5
"""


class MessageSender(Wire):
    """What delivers messages of certain types to people."""

    ID: Id = column(max=100)
    Name: Text = column(required=True)
    MessageTypes: list[MessageType] = column(required=True)
    Description: Text = column()
    URL: Text = column()
    ElevatedRoles: list[ApiRole] = column(grants=Grants())
    SharedKey: Text = column(stored=False, bound=MAX_SECRET, confidential=True)
    xp: Xp = column()
    DeliveryConfigID: Id = column(references=DELIVERY_REFERENCE)
    AllowAllBuyers: Bool = column()


class MessageSenderAssignment(Wire):
    """A company or a group of users that the sender serves; no company means the seller's own users."""

    MessageSenderID: Id = column(required=True)
    BuyerID: Id = column()
    SupplierID: Id = column()
    UserGroupID: Id = column()
    MessageConfigName: Text = column(read_only=True, computed=OF_SENDER.format(column="Name"))
    MessageConfigDescription: Text = column(read_only=True, computed=OF_SENDER.format(column="Description"))


class MessageSenderHooks(IntegrationHooks):
    """MS-1: the older form needs a URL and a key."""

    async def check(self, call: Call, old: Values | None, new: Values) -> None:
        if new["DeliveryConfigID"]:
            return
        if not new["URL"]:
            raise MessageSenderUrlRequiredError
        if not new.get("SharedKey"):
            raise MessageSenderSharedKeyRequiredError


class MessageSenderAssignmentHooks(AssignmentHooks):
    """CC listeners go with the assignment that they listen to (ASG-8)."""

    async def check_delete(self, call: Call, old: Values) -> None:
        key = (old[name] for name in ("MessageSenderID", "BuyerID", "SupplierID", "group_key"))
        await call.db.execute(FORGET_LISTENERS, call.marketplace_id, *key)


MESSAGE_SENDER = Entity(
    model=MessageSender,
    table="message_senders",
    object_type="MessageSender",
    # Who listens is remembered (deliveries/listening.py), and tokens that it has elevated end with their roles.
    feeds=(Feeds(feed=Feed.SECURITY),),
    stored=(sealed_column("SharedKey"),),
)
ASSIGNERS = ("MessageConfigAssignmentAdmin", "MessageSenderAdmin")
MESSAGE_SENDER_ROLES = Roles.of(
    read=("MessageSenderAdmin", "MessageSenderReader"),
    write=("MessageSenderAdmin",),
    assign=ASSIGNERS,
    list_assignments=ASSIGNERS,
)
MESSAGE_SENDERS = Resource(
    name="MessageSenders",
    entity=MESSAGE_SENDER,
    path="/messagesenders",
    item="messageSenderID",
    roles=MESSAGE_SENDER_ROLES,
    access=SELLERS_ONLY,
    search=("ID", "Name"),
    sort=("ID", "Name"),
    hooks=MessageSenderHooks(MESSAGE_SENDER),
)
MESSAGE_SENDER_ASSIGNMENTS = Assignment(
    name="MessageSenders",
    model=MessageSenderAssignment,
    table="message_sender_assignments",
    things=(Parent("MessageSenderID", "message_senders"),),
    levels=("Group", "Company"),
    kinds=("Buyer", "Supplier", "Seller"),
    path="/messagesenders/assignments",
    delete_path="/messagesenders/{messageSenderID}/assignments",
    roles=MESSAGE_SENDER_ROLES,
    access=SELLERS_ONLY,
    query=(
        *(QueryParameter(name) for name in ("buyerID", "messageSenderID", "userGroupID")),
        QueryParameter("level", WireType("enum", enum=PartyType)),
        QueryParameter("supplierID"),
    ),
    delete_query=tuple(QueryParameter(name) for name in ("buyerID", "userID", "userGroupID", "supplierID")),
    hooks=MessageSenderAssignmentHooks(),
    two_companies=ProvidedBuyerAndSupplierError,
)
