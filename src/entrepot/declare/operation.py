"""Operations: the narrow waist. Router, role check, OpenAPI, command line and tests read only these records."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from entrepot.declare.entity import TextFields
from entrepot.declare.types import WireType
from entrepot.declare.wire import Wire
from entrepot.kernel.errors import ApiError
from entrepot.kernel.user_types import UserType

SECRET_PARAMETERS = frozenset({"verificationCode", "invitationID"})
"""Path parameters that open something to whoever knows them. No log has their values."""

SECRETS_FOLLOW = frozenset(
    {"reset", "grouporders", "orderinvitations", "invitations", "accept", "decline", "catch"}
)
"""The segments, folded, before such parameters and before the addresses of catchers: where a path reaches no operation, nothing that follows them is logged. A
browser asks with OPTIONS before it sends a code, and whoever mistypes an address sends the code, too.
"""

OWN_ROOT = "/entrepot/"
"""What begins the paths of operations of the server itself, which no contract knows. They stand at the host root: their own
version follows, where those of the contract have `/v1`.
"""

TEST_BENCH = {
    part: f"/entrepot/v1/{part}"
    for part in ("batch", "clock", "events", "faults", "marketplaces", "recordings", "snapshots")
}
"""Where the operations are that exist for tests, which a setting takes away as a whole: what is not here has no path there."""

PORTAL_ROOT = "/api/"
"""What begins the paths of the portal, whose callers are accounts of people, and no users of a marketplace."""


Handler = Callable[[Any], Awaitable["Reply"]]
"""Takes the engine's Call."""


class Stream(Protocol):
    """A body that comes in pieces, for as long as the caller stays."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def attach(self, cut: Callable[[], object]) -> None:
        """Called with the first piece. cut: ends the connection, whatever is still to be sent."""
        ...

    def end(self, *, gone: bool) -> None:
        """No piece will be taken any more: the caller is gone, or the server stops."""
        ...

    async def close(self) -> None:
        """Called at its end, and in place of asking for any piece."""
        ...


@dataclass(frozen=True, slots=True)
class Created:
    """Where something new is: its ID, and those of its parents by path parameter, all as they are stored, since the path of
    the request may spell them otherwise. `below` is a path like an operation's, by default the request's.
    """

    id: str
    parents: Mapping[str, str] = field(default_factory=dict)
    below: str | None = None


@dataclass(frozen=True, slots=True)
class FileReply:
    """A file as an answer: open, at its beginning, of `size` bytes. Whoever sends it closes it. name: what it is to be called."""

    file: IO[bytes]
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a handler: a wire value (dict, list page, None) and headers beyond the usual ones."""

    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    """Only where one operation has two success codes; else the operation's."""
    created: Created | None = None
    """What the Location header leads to."""
    page: str | None = None
    """In place of a body: the HTML of an operation for browsers."""
    file: FileReply | None = None
    """In place of a body, of an operation that gives one."""
    stream: Stream | None = None
    """In place of a body: server-sent events."""


class LockAhead(Protocol):
    """Locks what several calls of an operation in one unit are about, by one statement, where each by itself would lock one row."""

    async def __call__(self, call: Any, paths: Sequence[Mapping[str, str]], *, keep: bool) -> None:
        """paths: their parameters, the first of which are the call's own. keep: whether each finds its row without a statement."""
        ...


class Unit(enum.Enum):
    """How the pipeline surrounds a handler."""

    READ = "read"
    """No transaction; the handler confirms the caller with its own statement or lets the pipeline do it."""
    WRITE = "write"
    """One transaction, committed before the response leaves."""
    OWN = "own"
    """The use case opens its transactions itself (it must persist on refusal, or call out before writing)."""


class Counted(enum.Enum):
    """What counts of the calls of an operation that somebody could use for guessing."""

    REFUSED = "refused"
    """By address, and by the token's user."""
    CALLS = "calls"
    """By address, whatever comes of them."""
    LETTERS = "letters"
    """The same, by the hour: each may write to somebody who has nothing to do with this server."""


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A declared query parameter that is not a list option."""

    name: str
    type: WireType = field(default_factory=lambda: WireType("string"))
    required: bool = False
    description: str = ""
    confidential: bool = False
    """Whether its value opens something to whoever has it."""


@dataclass(frozen=True, slots=True)
class HeaderParameter:
    """A declared header of the request; a text."""

    name: str
    required: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class ListOptions:
    """The options of a list: names of searchable and sortable properties in their order (None = any).

    `bare` lists (assignments) have paging only. `sort` holds un-prefixed names; the leading ones up to `ID` are the
    default order. Premium lists search and sort by any property: `text` is what they search without searchOn, `order`
    their default order.
    """

    search: tuple[str, ...] | None = ()
    sort: tuple[str, ...] | None = ()
    bare: bool = False
    premium: bool = False
    facets: bool = False
    text: TextFields | None = None
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """What a request body may cost: its bytes, and its values (brackets, braces, colons and commas, strings included)."""

    bytes: int
    values: int


SMALL_BODY = BodyLimit(64 * 1024, 2_000)
"""Where anybody may send one, and where none is looked at."""
USUAL_BODY = BodyLimit(1024 * 1024, 20_000)
"""Far beyond what the properties of any object may hold."""
FILE_BODY = BodyLimit(4 * 1024 * 1024, 90_000)
"""Where the text of a whole file is one of them: as much as is parsed without keeping others waiting."""


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON request body."""

    model: type[Wire]
    partial: bool = False
    required: bool = True
    """Whether nothing and `null` are refused. Else both are the same as an empty object."""
    limit: BodyLimit = USUAL_BODY


