"""CC listeners: who gets copies of what a message sender's assignment sends (MS-8). They cannot be deleted alone."""

from __future__ import annotations

from typing import Any

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Index, Stored
from entrepot.declare.operation import Body, ListOptions, Reply, Returns, Unit, operation
from entrepot.declare.roles import Right
from entrepot.declare.types import Id, Text
from entrepot.declare.wire import Reference, Wire, column
from entrepot.domain.messages.types import MessageType
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.parties import named_party, resolve
from entrepot.engine.selections import SelectedList
from entrepot.engine.statements import projection
from entrepot.engine.wire.models import validate
from entrepot.features.people.identity.computed import group_of, user_of
from entrepot.features.people.integrations.senders import (
    MESSAGE_SENDER_ASSIGNMENTS,
    MESSAGE_SENDERS,
    MessageSenderAssignment,
)
from entrepot.kernel.errors import (
    GroupAndUserError,
    InvalidBodyError,
    NotFoundError,
    ProvidedBuyerAndSupplierError,
    ValidationError,
)
from entrepot.kernel.ids import new_id

ROLES = MESSAGE_SENDERS.roles
PATH = "/messagesenders/CCListenerAssignments"
ASSIGNMENT = """
SELECT json_build_object(
  'MessageSenderID', ms."ID", 'BuyerID', t.sender_buyer_id, 'SupplierID', t.sender_supplier_id,
  'UserGroupID', (SELECT ug."ID" FROM user_groups ug WHERE ug.marketplace_id = :marketplace_id AND ug.key = t.sender_group_key),
  'MessageConfigName', ms."Name", 'MessageConfigDescription', ms."Description")
FROM message_senders ms WHERE ms.marketplace_id = :marketplace_id AND ms."ID" = t.sender_id
"""
OF_SENDER = 'SELECT ms."{column}" FROM message_senders ms WHERE ms.marketplace_id = :marketplace_id AND ms."ID" = t.sender_id'


class MessageCCListenerAssignment(Wire):
    """Users whose addresses join the CC list of one type of message that goes out through one assignment."""

    MessageSenderAssignment: MessageSenderAssignment = column(required=True, computed=ASSIGNMENT)
    MessageConfigName: Text = column(read_only=True, computed=OF_SENDER.format(column="Name"))
    MessageConfigDescription: Text = column(read_only=True, computed=OF_SENDER.format(column="Description"))
    MessageType: MessageType = column(required=True)
    BuyerID: Id = column(references=Reference("buyers"))
    SupplierID: Id = column(references=Reference("suppliers"))
    UserGroupID: Id = column(computed=group_of("group_key"))
    UserID: Id = column(computed=user_of("user_key"))


MESSAGE_CC_LISTENER = Entity(
    model=MessageCCListenerAssignment,
    table="message_cc_listeners",
    object_type="MessageCCListenerAssignment",
    id_column="listener_id",
    keeps={"listener_id": "a generated key"},
    stored=(
        Stored(name="listener_id", type="text", nullable=False),
        # The assignment listened to, by what makes it up: it goes with each of them.
        Stored(name="sender_id", type="citext", nullable=False, references="message_senders"),
        Stored(name="sender_buyer_id", type="citext", references="buyers"),
        Stored(name="sender_supplier_id", type="citext", references="suppliers"),
        Stored(name="sender_group_key", type="bigint", references="user_groups"),
        Stored(name="group_key", type="bigint", references="user_groups"),
        Stored(name="user_key", type="bigint", references="users"),
    ),
    indexes=(
        Index(
            "uq_message_cc_listeners_party",
            'sender_id, sender_buyer_id, sender_supplier_id, sender_group_key, "MessageType", '
            '"BuyerID", "SupplierID", group_key, user_key',
            unique=True,
            nulls_distinct=False,
        ),
    ),
)
LISTENERS = Assignment(
    name="MessageSenders",
    model=MessageCCListenerAssignment,
    table="message_cc_listeners",
    things=(),
    levels=("User", "Group", "Company"),
    kinds=("Buyer", "Supplier", "Seller"),
    path=PATH,
    delete_path="",
    roles=ROLES,
    verbs=frozenset(),
    two_companies=ProvidedBuyerAndSupplierError,
)
"""Only read for the rules of its party."""

