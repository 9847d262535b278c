"""The answers of a batch as they come, and what references to them stand for: bounded as a whole."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from msgspec import Raw

from entrepot.declare.operation import BodyLimit, Reply
from entrepot.domain.batches.references import (
    Reference,
    filled,
    filled_path,
    place_of,
    reached,
)
from entrepot.engine.call import Call
from entrepot.engine.content import OFF_LOOP
from entrepot.engine.gathered import Due, Gathered
from entrepot.engine.wire.json import MAX_DEPTH, count_values, encode, is_deeper, load
from entrepot.features.people.batches.inside import Inside
from entrepot.features.people.batches.models import LONGEST_PATH
from entrepot.features.people.batches.planning import Plan, Planned, at, check_size, content_of
from entrepot.kernel.errors import (
    AnswersTooLargeError,
    BodyTooLargeError,
    InvalidBodyError,
    ReferencesTooLargeError,
    UnfitReferenceError,
)

MOST_BYTES = 8 * 2**20
"""Of all answers together."""
MOST_VALUES = 250_000
"""Of those that others refer to, which are kept parsed: as empty arrays 8 MB of text would be 200 MB."""


class Answers:
    """sent: the bytes of the batch; limit: of what is sent, which what references stand for counts as."""

    def __init__(self, plan: Plan, sent: int, limit: BodyLimit) -> None:
        self._plan = plan
        self._limit = limit
        self._bytes = sent
        self._values = plan.values
        self._parsed: dict[int, Any] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._texts: list[bytes] = []
        self._size = self._kept = 0

    async def add(self, each: Planned, status: int, headers: Mapping[str, str], body: bytes | None) -> None:
        """The answer of the next request. Raises AnswersTooLargeError."""
        is_referred = each.index in self._plan.referred
        self._size += len(body or b"")
        self._kept += count_values(body or b"") if is_referred else 0
        if self._size > MOST_BYTES or self._kept > MOST_VALUES:
            raise AnswersTooLargeError(MOST_BYTES, MOST_VALUES)
        if is_referred:
            if body is None:
                self._parsed[each.index] = None
            elif len(body) > OFF_LOOP:
                self._parsed[each.index] = await asyncio.to_thread(load, body)
            else:
                self._parsed[each.index] = load(body)
        shown = {
            "Label": each.label or None,
            "Status": status,
            "Headers": headers,
            "Body": None if body is None else Raw(body),
        }
        self._texts.append(encode(shown))

    def text(self) -> bytes:
        """Of all of them."""
        return b'{"Answers":[' + b",".join(self._texts) + b"]}"

    def filled_in(self, call: Call, each: Planned, inside: Inside) -> Call:
        """The call of a request with the path, query and body that it has now. Raises what is wrong with its references."""
        taken = _Taken(self, each.operation.body_limit.bytes)
        part = each.part
        path, query = (filled_path(template, taken.value) for template in (each.path, each.query))
        if len(path) + len(query) > LONGEST_PATH:
            raise UnfitReferenceError(path)
        operation, parameters = inside.lead(part.verb, path)
        if operation is not each.operation:
            # What somebody has called a part of another operation's path.
            raise UnfitReferenceError(path)
        part.path, part.query = path, query
        body = filled(each.body, taken.value)
        if is_deeper(body, MAX_DEPTH):
            raise InvalidBodyError
        content = content_of(operation, body)
        check_size(operation, content)
        return replace(call, path=parameters, query=query, content=content)

    def value(self, reference: Reference) -> Any:
        """What a reference stands for, which counts each time. Raises ReferencesTooLargeError."""
        place = place_of(reference, self._plan.labels, len(self._plan.requests), len(self._plan.requests))
        value = reached(self._parsed[place], reference)
        size, values = self.size(reference, value)
        self._bytes += size
        self._values += values
        if self._bytes > self._limit.bytes or self._values > self._limit.values:
            raise ReferencesTooLargeError(self._limit.bytes, self._limit.values)
        return value

    def size(self, reference: Reference, value: Any) -> tuple[int, int]:
        """Bytes and values of its text."""
        known = self._sizes.get(reference.text)
        if known is None:
            text = encode(value)
            known = self._sizes[reference.text] = (len(text), count_values(text))
        return known


class _Taken:
    """What one request has taken of earlier answers: no more than its body could have."""

    def __init__(self, answers: Answers, most: int) -> None:
        self._answers = answers
        self._most = most
        self._bytes = 0

    def value(self, reference: Reference) -> Any:
        value = self._answers.value(reference)
        self._bytes += self._answers.size(reference, value)[0]
        if self._bytes > self._most:
            raise BodyTooLargeError(self._most)
        return value


BUSY = 0.004
"""Seconds of carrying out requests after which their statements are sent, and others have their turn."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A request that was carried out, in so many seconds."""

    planned: Planned
    call: Call
    reply: Reply
    seconds: float


class Answering:
    """Answers as they come, in the order of the requests; those that are Due are waited for together, while others are carried out."""

    def __init__(self, answers: Answers, inside: Inside, gathered: Gathered) -> None:
        self.answers = answers
        self.noted: list[Callable[[], None]] = []
        """What is noted of each of them, once they stand."""
        self._inside = inside
        self._gathered = gathered
        self._due: deque[Carried] = deque()
        self._busy = 0.0
        """Seconds since statements were sent last."""

    async def add(self, one: Carried) -> None:
        """Raises what is wrong with its answer, and BatchRequestError and GatheredError of those before it."""
        if not isinstance(one.reply.body, Due):
            await self.all()
            await self._answer(one)
            return
        self._due.append(one)
        self._busy += one.seconds
        if self._busy > BUSY:
            self._busy = 0.0
            await self._gathered.send()
            await self._answer_due()

    async def all(self) -> None:
        """Answer all that were carried out. Raises BatchRequestError, GatheredError."""
        if self._due:
            await self._gathered.sent()
            await self._answer_due()

    async def _answer_due(self) -> None:
        """Those whose statements have come back."""
        while self._due and self._due[0].reply.body.row is not None:
            one = self._due.popleft()
            with at(one.planned.index, {"Label": one.planned.label}):
                await self._answer(one)

    async def _answer(self, one: Carried) -> None:
        planned, reply = one.planned, one.reply
        status = reply.status or planned.operation.status
        given = reply.body.body() if isinstance(reply.body, Due) else reply.body
        body = given if given is None or isinstance(given, bytes) else encode(given)
        await self.answers.add(planned, status, self._inside.headers(one.call, reply), body)
        noted = (one.call, planned.part, status, one.seconds, None, body or b"")
        self.noted.append(partial(self._inside.note, *noted))
