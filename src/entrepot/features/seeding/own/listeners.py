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
GROUP = """
(SELECT g.key FROM user_groups g WHERE g.marketplace_id = $1 AND g."ID" = {group}
 AND g."BuyerID" IS NOT DISTINCT FROM {buyer} AND g."SupplierID" IS NOT DISTINCT FROM {supplier})
"""
DELETE = f"""
DELETE FROM message_cc_listeners WHERE marketplace_id = $1 AND sender_id = $2
  AND sender_buyer_id IS NOT DISTINCT FROM $3::citext AND sender_supplier_id IS NOT DISTINCT FROM $4::citext
  AND sender_group_key IS NOT DISTINCT FROM {GROUP.format(group="$5::citext", buyer="$3::citext", supplier="$4::citext")}
  AND "MessageType" = $6
  AND "BuyerID" IS NOT DISTINCT FROM $7::citext AND "SupplierID" IS NOT DISTINCT FROM $8::citext
  AND group_key IS NOT DISTINCT FROM {GROUP.format(group="$9::citext", buyer="$7::citext", supplier="$8::citext")}
  AND user_key IS NOT DISTINCT FROM {GROUP.format(group="$10::citext", buyer="$7::citext", supplier="$8::citext").replace("user_groups", "users")}
"""


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
