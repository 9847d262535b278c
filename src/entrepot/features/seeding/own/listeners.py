"""CC listeners (MS-8): who gets copies of what goes out through an assignment of a message sender."""

from __future__ import annotations

from entrepot.declare.operation import Reply
from entrepot.engine.call import Call
from entrepot.engine.statements import projection
from entrepot.engine.wire.models import validate
from entrepot.features.people.integrations.listeners import PATH, MessageCCListenerAssignment, save_listener
from entrepot.features.seeding.own.plain import Named, Plain, own_operation
from entrepot.kernel.sql import Sql

COMPANIES = ("BuyerID", "SupplierID")
ASSIGNMENT = "MessageSenderAssignment"
"""The property that names the assignment that is listened to."""
THING = (
    'SELECT x.key FROM {table} x WHERE x.marketplace_id = :marketplace_id AND x."ID" = :{id} '
    'AND x."BuyerID" IS NOT DISTINCT FROM :{of}buyer AND x."SupplierID" IS NOT DISTINCT FROM :{of}supplier'
)
_SENT_TO = THING.format(table="user_groups", id="sender_group", of="sender_")
_GROUP = THING.format(table="user_groups", id="group", of="")
_USER = THING.format(table="users", id="user", of="")
DELETE = Sql(f"""
DELETE FROM message_cc_listeners t WHERE t.marketplace_id = :marketplace_id AND t.sender_id = :sender
  AND t.sender_buyer_id IS NOT DISTINCT FROM :sender_buyer AND t.sender_supplier_id IS NOT DISTINCT FROM :sender_supplier
  AND t.sender_group_key IS NOT DISTINCT FROM ({_SENT_TO}) AND t."MessageType" = :type
  AND t."BuyerID" IS NOT DISTINCT FROM :buyer AND t."SupplierID" IS NOT DISTINCT FROM :supplier
  AND t.group_key IS NOT DISTINCT FROM ({_GROUP}) AND t.user_key IS NOT DISTINCT FROM ({_USER})
""").bound(
    "marketplace_id",
    "sender",
    "sender_buyer",
    "sender_supplier",
    "sender_group",
    "type",
    "buyer",
    "supplier",
    "group",
    "user",
)


async def _delete(call: Call) -> Reply:
    """The API has no such operation; what is gone already is as well."""
    named = validate(MessageCCListenerAssignment, call.body, partial=False)
    assignment = named[ASSIGNMENT]
    await call.db.execute(
        DELETE,
        call.marketplace_id,
        *(assignment[name] for name in ("MessageSenderID", *COMPANIES, "UserGroupID")),
        *(named[name] for name in ("MessageType", *COMPANIES, "UserGroupID", "UserID")),
    )
    return Reply()


_columns = MessageCCListenerAssignment.__columns__.values()
LISTENERS = Plain(
    name="MessageCCListenerAssignments",
    model=MessageCCListenerAssignment,
    table="message_cc_listeners",
    path=PATH,
    key=(
        *(f"{ASSIGNMENT}.{name}" for name in ("MessageSenderID", *COMPANIES, "UserGroupID")),
        "MessageType",
        *COMPANIES,
        "UserGroupID",
        "UserID",
    ),
    names=(
        Named("BuyerID", "buyers"),
        Named("SupplierID", "suppliers"),
        Named("UserGroupID", "user_groups", COMPANIES),
        Named("UserID", "users", COMPANIES),
    ),
    select=Sql(
        f"SELECT {projection(_columns)} FROM message_cc_listeners t WHERE t.marketplace_id = :marketplace_id "
        "ORDER BY t.sender_id, t.sender_buyer_id, t.sender_supplier_id, t.sender_group_key, "
        't."MessageType", t."BuyerID", t."SupplierID", t.group_key, t.user_key'
    ).bound("marketplace_id"),
    save=save_listener,
    delete=own_operation("DELETE", PATH, MessageCCListenerAssignment, _delete, "message_cc_listeners"),
)
