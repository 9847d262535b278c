"""Reading and emptying the mailbox. Here codes and links are shown: it is for whoever develops an application, and for nobody who
holds less than FullAccess.
"""

from __future__ import annotations

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns, operation
from entrepot.engine.call import Call
from entrepot.engine.read_models import ReadModel
from entrepot.engine.wire.json import load
from entrepot.features.people.mail.mailbox import TABLE, place
from entrepot.features.people.mailbox.resources import MAILBOX_ENTRY, MailboxEntry, MailboxMessage
from entrepot.features.people.services import services
from entrepot.kernel.errors import NotFoundError

MAILBOX = ReadModel(
    name="Mailbox",
    tag="Mailbox",
    object_type=MAILBOX_ENTRY.object_type,
    one="a message that nothing has sent",
    many="the messages that nothing has sent",
    model=MailboxEntry,
    table=TABLE,
    path="/entrepot/v1/mailbox",
    item="messageID",
    select="""
SELECT m."ID", m."MessageType", m."Recipient", m."Username", m."Subject", m."DateCreated"
FROM mailbox m WHERE m.marketplace_id = :marketplace_id
""",
    delete='DELETE FROM mailbox WHERE marketplace_id = :marketplace_id AND "ID" = :item RETURNING "ID"',
    options=ListOptions(search=("Recipient", "Username", "Subject"), sort=("DateCreated", "ID", "Recipient")),
)
CONTENT = 'SELECT content FROM mailbox WHERE marketplace_id = $1 AND "ID" = $2'


@operation(
    "Mailbox.Get",
    "GET",
    MAILBOX.item_path,
    **MAILBOX.facts,
    summary="Get one message that nothing has sent",
    returns=Returns(MailboxMessage),
    errors=(NotFoundError,),
    confirms=True,
)
async def get_message(call: Call) -> Reply:
    """With what a mail would have said, and the event body. Two statements."""
    message = await MAILBOX.read(call, confirms=True)
    content = await call.db.fetchval(CONTENT, call.marketplace_id, message["ID"])
    if content is None:
        raise MAILBOX.missing(message["ID"])
    opened = services(call).box.open(content, place(call.marketplace_id))
    return Reply(message | load(opened.decode()))


ENTITIES = (MAILBOX_ENTRY,)
OPERATIONS: tuple[Operation, ...] = (MAILBOX.list_operation(), get_message, MAILBOX.delete_operation())
