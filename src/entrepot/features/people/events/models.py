"""Events as the API shows them."""

from __future__ import annotations

from entrepot.declare.types import Date, Id, Int, Text, Xp
from entrepot.declare.wire import Wire, column


class MarketplaceEvent(Wire):
    """Something that has come to stand in the marketplace: an operation that was done. Number: one more with each, in the order in which
    they came to stand. ID: of what it is about; IDs: all that lead to it, by name, as `OrderID`. Without a user it is work of the
    server's own. DateCreated
    is by the server's clock.
    """

    Number: Int = column(read_only=True)
    Type: Text = column(read_only=True)
    Operation: Text = column(read_only=True)
    Verb: Text = column(read_only=True, nullable=True)
    ID: Id = column(read_only=True, nullable=True)
    IDs: Xp = column(read_only=True, stored=False)
    UserID: Text = column(read_only=True, nullable=True)
    Username: Text = column(read_only=True, nullable=True)
    ClientID: Text = column(read_only=True, nullable=True)
    RequestID: Text = column(read_only=True)
    DateCreated: Date = column(read_only=True, required=True)
