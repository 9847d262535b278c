"""Requests that are carried out within the unit of another: the pipeline's steps, but for those that the outer one has been through.

    before the transaction   faults, answers to the same Idempotency-Key, webhooks that are asked, slow work
    within it                the handler, webhooks that are told, the answer kept under the key

The caller has been authenticated; whether he may is asked by whoever plans the requests (engine/authorization.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from asyncpg.exceptions import PostgresError

from entrepot.declare.operation import SECRET_PARAMETERS, Operation, Reply, Unit
from entrepot.engine.attempts import Attempts
from entrepot.engine.call import XP_NULLS, Call
from entrepot.engine.event_log import log_event
from entrepot.features.people.batches.inside import Part
from entrepot.http import metrics
from entrepot.http.counting import counting
from entrepot.http.database_errors import is_conflict, translate
from entrepot.http.faults import Strikes
from entrepot.http.hearing import Hearing, Hears, is_heard
from entrepot.http.noting import Notes
from entrepot.http.recording import Records
from entrepot.http.repeating import Repeat, Repeats, check_key, digest_of, may_repeat
from entrepot.http.routing import Led, ascii_id, at_host_root, location, mounted, parameter_places
from entrepot.kernel.errors import ApiError, CallsAbroadError, MethodNotAllowedError, RouteNotFoundError
from entrepot.storage.reach import DatabaseLostError


@dataclass(frozen=True, slots=True)
class AnsweredInside:
    """For the log of requests."""

    id: str
    operation: str
    method: str
    logged_path: str
    error: str | None


@dataclass(frozen=True, slots=True)
class SentInside(AnsweredInside):
    """For recordings."""

    raw_path: str
    raw_query: str
    sent: bytes
    content_type: str
    authorization: str
    secret_segments: tuple[int, ...]


class InsideUnits:
    """Implements features.people.batches.inside.Inside. lead: as `routing.leading` makes it."""

    def __init__(
        self,
        lead: Callable[[str, str], Led | None],
        attempts: Attempts,
        *,
        hears: Hears | None = None,
        notes: Notes | None = None,
        strikes: Strikes | None = None,
        repeats: Repeats | None = None,
        records: Records | None = None,
    ) -> None:
        self._lead = lead
        self._attempts = attempts
        self._hears = hears
        self._notes = notes
        self._strikes = strikes
        self._repeats = repeats
        self._records = records

    def lead(self, verb: str, path: str) -> tuple[Operation, Mapping[str, str]]:
        led = self._lead(verb, path)
        if led is None:
            raise RouteNotFoundError(verb, path)
        if led.operation is None:
            raise MethodNotAllowedError(verb, led.allowed)
        named = {
            name: ascii_id(value) if name.endswith("ID") else value for name, value in led.parameters.items()
        }
        return led.operation, named

    def may_join(self, operation: Operation) -> bool:
        """The contract's, for callers who are known, which do all that they do in one unit."""
        return (
            operation.is_confirmed
            and not operation.is_own
            and not at_host_root(operation.path)
            and (operation.unit is not Unit.OWN or operation.joins)
        )

    async def hearing(self, call: Call) -> Hearing | None:
        if self._hears is None or not is_heard(call.operation):
            return None
        return await self._hears(call)

    def is_asked_about(self, hearing: Hearing | None, part: Part) -> bool:
        return hearing is not None and hearing.asks(part.asked)

    async def strike(self, call: Call, part: Part) -> None:
        """The answer of a request within another cannot be lost by itself: a fault of either moment refuses it."""
        if self._strikes is None or part.met:
            return
        part.met = True
        striking = self._strikes(call.backend, call.operation, unquote(part.path), call.principal)
        struck = None if striking is None else await striking
        if struck is not None:
            await struck.before()
            await struck.after()

    async def before(self, call: Call, part: Part, hearing: Hearing | None) -> Reply | None:
        repeat = self._repeat(call, part)
        if repeat is not None:
            known = await repeat.known(call)
            if known is not None:
                return known
        if hearing is not None:
            await hearing.ask(call, part.asked)
        if call.operation.prepare is not None and call.operation.prepares(call):
            await call.operation.prepare(call)
        return None

    async def within(self, call: Call, part: Part, hearing: Hearing | None, *, prepares: bool) -> Reply:
        operation = call.operation
        repeat = self._repeat(call, part)
        if repeat is not None:
            known = await repeat.begin(call)
            if known is not None:
                return known
        if self.is_asked_about(hearing, part):
            raise CallsAbroadError(operation.id)
        if prepares and operation.prepare is not None and operation.prepares(call):
            await operation.prepare(call)
        counted = (
            nullcontext()
            if operation.counted is None
            else counting(self._attempts, operation, call.peer, call.caller)
        )
        with counted:
            reply = await operation.handler(call)
        if hearing is not None:
            reply = await hearing.tell(call, reply)
        if operation.unit is not Unit.READ:
            await log_event(call, reply)
        if repeat is not None:
            await repeat.end(call, reply)
        return reply

    def refusal(self, call: Call, error: Exception) -> ApiError | None:
        """A conflict with others, and a connection that is lost, are the unit's."""
        if isinstance(error, ApiError):
            return error
        if isinstance(error, DatabaseLostError) or (isinstance(error, PostgresError) and is_conflict(error)):
            return None
        return translate(error, call.operation, dict(call.path), has_body=call.content.is_given)

    def headers(self, call: Call, reply: Reply) -> dict[str, str]:
        found = dict(reply.headers)
        if reply.created is not None:
            found["Location"] = call.base_url + location(call.operation, reply.created)
        return found

    def note(
        self, call: Call, part: Part, status: int, seconds: float, refusal: ApiError | None, answer: bytes
    ) -> None:
        operation, caller = call.operation, call.principal
        metrics.observe_part(operation.id, status, seconds)
        error = None if refusal is None else refusal.items()[0].code
        secret = _secret_segments(operation)
        answered = (call.request_id, operation.id, part.verb, _logged(part.path, secret), error)
        if self._notes is not None:
            self._notes.note(caller, AnsweredInside(*answered), status, seconds, call.server_clock)
        # Of a batch that is refused nothing was done: who sends its requests by themselves would do it.
        if self._records is not None and caller.recording is not None and refusal is None:
            sent, bearer = call.content.raw, f"Bearer {call.authorization}"
            as_sent = SentInside(*answered, part.path, part.query, sent, call.content_type, bearer, secret)
            self._records.take(caller, as_sent, status, answer, seconds, call.server_clock())

    def _repeat(self, call: Call, part: Part) -> Repeat | None:
        if self._repeats is None or not part.key or not may_repeat(call.operation):
            return None
        check_key(part.key)
        nulls = call.sender.header(XP_NULLS)
        return self._repeats(part.key, digest_of(part.verb, part.path, part.query, nulls, call.content.raw))


@cache
def _secret_segments(operation: Operation) -> tuple[int, ...]:
    places = parameter_places(mounted(operation.path))
    return tuple(index for name, index in places if name in SECRET_PARAMETERS)


def _logged(path: str, secret: tuple[int, ...]) -> str:
    """The path as logs have it, with `***` for what is secret in it."""
    if not secret:
        return unquote(path)
    return unquote("/".join("***" if i in secret else part for i, part in enumerate(path.split("/"))))
