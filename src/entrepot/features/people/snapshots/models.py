"""Copies of marketplaces as the API shows them."""

from __future__ import annotations

from entrepot.declare.types import Date, Id, Text
from entrepot.declare.wire import Wire, column

LONGEST_DOCUMENT = 3 * 2**20
"""Characters of a seed that a request brings along."""


class Snapshot(Wire, closed=True):
    """All that a marketplace held at a moment, orders and all."""

    ID: Id = column(max=100)
    Name: Text = column(max=100)
    DateCreated: Date = column(read_only=True, required=True)


class TestMarketplaceClient(Wire):
    """An API client of a copy, and the one that it is a copy of: its ID in the original, or in the seed. Its secrets are the same."""

    __test__ = False

    ID: Id = column(read_only=True)
    AppName: Text = column(read_only=True)
    CopyOf: Id = column(read_only=True)


class TestMarketplaceUser(Wire):
    """A user of a copy whose password stands in no seed: of the demo's."""

    __test__ = False

    Username: Text = column(read_only=True)
    Password: Text = column(read_only=True, confidential=True)


class TestMarketplaceListed(Wire):
    """A marketplace that is a copy, for tests, and vanishes by itself."""

    __test__ = False

    ID: Id = column(read_only=True)
    Name: Text = column(read_only=True)
    DateCreated: Date = column(read_only=True, required=True)
    ExpirationDate: Date = column(read_only=True, required=True)


class TestMarketplace(TestMarketplaceListed):
    """The same when it was made. AccessToken: of the caller's user there, with the roles of the caller's token, where it is a copy of the
    caller's marketplace; else of a user of the seller with FullAccess. Null where there is none. Users log in with their passwords, at the
    clients that the copy has.
    """

    __test__ = False

    AccessToken: Text = column(read_only=True, stored=False, confidential=True)
    Clients: list[TestMarketplaceClient] = column(read_only=True, stored=False)
    Users: list[TestMarketplaceUser] = column(read_only=True, stored=False)


class TestMarketplaceOrigin(Wire, closed=True):
    """One of these: a seed of the server by its name, as `demo`; the text of a seed file, as `entrepot seed` takes it; a snapshot; a
    marketplace, which is the caller's own or one that was made of it.
    """

    __test__ = False

    Seed: Text = column(max=100)
    Document: Text = column(max=LONGEST_DOCUMENT)
    SnapshotID: Id = column(max=100)
    MarketplaceID: Id = column(max=100)


class TestMarketplaceRequest(Wire, closed=True):
    """Of what a marketplace is to be made, by default of what the caller's holds now, and for how long it is to stay."""

    __test__ = False

    From: TestMarketplaceOrigin
    Name: Text = column(max=100)
    TTL: Text = column(max=50, description="A duration: `PT1H`, by default, and at most `P30D`.")
