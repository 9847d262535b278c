"""Reading and emptying the mailbox. Here codes and links are shown: it is for whoever develops an application, and for nobody who
holds less than FullAccess.
"""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import Right
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.lists import UniformList
from entrepot.engine.rows import renderer
from entrepot.engine.standing import READ_EPOCH
from entrepot.engine.wire.json import load
from entrepot.features.people.mail.mailbox import place
from entrepot.features.people.mailbox.resources import MAILBOX, MailboxEntry, MailboxMessage
from entrepot.features.people.services import services
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql

ITEM = f"{MAILBOX.path}/{{{MAILBOX.item}}}"
COMMON: dict[str, Any] = {
    "tag": MAILBOX.title,
    "roles": MAILBOX.roles.read,
    "user_types": allowed_types(MAILBOX.access, Right.READ),
    "table": MAILBOX.entity.table,
}
READ = Sql(f"""
SELECT ({READ_EPOCH}) AS epoch, m."ID", m."MessageType", m."Recipient", m."Username", m."Subject", m."DateCreated", m.content
FROM (SELECT 1) one LEFT JOIN mailbox m ON m.marketplace_id = :marketplace_id AND m."ID" = :message
""").bound("marketplace_id", "message")
DELETE = 'DELETE FROM mailbox WHERE marketplace_id = $1 AND "ID" = $2 RETURNING "ID"'
_list = UniformList(MAILBOX)


@operation(
    "Mailbox.List",
    "GET",
    MAILBOX.path,
    **COMMON,
    summary="List the messages that nothing has sent",
    lists=MAILBOX.lists,
    returns=Returns(MailboxEntry, page=True),
    confirms=True,
)
async def list_messages(call: Call) -> Reply:
    """One statement; one more for an empty page."""
    return await _list.list(call)


@operation(
    "Mailbox.Get",
    "GET",
    ITEM,
    **COMMON,
    summary="Get one message that nothing has sent",
    returns=Returns(MailboxMessage),
    errors=(NotFoundError,),
    confirms=True,
)
async def get_message(call: Call) -> Reply:
    """With what a mail would have said, and the event body. One statement."""
    message_id = call.path[MAILBOX.item]
    row = await call.db.fetchrow(READ, call.marketplace_id, message_id)
    call.confirm(row["epoch"] if row else None)
    if row is None or row["ID"] is None:
        raise _missing(message_id)
    opened = services(call).box.open(row["content"], place(call.marketplace_id))
    return Reply(renderer(MailboxEntry).render(row) | load(opened.decode()))


@operation(
    "Mailbox.Delete",
    "DELETE",
    ITEM,
    **COMMON,
    summary="Delete a message that nothing has sent",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
)
async def delete_message(call: Call) -> Reply:
    """One statement."""
    message_id = call.path[MAILBOX.item]
    if await call.db.fetchval(DELETE, call.marketplace_id, message_id) is None:
        raise _missing(message_id)
    return Reply()


def _missing(message_id: str) -> NotFoundError:
    return NotFoundError(MAILBOX.entity.object_type, message_id)


ENTITIES = (MAILBOX.entity,)
OPERATIONS: tuple[Operation, ...] = (list_messages, get_message, delete_message)
