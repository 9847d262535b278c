"""A whole marketplace of another server as seed records, over the public API alone.

    async with open_reader(registry, Access(base_url(url), client_id, client_secret)) as reader:
        async for kind, record in reader.records():
            ...
    reader.findings

`records` has all kinds in the order of KINDS. Whoever wants to be able to go on after a break reads portion by portion
(`portions`, `read`), keeps the cursors, and notes in `known` what was read before. Every list of the contract with records of a
seed is read; what the token may not list, what is not known here and what was missed stand in `findings`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from entrepot.declare.registry import Registry
from entrepot.features.people.oauth.resources import API_CLIENT
from entrepot.features.seeding.kinds import Kind, kinds_of
from entrepot.features.seeding.remote.errors import (
    GoneError,
    NotPermittedError,
    RemoteError,
)
from entrepot.features.seeding.remote.families import Families
from entrepot.features.seeding.remote.findings import Findings
from entrepot.features.seeding.remote.items import record_of, whole_record
from entrepot.features.seeding.remote.known import Known
from entrepot.features.seeding.remote.listings import CLIENT_SECRETS, Listing, listings_of
from entrepot.features.seeding.remote.paging import (
    MOST,
    Cursor,
    Page,
    first_page,
    pages_by_id,
    pages_by_number,
)
from entrepot.features.seeding.remote.portions import Part, Portion
from entrepot.features.seeding.remote.source import Access, Patience, Source
from entrepot.features.seeding.remote.transport import Transport, open_transport

Values = dict[str, Any]
AT_ONCE = 4
"""Lists that are read beside one another."""
AFTER = "after"
CLIENT_PROPERTY = "ClientSecret"
BEGINNING: Cursor = {"page": 1}
PASSES = 3
"""Times that a list is read which changes while it is."""


class RemoteReader:
    """Reads one marketplace. `marketplace` is its ID, and `username` who reads, once somebody is logged in."""

    def __init__(self, registry: Registry, source: Source) -> None:
        self.source = source
        self.findings = Findings()
        self.known = Known()
        self.marketplace = ""
        self.username = ""
        self.kinds = kinds_of(registry)
        self._listings = listings_of(registry)
        self._secrets = registry.operations[CLIENT_SECRETS]

    async def log_in(self) -> None:
        """Raises RemoteError, also where the token is no seller's."""
        try:
            me = await self.source.get("/me")
        except NotPermittedError as error:
            raise RemoteError(f"{self.source.url} does not say whose token it has given: {error}") from None
        except GoneError as error:
            raise RemoteError(f"{self.source.url} does not speak OrderCloud: GET /me: {error}") from None
        if me.get("Buyer") or me.get("Supplier"):
            raise RemoteError(
                "The API client's user is not one of the seller, and would see a part of the marketplace only."
            )
        seller = me.get("Seller")
        named = seller.get("ID") if isinstance(seller, dict) else me.get("CompanyID")
        if not isinstance(named, str) or not named:
            raise RemoteError(
                f"{self.source.url} does not say whose marketplace it is: GET /me has no Seller."
            )
        self.marketplace, self.username = named, str(me.get("Username"))

    async def records(self) -> AsyncIterator[tuple[Kind, Values]]:
        """All of it. Raises RemoteError."""
        families = Families()
        for kind in self.kinds:
            async for record in self._of_kind(kind):
                if kind.name != "Products" or families.take(record):
                    yield kind, record
            if kind.name == "Products":
                for child in families.children():
                    yield kind, child

    def portions(self, kind: Kind) -> Iterator[Portion]:
        """The lists of a kind's records; what lives under something asks that it has been read before."""
        for listing in self._listings[kind.name]:
            for home in self.known.homes(listing):
                yield Portion(listing, home)

    async def read(self, portion: Portion, cursor: Cursor | None = None) -> AsyncIterator[Part]:
        """The records of one list. Raises RemoteError."""
        try:
            async for part in self._read(portion, cursor):
                yield part
        except NotPermittedError as error:
            self.findings.refused.setdefault(portion.listing.operation.id, str(error))
            yield Part([], None, 0)
        except GoneError as error:
            if portion.listing.word:
                pass  # Nobody has set it.
            elif portion.home:
                self.findings.gone[portion.listing.kind.name] += 1
            else:
                # An operation that this server has not.
                self.findings.refused.setdefault(portion.listing.operation.id, str(error))
            yield Part([], None, 0)

    async def _of_kind(self, kind: Kind) -> AsyncIterator[Values]:
        portions = list(self.portions(kind))
        for start in range(0, len(portions), AT_ONCE):
            some = portions[start : start + AT_ONCE]
            if len(some) == 1:
                async for part in self.read(some[0]):
                    for record in part.records:
                        yield record
            else:
                for records in await asyncio.gather(*(self.all_of(each) for each in some)):
                    for record in records:
                        yield record

    async def all_of(self, portion: Portion) -> list[Values]:
        """The records of one list that is short."""
        return [record async for part in self.read(portion) for record in part.records]

    async def _read(self, portion: Portion, cursor: Cursor | None) -> AsyncIterator[Part]:
        if portion.listing.operation.lists is None:
            item, members = await self.source.get(portion.path), portion.listing.members
            if members:
                item = {name: item[name] for name in members if item.get(name) is not None}
            yield await self._part(portion, Page([item] if item else [], 1, None))
            return
        by_id = portion.listing.by_id and (cursor is None or AFTER in cursor)
        if by_id:
            after, read = (str(cursor[AFTER]), int(cursor["read"])) if cursor else ("", 0)
            total = 0
            async for page in pages_by_id(self.source, portion.path, portion.query, after):
                part = await self._part(portion, page)
                read, total = read + part.new, max(total, page.total)
                # What follows the last page is known when the count is.
                yield replace(part, then={**page.then, "read": read} if page.then else BEGINNING)
            if (cursor is None and read >= total) or await self._total(portion) <= read:
                yield Part([], None, total)
                return
            # An order that is not what the filter goes by, which the original is said to have: so read it in another way, too.
            cursor = None
        async for part in self._read_by_number(portion, cursor):
            yield part

    async def _read_by_number(self, portion: Portion, cursor: Cursor | None) -> AsyncIterator[Part]:
        """Page after page; again where the list has changed meanwhile, for then something may have moved to a page that was read."""
        for _ in range(PASSES):
            read = total = 0
            totals = set()
            shown: set[int] = set()
            async for page in pages_by_number(self.source, portion.path, portion.query, cursor):
                if page.total > MOST:
                    async for part in self._read_narrowed(portion, page.total):
                        yield part
                    return
                # What comes twice counts once, also where it is another list's.
                shown |= {hash(repr(item)) for item in page.items}
                read, total = len(shown), page.total
                totals.add(page.total)
                yield replace(await self._part(portion, page), then=page.then or BEGINNING)
            if cursor in (None, BEGINNING) and len(totals) <= 1 and read >= total:
                break
            cursor = None
        else:
            self.findings.short[portion.name] = (read, total)
        yield Part([], None, total)

    async def _read_narrowed(self, portion: Portion, total: int) -> AsyncIterator[Part]:
        """A list of which pages reach a part only: by what divides it."""
        given = {name for name, _ in portion.given}
        dividing = [
            (name, self.known.ids(table, portion.home) or self.known.ids(table))
            for name, table in portion.listing.narrowing()
            if name not in given
        ]
        if not dividing:
            self.findings.short[portion.name] = (MOST, total)
            yield Part([], None, total)
            return
        by, ids = min(dividing, key=lambda each: len(each[1]))
        for each in ids:
            async for part in self._read_by_number(
                replace(portion, given=(*portion.given, (by, each))), None
            ):
                yield replace(part, then=BEGINNING, total=total)
        yield Part([], None, total)

    async def _with_secret(self, client: Values) -> Values:
        """An API client that shows no secret may have some: without any it would be open to everybody here."""
        path = self._secrets.path.replace("{apiClientID}", quote(str(client.get("ID")), safe=""))
        try:
            page = await first_page(self.source, path, (), size=1)
        except NotPermittedError as error:
            self.findings.refused.setdefault(self._secrets.id, str(error))
            return client
        except GoneError:
            return client
        return {**client, CLIENT_PROPERTY: "one of its own"} if page.total else client

    def _record(self, portion: Portion, item: Values) -> Values:
        listing, home = portion.listing, dict(portion.home)
        if listing.identity:
            return whole_record(listing, item, home, self.findings)
        return record_of(listing, item, home, self.marketplace, self.findings)

    def _note(self, listing: Listing, record: Values) -> bool:
        if listing.identity:
            return self.known.note_whole(listing, record)
        return self.known.note(listing.kind, record)

    async def _total(self, portion: Portion) -> int:
        page = await first_page(self.source, portion.path, portion.query, size=1)
        return page.total

    async def _part(self, portion: Portion, page: Page) -> Part:
        listing, records, elsewhere = portion.listing, [], 0
        for item in page.items:
            if listing.kind.name == "Products" and item.get("IsBundle"):
                elsewhere += 1
                continue
            if listing.kind.table == API_CLIENT.table and not item.get(CLIENT_PROPERTY):
                item = await self._with_secret(item)
            if self._note(listing, record := self._record(portion, item)):
                records.append(record)
        return Part(records, None, page.total, len(records) + elsewhere)


@asynccontextmanager
async def open_reader(
    registry: Registry,
    access: Access,
    *,
    patience: Patience | None = None,
    transport: Transport | None = None,
) -> AsyncIterator[RemoteReader]:
    """A reader that is logged in. Raises RemoteError."""
    async with open_transport() if transport is None else nullcontext(transport) as opened:
        reader = RemoteReader(registry, Source(access, opened, patience or Patience()))
        await reader.log_in()
        yield reader
