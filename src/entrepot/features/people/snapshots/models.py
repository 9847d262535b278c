"""Copies of marketplaces as the API shows them."""

from __future__ import annotations

from entrepot.declare.types import Date, Id, Text
from entrepot.declare.wire import Wire, column


class Snapshot(Wire):
    """All that a marketplace held at a moment, orders and all."""

    ID: Id = column(max=100)
    Name: Text = column(max=100)
    DateCreated: Date = column(read_only=True, required=True)


class TestMarketplaceClient(Wire):
    """An API client of a copy, and the one that it is a copy of. Its secrets are the same."""

    __test__ = False

    ID: Id = column(read_only=True)
    AppName: Text = column(read_only=True)
    CopyOf: Id = column(read_only=True)


class TestMarketplaceListed(Wire):
    """A marketplace that is a copy, for tests, and vanishes by itself."""

    __test__ = False

    ID: Id = column(read_only=True)
    Name: Text = column(read_only=True)
    DateCreated: Date = column(read_only=True, required=True)
    ExpirationDate: Date = column(read_only=True, required=True)


class TestMarketplace(TestMarketplaceListed):
    """The same when it was made. AccessToken: of the caller's user there, with the roles of the caller's token; null where the caller is no
    user of the marketplace. Users log in with their passwords, at the clients that the copy has.
    """

    __test__ = False

    AccessToken: Text = column(read_only=True, stored=False, confidential=True)
    Clients: list[TestMarketplaceClient] = column(read_only=True, stored=False)


class TestMarketplaceRequest(Wire):
    """Of what a copy is to be made, and for how long. Without SnapshotID it is one of what the marketplace holds now."""

    __test__ = False

    SnapshotID: Id = column(max=100)
    Name: Text = column(max=100)
    TTL: Text = column(max=50, description="A duration: `PT1H`, by default, and at most `P30D`.")
