"""Requests as the API shows them."""

from __future__ import annotations

from entrepot.declare.types import Date, Id, Int, Money, Text
from entrepot.declare.wire import Wire, column
from entrepot.features.people.deliveries.log.models import Delivery
from entrepot.features.people.mailbox.resources import MailboxEntry


class LoggedRequest(Wire):
    """A request that was answered. LogID: its X-Request-ID, which several may share where a client sends it. The user is nobody's
    where somebody failed to log in.
    """

    ID: Id = column(read_only=True)
    LogID: Text = column(read_only=True, required=True)
    DateCreated: Date = column(read_only=True, required=True, description="When it was answered.")
    Operation: Text = column(read_only=True, required=True)
    Method: Text = column(read_only=True, required=True)
    Path: Text = column(
        read_only=True, required=True, description="Without query and secrets, the first 500 characters."
    )
    Status: Int = column(read_only=True, required=True)
    Milliseconds: Money = column(read_only=True, required=True)
    Count: Int = column(
        read_only=True,
        required=True,
        description=(
            "How many requests it stands for. Others than itself are those of its operation that were read at about that time, with"
            " success, and have no row."
        ),
    )
    ErrorCode: Text = column(read_only=True, description="The first of a refusal.")
    UserID: Id = column(read_only=True)
    Username: Text = column(read_only=True)
    UserType: Text = column(read_only=True)
    CompanyID: Id = column(read_only=True)
    ClientID: Id = column(read_only=True)


class RequestTrace(Wire):
    """Everything about an X-Request-ID: its requests, the deliveries that they caused, and those that ended in the mailbox; of each
    the first 100.
    """

    LogID: Text = column(read_only=True, required=True)
    Requests: list[LoggedRequest] = column(read_only=True, stored=False)
    Deliveries: list[Delivery] = column(read_only=True, stored=False)
    Messages: list[MailboxEntry] = column(read_only=True, stored=False)
