"""One call of an operation: what handlers get and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import IO, Any, Protocol, cast

import asyncpg

from entrepot.declare.feeds import Changed, Feed, Feeds
from entrepot.declare.operation import Operation
from entrepot.declare.synced import Thing
from entrepot.domain.time.virtual import VirtualTime, aged, seconds_ahead, shown
from entrepot.engine.attempts import NOBODY, Peer
from entrepot.engine.content import Content
from entrepot.engine.notes import Notes
from entrepot.engine.principal import Account, Principal
from entrepot.engine.recording import Recording
from entrepot.engine.wire.merge import taking_away
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import ApiError, InvalidTokenError, XpNullsError
from entrepot.kernel.ids import new_id
from entrepot.storage.ready_pool import ReadyPool

XP_NULLS = "Entrepot-Xp-Nulls"
"""The header of a PATCH that takes names out of an xp (docs/guide/xp.md)."""


class Database(Protocol):
    """What statements run on: the unit's connection, or the pool where no transaction is needed."""

    async def execute(self, query: str, *args: Any) -> str: ...

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]: ...

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...


class StaleStandingError(Exception):
    """The caller's standing may have changed since it was last checked: check it anew, then run again."""


class LostRaceError(Exception):
    """What this unit was to create, another one has created meanwhile: run again and find it."""

    def __init__(self, refusal: ApiError) -> None:
        self.refusal = refusal
        """The answer when running again does not help."""
        super().__init__(str(refusal))


class OutsideFirstError(Exception):
    """This unit needs what cannot be had within it (an answer from abroad, a number that is used up whatever becomes of the
    unit): undo it, run `step` outside of any transaction, run it again.

    The step leaves what it has learned in the notes, which the next run has.
    """

    def __init__(self, step: Callable[[Notes], Awaitable[None]]) -> None:
        self.step = step
        super().__init__("a call abroad is due")


async def begin_anew(notes: Notes) -> None:
    """The step of a unit that what comes before it has to be done again for: it takes the call abroad."""


@dataclass(frozen=True, slots=True)
class Backend:
    """What a process has open for all its calls.

    services: what the application wired in (key ring, password hasher, settings ...), typed by features. base_url: where
    the server is reached.
    """

    pool: ReadyPool
    services: Any
    clock: Clock
    base_url: str


class Sender(Protocol):
    """Who has sent a request, for the few operations that ask."""

    def peer(self) -> Peer:
        """Who is at the other end of the connection."""
        ...

    def cookies(self) -> str:
        """The Cookie header, "" without one."""
        ...

    def header(self, name: str) -> str | None:
        """A header that the operation declares, or XP_NULLS."""
        ...

    def note_for(self, somebody: Principal) -> None:
        """Of a public operation, which has found out whom the request concerns: it then stands in that marketplace's log."""
        ...


class _Nobody:
    """Of calls that no request makes."""

    def peer(self) -> Peer:
        return NOBODY

    def cookies(self) -> str:
        return ""

    def header(self, name: str) -> str | None:
        return None

    def note_for(self, somebody: Principal) -> None:
        pass


_NOBODY = _Nobody()