@dataclass(frozen=True, slots=True)
class Returns:
    """A JSON response body: one object, or a page of them."""

    model: type[Wire]
    page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """Everything that is known about one operation; compared by identity."""

    id: str
    verb: str
    path: str
    tag: str
    summary: str
    handler: Handler
    source: str
    """file:line of the declaration."""
    status: int = 200
    roles: tuple[str, ...] = ()
    """Any one suffices; empty = no role needed."""
    public: bool = False
    """No token needed."""
    user_types: frozenset[UserType] = frozenset(UserType)
    guests: bool = True
    """Whether anonymous shoppers may call it."""
    invited: bool = False
    """Whether the token of an invitation to somebody's order opens it (GRP-2); it opens nothing else."""
    renews: bool = False
    """Whether the token of a forgotten password opens it (AUTH-64); it opens nothing else."""
    recorded: bool = False
    """Whether it writes the caller's own record, which a default user has not (PORT-13)."""
    query: tuple[QueryParameter, ...] = ()
    headers: tuple[HeaderParameter, ...] = ()
    lists: ListOptions | None = None
    body: Body | None = None
    takes_file: int = 0
    """Bytes that the body may have, which is a file of its own kind and no JSON; 0 where it is none."""
    returns: Returns | None = None
    gives_file: bool = False
    """Whether the answer is a file, of bytes."""
    errors: tuple[type[ApiError], ...] = ()
    unit: Unit = Unit.READ
    ends_with_client: bool = False
    """Whether a write is undone when its client hangs up before it is committed: what keeps many rows locked for long. Others go on."""
    joins: bool = False
    """Whether what has units of its own does its work in one that is open, where it is called within one."""
    prepare: Callable[[Any], Awaitable[None]] | None = None
    """Slow work (password hashes, calls abroad) before the transaction opens; it leaves its results in `Call.notes`.
    It must not refuse: that is the handler's part, in its order of checks."""
    prepares: Callable[[Any], bool] = lambda _: True
    """Whether there is such work in a call: where there is, its caller is confirmed once more, before it."""
    lock_ahead: LockAhead | None = None
    counted: Counted | None = None
    """What of its calls counts as attempts, of which nobody has too many (HTTP-6)."""
    confirms: bool = False
    """The handler checks the caller's standing within its own statement."""
    for_browsers: bool = False
    """People are led here by links and redirects: it answers with a redirect, or with a page where it cannot."""
    streams: bool = False
    """Whether it answers with server-sent events, each of which is what it returns."""
    moves: tuple[enum.StrEnum, ...] = ()
    """The events of a life (domain/orders/status.py) that it may cause, and no others."""
    steps: tuple[str, ...] = ()
    """What it does, in order."""
    resource: str = ""
    table: str | None = None
    hooks: str | None = None
    description: str = ""
    arguments: tuple[str, ...] = ()
    """The path's parameters in the order that SDKs take them, where it is not the path's own."""

    # What each request asks for is found out once.
    is_own: bool = field(init=False)
    """Whether the operation is the server's own, and none of the contract."""
    is_portal: bool = field(init=False)
    """Whether it is one of the portal's."""
    is_confirmed: bool = field(init=False)
    """Whether its caller is a user of a marketplace, whose standing has to hold until the unit ends."""
    body_limit: BodyLimit = field(init=False)
    """What anybody can send, without a token, is small whatever it may hold."""

    def __post_init__(self) -> None:
        is_portal = self.path.startswith(PORTAL_ROOT)
        limit = SMALL_BODY if self.body is None or self.public else self.body.limit
        object.__setattr__(self, "is_own", self.path.startswith(OWN_ROOT))
        object.__setattr__(self, "is_portal", is_portal)
        object.__setattr__(self, "is_confirmed", not (self.public or is_portal))
        object.__setattr__(self, "body_limit", limit)

    @property
    def is_for_tests(self) -> bool:
        """Whether it belongs to the test bench."""
        return self.path.startswith(tuple(TEST_BENCH.values()))

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """The names of the path's parameters, in the order of the SDKs' arguments."""
        return self.arguments or tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


async def _asked_by_nobody(_: Any) -> Reply:
    raise NotImplementedError


def chore(name: str, *, moves: tuple[enum.StrEnum, ...] = ()) -> Operation:
    """Work of the server's own, which no request asks for and the registry does not know: what it may do, by name."""
    source = f"{_asked_by_nobody.__code__.co_filename}:{_asked_by_nobody.__code__.co_firstlineno}"
    return Operation(
        id=name, verb="", path="", tag="", summary="", handler=_asked_by_nobody, source=source, moves=moves
    )


def operation(operation_id: str, verb: str, path: str, **facts: Any) -> Callable[[Handler], Operation]:
    """Declare a use case: the decorated function becomes the Operation of which it is the handler.

    @operation("Me.Get", "GET", "/me", tag="Me", summary="Get the caller's own record", returns=Returns(MeUser))
    async def get_me(call: Call) -> Reply: ...
    """

    def declare(handler: Handler) -> Operation:
        code = handler.__code__
        source = f"{code.co_filename}:{code.co_firstlineno}"
        return Operation(id=operation_id, verb=verb, path=path, handler=handler, source=source, **facts)

    return declare
