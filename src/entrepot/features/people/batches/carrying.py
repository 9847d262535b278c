"""Carrying out the requests of a batch, one after the other, in the transaction that is open."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from itertools import islice, takewhile
from operator import itemgetter
from time import perf_counter
from typing import Any, cast

from entrepot.declare.feeds import Feed
from entrepot.declare.operation import BodyLimit, LockAhead, Operation, Reply
from entrepot.engine.call import Call, LostRaceError, OutsideFirstError, begin_anew
from entrepot.engine.gathered import GatheredError
from entrepot.engine.notes import Note, Notes
from entrepot.engine.recording import Recording
from entrepot.engine.standing import confirm_standing
from entrepot.features.people.batches.answering import Answering, Answers, Carried
from entrepot.features.people.batches.inside import Inside
from entrepot.features.people.batches.planning import TOGETHER, Plan, Planned, at
from entrepot.kernel.errors import BatchRequestError, CallsAbroadError, ConnectionCutError

MOST_STEPS = 8
"""Calls abroad that the requests of one batch may ask for while they are carried out: each has all of them begin anew."""
FOLLOW_UPS = 20.0
"""Seconds after the transaction was opened in which a call abroad that follows it may begin: later, others may have taken it up
(deliveries/leases.py).
"""
LOCKED_TOGETHER = 100
"""Rows that one statement locks and gives."""
FEW = 10
"""Statements that lock rows at the beginning, or one in so many requests."""
BEGUN: Note[bool] = Note("a batch that has been begun before")
UNGATHERED: Note[bool] = Note("a batch whose statements are not gathered, since one of them has failed")
STEPS: Note[int] = Note("how many calls abroad a batch has asked for")
Follow = Callable[[], Awaitable[None]]


class Carrying:
    """One run of a batch. `calls` are those of its requests, as far as they have been prepared."""

    def __init__(self, call: Call, plan: Plan, inside: Inside) -> None:
        self._call = call
        self._plan = plan
        self._inside = inside
        self._calls: dict[int, Call] = {}
        self._hearings: dict[Operation, Any] = {}
        self._locked_to = 0
        """The place of the first request whose row has not been locked together with others."""

    async def prepare(self) -> None:
        """What is to be done before the transaction opens. Raises BatchRequestError."""
        call, inside = self._call, self._inside
        plan = self._plan.requests
        for each in plan:
            if each.operation not in self._hearings:
                self._hearings[each.operation] = await inside.hearing(self._inner(each))
            if each.refers and inside.is_asked_about(self._hearings[each.operation], each.part):
                raise BatchRequestError(each.index, each.label, CallsAbroadError(each.operation.id))
        for each in plan:
            with at(each.index, {"Label": each.label}):
                if call.principal.has_faults:
                    await inside.strike(self._inner(each), each.part)
                await self._prepare(each)

    async def _prepare(self, each: Planned) -> None:
        """What of it does not depend on other requests."""
        hearing, part = self._hearings[each.operation], each.part
        if each.refers:
            return
        if part.key or each.operation.prepare is not None or self._inside.is_asked_about(hearing, part):
            inner = self._calls[each.index] = self._inner(each)
            await self._inside.before(inner, part, hearing)

    async def carry_out(self, limit: BodyLimit) -> Reply:
        """All of them. Raises BatchRequestError at the first that is refused, and what has the unit run again."""
        call = self._call
        until = asyncio.get_running_loop().time() + FOLLOW_UPS
        followed: list[Follow] = []
        try:
            async with cast(Recording, call.connection).gathering() as gathered:
                answering = Answering(
                    Answers(self._plan, len(call.content.raw), limit), self._inside, gathered
                )
                await self._lock_in_order()
                for each in self._plan.requests:
                    before = _statements(call)
                    inner = await self._carry(each, answering)
                    followed += [partial(_in_time, until, follow) for follow in inner.afterwards]
                    if _statements(call) == before:
                        await asyncio.sleep(0)
                await answering.all()
        except GatheredError as error:
            raise OutsideFirstError(_ungathered) from error
        # Of requests that took long together, too, the caller's standing holds at the end.
        await confirm_standing(call)
        call.afterwards += [partial(_all, answering.noted), *followed]
        return Reply(answering.answers.text())

    async def _carry(self, each: Planned, answering: Answering) -> Call:
        """One of them, whose call it returns."""
        inside, begun = self._inside, perf_counter()
        inner = self._calls.get(each.index) or self._inner(each)
        try:
            if each.refers:
                inner = answering.answers.filled_in(inner, each, inside)
            # It may have been prepared when the caller was another than the unit has found.
            inner.connection, inner.caller, inner.confirmed = self._call.connection, self._call.caller, True
            await self._lock_ahead(each, inner)
            reply = await self._one(each, inner)
            await answering.add(Carried(each, inner, reply, perf_counter() - begun))
        except LostRaceError as race:
            raise LostRaceError(BatchRequestError(each.index, each.label, race.refusal)) from race
        except OutsideFirstError:
            self._count_step(each)
            raise
        except (GatheredError, BatchRequestError):
            # What those before it were to be refused for.
            raise
        except Exception as error:
            await answering.all()
            refusal = inside.refusal(inner, error)
            if refusal is None:
                raise
            inside.note(inner, each.part, refusal.status, perf_counter() - begun, refusal, b"")
            if isinstance(refusal, ConnectionCutError):
                raise refusal from error
            raise BatchRequestError(each.index, each.label, refusal) from error
        finally:
            inner.connection = None
        return inner

    async def _one(self, each: Planned, inner: Call) -> Reply:
        hearing = self._hearings[each.operation]
        if self._call.wrote(Feed.SECURITY):
            # Who hears of it may be what an earlier request has written.
            hearing = await self._inside.hearing(inner)
        elif self._call.renew is not None:
            # In a last turn it may be others than when the batch was prepared.
            hearing = await self._inside.hearing(inner)
            if self._inside.is_asked_about(hearing, each.part):
                raise OutsideFirstError(begin_anew)
        inner.may_wait = hearing is None and self._may_wait(each)
        prepares = each.index not in self._calls
        return await self._inside.within(inner, each.part, hearing, prepares=prepares)

    def _may_wait(self, each: Planned) -> bool:
        """Whether nobody needs its answer before the end."""
        return not (
            each.operation.lock_ahead is None
            or each.part.key
            or each.index in self._plan.referred
            or self._call.lasting.get(UNGATHERED) is not None
        )

    async def _lock_in_order(self) -> None:
        """Lock what the requests are known to be about in an order that all batches have, so that of two that write the same rows none
        waits for the other in a circle. A statement for each place that has such rows, if those are few, or the batch has been in a circle.
        """
        requests = self._plan.requests
        operations = {each.operation for each in requests}
        known: dict[tuple[str, ...], list[Planned]] = defaultdict(list)
        for each in requests:
            if each.operation.lock_ahead is not None and not each.refers:
                *above, _ = (value.lower() for value in each.parameters.values())
                known[each.operation.resource, *above].append(each)
        number, again = sum(map(len, known.values())), self._call.lasting.get(BEGUN)
        self._call.lasting.put(BEGUN, True)
        # Then the first of them locks the rows of all.
        at_once = number == len(requests) <= LOCKED_TOGETHER and len(known) == len(operations) == 1
        if number < 2 or at_once or (len(known) > max(FEW, number // FEW) and not again):
            return
        for _, some in sorted(known.items(), key=itemgetter(0)):
            inner = self._inner(some[0])
            inner.connection, inner.confirmed = self._call.connection, True
            lock = cast(LockAhead, some[0].operation.lock_ahead)
            await lock(inner, [each.parameters for each in some], keep=False)

    async def _lock_ahead(self, each: Planned, inner: Call) -> None:
        """Lock at once what this request and those right after it are about, where they are of one operation."""
        if each.index < self._locked_to:
            return
        if isinstance(inner.connection, Recording):
            inner.connection.locked.clear()
        lock = each.operation.lock_ahead
        if lock is None or each.refers:
            return
        following = islice(self._plan.requests, each.index, each.index + LOCKED_TOGETHER)
        some = [*takewhile(lambda one: one.operation is each.operation and not one.refers, following)]
        if len(some) > 1:
            self._locked_to = each.index + len(some)
            await lock(inner, [one.parameters for one in some], keep=True)

    def _inner(self, each: Planned) -> Call:
        """The call of a request, on no connection yet."""
        notes = Notes()
        notes.add_all(self._call.lasting)
        return replace(
            self._call,
            operation=each.operation,
            path=each.parameters,
            query=each.part.query,
            content=each.content,
            content_type="application/json",
            connection=None,
            runs_again=False,
            notes=notes,
            lasting=Notes(),
            afterwards=[],
        )

    def _count_step(self, each: Planned) -> None:
        """A step outside of the transaction is due. Raises BatchRequestError where there were many."""
        steps = (self._call.lasting.get(STEPS) or 0) + 1
        self._call.lasting.put(STEPS, steps)
        if steps > MOST_STEPS:
            raise BatchRequestError(each.index, each.label, CallsAbroadError(each.operation.id))


async def _ungathered(notes: Notes) -> None:
    notes.put(UNGATHERED, True)


def _statements(call: Call) -> int:
    return call.connection.statements if isinstance(call.connection, Recording) else 0


async def _in_time(until: float, follow: Follow) -> None:
    if asyncio.get_running_loop().time() < until:
        await follow()


async def _all(noted: list[Callable[[], None]]) -> None:
    for place, note in enumerate(noted):
        note()
        if place % TOGETHER == 0:
            await asyncio.sleep(0)
