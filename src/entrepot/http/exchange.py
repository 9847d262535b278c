"""One request on its way through the steps of the pipeline, and the site that all requests share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from falcon.asgi import Response

from entrepot.declare.operation import Operation, Reply
from entrepot.engine.attempts import NOBODY, Attempts, Peer
from entrepot.engine.call import Backend, Call, Database
from entrepot.engine.content import NO_BODY, Content
from entrepot.engine.notes import Notes
from entrepot.engine.principal import Account, Principal
from entrepot.http.authentication import Accounts, Authenticator, Callers
from entrepot.http.bench import Bench, named_marketplace
from entrepot.http.catches import Catches
from entrepot.http.faults import Strikes, Struck
from entrepot.http.files import Upload
from entrepot.http.hearing import Hears
from entrepot.http.noting import Notes as RequestNotes
from entrepot.http.peer import PeerOf, peers
from entrepot.http.recording import Records
from entrepot.http.repeating import Repeat, Repeats
from entrepot.http.request import Request
from entrepot.kernel.clock import Clock, utc_now
from entrepot.kernel.errors import ApiOfflineError


@dataclass(frozen=True, slots=True)
class Opened:
    """What the application opens at start: what calls have, who verifies tokens, who hears of changes, who notes requests, who
    knows the accounts of the portal, what lets requests fail on purpose, who knows what those were answered with that may be
    sent again, who keeps what comes to catchers, who knows the key of the test bench, and who records requests.
    """

    backend: Backend
    authenticator: Authenticator
    attempts: Attempts = field(default_factory=Attempts)
    hears: Hears | None = None
    notes: RequestNotes | None = None
    accounts: Accounts | None = None
    strikes: Strikes | None = None
    repeats: Repeats | None = None
    catches: Catches | None = None
    bench: Bench | None = None
    records: Records | None = None


@dataclass(slots=True)
class Site:
    """What is the same for all requests of a process. `open` completes it when the server starts."""

    base_url: str
    clock: Clock = utc_now
    peer_of: PeerOf = field(default_factory=lambda: peers(()))
    notes: RequestNotes | None = None
    records: Records | None = None
    _opened: Opened | None = None
    _callers: Callers | None = None

    def open(self, opened: Opened) -> None:
        self._opened = opened
        self.notes, self.records = opened.notes, opened.records
        self._callers = Callers(opened.authenticator, self.clock)

    def close(self) -> None:
        self._opened = self._callers = self.notes = self.records = None

    def peer(self, request: Request) -> Peer:
        """Who is at the other end of a request."""
        client = request.scope.get("client")
        return NOBODY if client is None else self.peer_of(client[0], request.get_header("X-Forwarded-For"))

    @property
    def opened(self) -> Opened:
        if self._opened is None:
            raise ApiOfflineError
        return self._opened

    @property
    def callers(self) -> Callers:
        if self._callers is None:
            raise ApiOfflineError
        return self._callers


_NOTHING_YET: Final = Reply()


@dataclass(slots=True)
class Exchange:
    """A request, what the steps have found out about it, and the response that they fill. To the call that it becomes it is the Sender."""

    site: Site
    operation: Operation
    path: dict[str, str]
    request: Request
    response: Response
    token: str = ""
    caller: Principal | None = None
    account: Account | None = None
    content: Content = NO_BODY
    upload: Upload | None = None
    reply: Reply = _NOTHING_YET
    struck: Struck | None = None
    repeat: Repeat | None = None
    keyed: bool = False
    """Whether the caller has shown the key of the test bench in place of a token."""

    async def renew_caller(self, database: Database | None = None) -> None:
        """The caller with its present standing; as `database` sees it, where it is given. Raises 401 errors, and what a marketplace
        that the key has named has come to.
        """
        if self.keyed:
            await self.call_by_key(database)
        else:
            self.caller = self.request.noted_for = await self.site.callers.afresh(self.token, database)

    async def call_by_key(self, database: Database | None = None) -> None:
        """The caller is who has shown the key. Raises ApiError where it does not open this."""
        opened = self.site.opened
        assert opened.bench is not None
        named = named_marketplace(self.request)
        self.caller = await opened.bench.caller(opened.backend, self.operation, named, database)
        self.keyed = True

    def peer(self) -> Peer:
        return self.site.peer(self.request)

    def cookies(self) -> str:
        return self.request.get_header("Cookie") or ""

    def header(self, name: str) -> str | None:
        return self.request.get_header(name)

    def note_for(self, somebody: Principal) -> None:
        self.request.noted_for = somebody

    def new_call(self, lasting: Notes) -> Call:
        """The handler's view. Each run of a unit has its own, so that nothing leaks from a run that failed but what is to last."""
        request = self.request
        # Attributes one by one: a class that is called by so many names takes twice as long.
        call = Call(self.operation, self.path, request.raw_query, self.content, self.site.opened.backend)
        if self.content is not NO_BODY:
            call.content_type = request.content_type or ""
        call.request_id = request.id
        call.authorization = self.token
        call.caller = self.caller
        call.signed_in = self.account
        call.sender = self
        call.runs_again = True
        if self.upload is not None:
            call.upload = self.upload.file
        call.lasting = lasting
        call.notes.add_all(lasting)
        return call
