"""What is read of a marketplace, list by list and page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from entrepot.features.seeding.remote.known import Home
from entrepot.features.seeding.remote.listings import Listing
from entrepot.features.seeding.remote.paging import Cursor

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Portion:
    """One list in one place: the users of one buyer. given: what narrows it further."""

    listing: Listing
    home: Home = ()
    given: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """Below /v1."""
        path = self.listing.operation.path
        for above, (_, named) in zip(self.listing.above, self.home, strict=True):
            path = path.replace(f"{{{above.parameter}}}", quote(named, safe=""))
        return path

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        return (*self.listing.query, *self.given)

    @property
    def name(self) -> str:
        """Unlike that of every other."""
        given = "&".join(f"{name}={value}" for name, value in self.given)
        return f"GET {self.path}?{given}" if given else f"GET {self.path}"


@dataclass(frozen=True, slots=True)
class Part:
    """Some records of a portion, none of which was read before, and from where it goes on; None after the last."""

    records: list[Values]
    then: Cursor | None
    total: int
    new: int = 0
    """Items that were not read before, with those that another list has as its own."""
