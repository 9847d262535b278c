"""The mailbox as the API shows it."""

from __future__ import annotations

from entrepot.declare import types
from entrepot.declare.entity import Entity, Sorts, Stored
from entrepot.declare.types import Date, Id, Xp
from entrepot.declare.wire import Wire, column
from entrepot.features.people.mail.mailbox import TABLE


class MailboxEntry(Wire):
    """A message to a person that nothing has sent, without what it says. Recipient: the address that it was for."""

    ID: Id = column(read_only=True)
    MessageType: types.Text = column(read_only=True, required=True)
    Recipient: types.Text = column(read_only=True, required=True)
    Username: types.Text = column(read_only=True, required=True)
    Subject: types.Text = column(read_only=True, required=True)
    DateCreated: Date = column(read_only=True, required=True)


class MailboxMessage(MailboxEntry):
    """A message to a person that nothing has sent. EventBody: what a message sender would have got, codes and links included."""

    CCList: list[types.Text] = column(read_only=True, stored=False)
    Text: types.Text = column(read_only=True, stored=False)
    Html: types.Text = column(read_only=True, stored=False)
    EventBody: Xp = column(read_only=True, stored=False)


MAILBOX_ENTRY = Entity(
    model=MailboxEntry,
    table=TABLE,
    object_type="MailboxMessage",
    stored=(Stored(name="content", type="bytea", nullable=False),),
    sorts=(Sorts(("DateCreated", "ID")),),
)
