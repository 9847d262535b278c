"""GET /entrepot/v1/events: what happens in the marketplace, as it happens."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable
from typing import Any

from entrepot.declare.operation import (
    TEST_BENCH,
    HeaderParameter,
    Operation,
    QueryParameter,
    Reply,
    Returns,
    operation,
)
from entrepot.declare.roles import SELLERS_ONLY, Right, sufficient
from entrepot.domain.events.wanted import Wanted
from entrepot.domain.faults.meeting import matches
from entrepot.engine.access import allowed_types
from entrepot.engine.authorization import refusal_of
from entrepot.engine.call import Call
from entrepot.engine.query import parameters, undeclared
from entrepot.engine.standing import confirm_standing
from entrepot.features.people.credentials.authenticator import TokenAuthenticator
from entrepot.features.people.events.kinds import Kinds
from entrepot.features.people.events.listener import Ear
from entrepot.features.people.events.log import State, open_log, state_of
from entrepot.features.people.events.models import MarketplaceEvent
from entrepot.features.people.events.streams import Streams
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    EventAheadError,
    EventFilterError,
    EventNumberError,
    EventsForgottenError,
    TooManyListenersError,
)
from entrepot.storage.ready_pool import ReadyPool

PATH = TEST_BENCH["events"]
MOST_ALTERNATIVES = 50
VERBS = frozenset({"post", "put", "patch", "delete"})
LAST = HeaderParameter(
    "Last-Event-ID", description="The number of the last event that came, as an EventSource sends it."
)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_ALTERNATIVES = "Alternatives are separated by `|`."


@operation(
    "Events.Listen",
    "GET",
    PATH,
    tag="Events",
    roles=sufficient(),
    user_types=allowed_types(SELLERS_ONLY, Right.WRITE),
    table="told_events",
    summary="Listen to what happens in the marketplace",
    description="Server-sent events, each with a number that is one higher than the one before it, until the caller hangs up, its token "
    "ends, or the server stops. `Last-Event-ID`, or `from`, goes on after a number; without, with what is next.",
    query=(
        QueryParameter("from", description="The number of an event; those after it are told."),
        QueryParameter("type", description=f"Of what it is about, as `Product`. {_ALTERNATIVES}"),
        QueryParameter("operation", description=f"As `Orders.Submit` or `Orders.*`. {_ALTERNATIVES}"),
        QueryParameter("verb", description=f"Of the request, as `PATCH`. {_ALTERNATIVES}"),
        QueryParameter("id", description=f"Of what it is about, or of what that belongs to. {_ALTERNATIVES}"),
    ),
    headers=(LAST,),
    returns=Returns(MarketplaceEvent),
    errors=(
        EventNumberError,
        EventFilterError,
        EventAheadError,
        EventsForgottenError,
        TooManyListenersError,
    ),
    confirms=True,
    streams=True,
)
async def listen(call: Call) -> Reply:
    """A stream; the first one of a marketplace in a day lets its units write down what they do."""
    streams = services(call).memory(Streams)
    given = parameters(call)
    wanted, after = _wanted(call, given, streams.kinds), _number(call, given)
    if not call.principal.has_listeners:
        await open_log(call)
    # Whoever has opened it is looked at anew, and comes back.
    await confirm_standing(call)
    state = await state_of(call.pool, call.marketplace_id)
    assert state is not None
    ear = Ear(wanted, call.authorization, call.principal.epoch, _start(state, after), await _end(call))
    return Reply(stream=streams.listen(call.marketplace_id, state, ear))


async def still_opens(authenticator: TokenAuthenticator, pool: ReadyPool, token: str) -> int:
    """Whether a token that opened a stream opens it yet: the security epoch as of which it does. One statement. Raises what refuses it."""
    principal = await authenticator.bearer(pool, token)
    refusal = refusal_of(listen, principal)
    if refusal is not None:
        raise refusal
    return principal.epoch


def _start(state: State, after: int | None) -> int:
    """The number after which it begins. Raises what is wrong with the one that was asked for."""
    if after is None:
        return state.number
    if after > state.number:
        raise EventAheadError(state.number)
    if after < state.forgotten:
        raise EventsForgottenError(state.forgotten + 1, state.number)
    return after


async def _end(call: Call) -> float:
    """When the token ends, by the loop's clock; the key of the test bench does not."""
    if not call.authorization:
        return math.inf
    ends_at = await services(call).authenticator.end_of(call.authorization) - call.principal.aged
    return asyncio.get_running_loop().time() + ends_at - call.server_clock().timestamp()


def _number(call: Call, given: dict[str, Any]) -> int | None:
    """What was sent with the reconnection goes before what stands in the address."""
    for name, text in ((LAST.name, call.sender.header(LAST.name) or ""), ("from", given.get("from", ""))):
        if text:
            if not _NUMBER.fullmatch(text):
                raise EventNumberError(name, text)
            return int(text)
    return None


def _wanted(call: Call, given: dict[str, Any], kinds: Kinds) -> Wanted:
    """Raises EventFilterError for what no event can be, and for what is no filter: whoever misspells one would hear of everything."""
    for name, text in undeclared(call).items():
        raise EventFilterError(name, text)
    return Wanted(
        types=frozenset(_some(given, "type", lambda each: each in kinds.types)),
        operations=_some(given, "operation", lambda each: any(matches(each, known) for known in kinds.of)),
        verbs=frozenset(_some(given, "verb", VERBS.__contains__)),
        ids=frozenset(_some(given, "id", bool)),
    )


def _some(given: dict[str, Any], name: str, is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """The alternatives that a parameter gives, in lower case."""
    text = str(given.get(name, ""))
    found = tuple(each.strip().lower() for each in text.split("|")) if text else ()
    if len(found) > MOST_ALTERNATIVES:
        raise EventFilterError(name, text)
    for each in found:
        if not is_known(each):
            raise EventFilterError(name, each)
    return found


OPERATIONS: tuple[Operation, ...] = (listen,)