LIST = f"""
SELECT {projection(MESSAGE_CC_LISTENER.model.__columns__.values())} FROM message_cc_listeners t
WHERE t.marketplace_id = :marketplace_id"""
OPTIONS = ListOptions(
    search=("BuyerID", "UserGroupID", "UserID", "MessageConfigName", "SupplierID"),
    sort=("BuyerID", "UserGroupID", "UserID", "MessageConfigName", "SupplierID"),
)
KEY = (
    *(f"MessageSenderAssignment.{n}" for n in ("MessageSenderID", "BuyerID", "SupplierID", "UserGroupID")),
    "MessageType",
    "BuyerID",
    "SupplierID",
    "UserGroupID",
    "UserID",
)
LISTENED_TO = """
SELECT "MessageSenderID" FROM message_sender_assignments
WHERE marketplace_id = $1 AND "MessageSenderID" = $2 AND "BuyerID" IS NOT DISTINCT FROM $3
  AND "SupplierID" IS NOT DISTINCT FROM $4 AND group_key IS NOT DISTINCT FROM $5
FOR KEY SHARE
"""
INSERT = """
INSERT INTO message_cc_listeners
  (marketplace_id, listener_id, sender_id, sender_buyer_id, sender_supplier_id, sender_group_key,
   "MessageType", "BuyerID", "SupplierID", group_key, user_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (marketplace_id, sender_id, sender_buyer_id, sender_supplier_id, sender_group_key,
             "MessageType", "BuyerID", "SupplierID", group_key, user_key) DO NOTHING
"""
_listeners = SelectedList(MessageCCListenerAssignment, LIST, OPTIONS, KEY)


@operation(
    "MessageSenders.ListCCListenerAssignments",
    "GET",
    PATH,
    tag=MESSAGE_SENDERS.title,
    summary="List the assignments of CC listeners",
    roles=ROLES.list_assignments,
    user_types=allowed_types(MESSAGE_SENDERS.access, Right.READ),
    lists=OPTIONS,
    returns=Returns(MessageCCListenerAssignment, page=True),
    confirms=True,
    resource=MESSAGE_SENDERS.name,
    table="message_cc_listeners",
)
async def list_listeners(call: Call) -> Reply:
    """Every listener of the marketplace, with the assignment that it listens to."""
    return await _listeners.page(call, {})


@operation(
    "MessageSenders.SaveCCListenerAssignment",
    "POST",
    PATH,
    tag=MESSAGE_SENDERS.title,
    summary="Create an assignment of CC listeners",
    status=204,
    roles=ROLES.assign,
    user_types=allowed_types(MESSAGE_SENDERS.access, Right.WRITE),
    body=Body(MessageCCListenerAssignment),
    errors=(
        NotFoundError,
        InvalidBodyError,
        ValidationError,
        GroupAndUserError,
        ProvidedBuyerAndSupplierError,
    ),
    unit=Unit.WRITE,
    resource=MESSAGE_SENDERS.name,
    table="message_cc_listeners",
)
async def save_listener(call: Call) -> Reply:
    """204, also for one that stands already (ASG-1)."""
    values = validate(MessageCCListenerAssignment, call.body, partial=False)
    listened_to = await _assignment(call, values["MessageSenderAssignment"])
    party = await _party(call, values)
    await call.db.execute(
        INSERT,
        call.marketplace_id,
        new_id(),
        *listened_to,
        values["MessageType"],
        *(party[name] for name in ("BuyerID", "SupplierID", "group_key", "user_key")),
    )
    return Reply()


async def _assignment(call: Call, named: dict[str, Any]) -> tuple[Any, ...]:
    """Sender, buyer, supplier and group of an assignment that must exist; it stays until this unit ends."""
    wanted = MESSAGE_SENDER_ASSIGNMENTS
    found = await resolve(call, wanted, named, named_party(wanted, named), {})
    key = tuple(found[name] for name in ("MessageSenderID", "BuyerID", "SupplierID", "group_key"))
    if await call.db.fetchval(LISTENED_TO, call.marketplace_id, *key) is None:
        raise NotFoundError("MessageSenderAssignment", key[0])
    return key


async def _party(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    named = named_party(LISTENERS, values)
    if not any(values.get(name) for name in ("BuyerID", "SupplierID", "UserGroupID", "UserID")):
        return dict.fromkeys(LISTENERS.party_columns)
    return await resolve(call, LISTENERS, {}, named, {})