@dataclass(slots=True)
class Call:
    """A request on its way through a handler, or work of the server's own (`of_server`).

    path: decoded path parameters by name. query: the raw query string. content: the body, as sent and parsed; content_type: what
    the request calls it.
    """

    operation: Operation
    path: Mapping[str, str]
    query: str
    content: Content
    backend: Backend
    content_type: str = ""
    request_id: str = ""
    authorization: str = ""
    """The bearer token, "" where none was sent."""
    caller: Principal | None = None
    signed_in: Account | None = None
    """Who calls an operation of the portal."""
    sender: Sender = _NOBODY
    upload: IO[bytes] | None = None
    """The file that came along, of an operation that takes one: open, at its beginning."""
    connection: Recording | None = None
    time: VirtualTime | None = None
    """Of a public operation, which has found out which marketplace it concerns: the clock of that."""
    confirmed: bool = False
    renew: Callable[[Call, Database], Awaitable[None]] | None = None
    """In the last turn of a request whose caller's standing has kept changing: has the call go on with the caller as the database
    knows it (engine/standing.py). Raises 401 errors, and what the caller may not do.
    """
    steady: bool = False
    """Whether the catalog stands still for what the connection reads (engine/units.py)."""
    runs_again: bool = False
    """Whether a unit that raises OutsideFirstError is undone and run again. A call within the transaction of a seed is not."""
    may_wait: bool = False
    """Whether it may be answered with what is Due once its unit has sent what it gathers (engine/gathered.py)."""
    notes: Notes = field(default_factory=Notes)
    """What one step of a use case leaves for a later one (a verified password's hash ...)."""
    lasting: Notes = field(default_factory=Notes)
    """What stays where the unit is run again; a run's own notes begin with it."""
    afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """What follows the commit, before the answer leaves: calls abroad whose outcome changes nothing of the answer. What
    must not be lost stands in the database, too, since a crash may come between."""

    @classmethod
    def of_server(
        cls,
        operation: Operation,
        backend: Backend,
        acting: Principal,
        *,
        path: Mapping[str, str] | None = None,
        query: str = "",
        content: Content | None = None,
        within: Database | None = None,
        request_id: str | None = None,
    ) -> Call:
        """A call that no request makes, of a chore or a seed: in the marketplace of the principal for which it acts, whose
        standing nobody asks about. within: the transaction that it is part of; request_id: of many calls that are one work.
        """
        return cls(
            operation=operation,
            path=path or {},
            query=query,
            content=content or Content(),
            backend=backend,
            request_id=request_id or new_id(),
            caller=acting,
            connection=cast(Recording | None, within),
            confirmed=True,
        )

    @property
    def clock(self) -> Clock:
        """What time it is in the marketplace: for all that its users see or its rules ask. See `server_clock`."""
        time, real = self._time, self.backend.clock
        return real if time is None else lambda: shown(time, real())

    @property
    def ahead(self) -> int:
        """Seconds by which the marketplace's clock is ahead of the server's, to be told to each token that is given out."""
        return seconds_ahead(self._time)

    def aged(self, ahead: int) -> int:
        """By how many seconds something that was given out then is older than the server's clock says."""
        return aged(self._time, ahead)

    @property
    def _time(self) -> VirtualTime | None:
        return self.time if self.caller is None else self.caller.time

    @property
    def server_clock(self) -> Clock:
        """What time it is: for tokens, for what is due to leave the server, and for its own work."""
        return self.backend.clock

    @property
    def pool(self) -> ReadyPool:
        return self.backend.pool

    @property
    def services(self) -> Any:
        return self.backend.services

    @property
    def base_url(self) -> str:
        return self.backend.base_url

    @property
    def db(self) -> Database:
        """The open unit's connection, else the pool."""
        return cast(Database, self.connection if self.connection is not None else self.pool)

    @property
    def peer(self) -> Peer:
        """Who is at the other end of the connection."""
        return self.sender.peer()

    @property
    def cookies(self) -> str:
        """The Cookie header. Nobody proves himself by it; operations for browsers tell by it which one it is."""
        return self.sender.cookies()

    @property
    def body(self) -> Any:
        """The JSON value of the body, which must not be changed; of a PATCH with XP_NULLS, for `validate` and `merge` alone. Raises
        InvalidBodyError, and XpNullsError.
        """
        value = self.content.value
        if self.operation.verb == "PATCH" and (nulls := self.sender.header(XP_NULLS)) is not None:
            if nulls != "remove":
                raise XpNullsError
            return taking_away(value)
        return value

    @property
    def principal(self) -> Principal:
        if self.caller is None:
            raise InvalidTokenError
        return self.caller

    @property
    def account(self) -> Account:
        if self.signed_in is None:
            raise InvalidTokenError
        return self.signed_in

    @property
    def marketplace_id(self) -> int:
        return self.principal.marketplace_id

    def wrote(self, feed: Feed) -> bool:
        """Whether the open unit has written what is remembered under this epoch: of what it reads nothing may be kept, since
        it need not come to stand, nor is what was kept before true for it.
        """
        return isinstance(self.connection, Recording) and feed in self.connection.touched

    def concerning(self, feeds: Sequence[Feeds], row: Mapping[str, Any]) -> AbstractContextManager[None]:
        """Within it the unit writes this row, as it was, and what goes along with it (Feeds.unless, Feeds.changes)."""
        if feeds and isinstance(self.connection, Recording):
            return self.connection.concerning(feeds, row)
        return nullcontext()

    def changing(self, changed: Changed) -> AbstractContextManager[None]:
        """Within it what the unit writes changes this, and nothing else of catalogs."""
        return self.connection.changing(changed) if isinstance(self.connection, Recording) else nullcontext()

    def naming(self, of: Thing, names: Sequence[Sequence[Any]]) -> AbstractContextManager[None]:
        """Within it the unit writes these things by statements that do not name them (NAMED_BY_CALLER)."""
        return self.connection.naming(of, names) if isinstance(self.connection, Recording) else nullcontext()

    async def enqueue(self, query: str, *args: Any) -> None:
        """Run a statement whose outcome nobody needs (Recording.enqueue)."""
        if isinstance(self.connection, Recording):
            await self.connection.enqueue(query, *args)
        else:
            await self.db.execute(query, *args)

    def moved(
        self,
        product_id: str,
        variant_id: str | None,
        record_id: str | None,
        before: int | None,
        after: int | None,
        point: int | None,
    ) -> None:
        """Note that a quantity of stock has become another one, for those who want to know (INV-1). None counts as nothing."""
        if (
            Thing.STOCK in self.wanted
            and isinstance(self.connection, Recording)
            and (before or 0) != (after or 0)
        ):
            moved = (product_id, variant_id, record_id, before or 0, after or 0, point)
            self.connection.noted.moved.append(moved)

    @property
    def wanted(self) -> frozenset[Thing]:
        """What of that which the unit writes is to be told."""
        return self.connection.wanted if isinstance(self.connection, Recording) else frozenset()

    def confirm(self, epoch: int | None) -> None:
        """Compare the security epoch that a statement read with the one at which the caller was checked.

        Every revocation, deactivation or deletion of a user, company or client raises the marketplace's epoch in its
        own transaction, so an equal epoch means that nothing has changed for this caller.
        """
        if epoch != cast(Principal, self.caller).epoch:
            raise StaleStandingError
        self.confirmed = True

    def go_on_as(self, caller: Principal | None) -> None:
        """The same caller, as the database has just told its standing."""
        self.caller, self.confirmed = caller, True
