"""Reading a batch: what each request is, which operation it leads to, and all that can be wrong with it before anything is done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from entrepot.declare.operation import Operation
from entrepot.domain.batches.references import (
    LABEL,
    MOST,
    OPENS,
    Reference,
    Template,
    filled,
    place_of,
    read,
    references_in,
    references_of,
)
from entrepot.engine.authorization import refusal_of
from entrepot.engine.call import Call
from entrepot.engine.content import Content
from entrepot.engine.notes import Note
from entrepot.engine.wire.json import count_values
from entrepot.engine.wire.models import require_known, validate
from entrepot.features.people.batches.inside import Inside, Part
from entrepot.features.people.batches.models import MOST_REQUESTS, BatchRequest, BatchRequests
from entrepot.kernel.errors import (
    ApiError,
    BatchRequestError,
    BodyTooLargeError,
    BodyTooManyValuesError,
    ConnectionCutError,
    DuplicateLabelError,
    NotInBatchError,
    PropertyError,
    TooManyReferencesError,
    ValidationError,
)

TOGETHER = 20
"""Requests between which nobody else has his turn."""
ESCAPES = (OPENS.encode(), b"\\u00")
"""One of them is in each body that has a reference."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A request of a batch. refers: whether it has references, so that its path, query and body are known in the transaction only;
    `part`, `parameters` and `content` are as without them.
    """

    index: int
    label: str
    part: Part
    operation: Operation
    parameters: Mapping[str, str]
    content: Content
    path: Template
    query: Template
    body: Any
    refers: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """requests: all of them; labels: places by label in lower case; referred: the places whose answers somebody refers to; values: how
    many the body has.
    """

    requests: tuple[Planned, ...]
    labels: Mapping[str, int]
    referred: frozenset[int]
    values: int


PLAN: Note[Plan] = Note("what a batch consists of")


async def planned(call: Call, inside: Inside) -> Plan:
    """The plan of the call's body. Others have their turn meanwhile. Raises BatchRequestError, ValidationError, InvalidBodyError."""
    rows = _rows(call.body)
    given: list[dict[str, Any]] = []
    labels: dict[str, int] = {}
    for index, row in enumerate(rows):
        with at(index, row):
            given.append(validate(BatchRequest, row, partial=False))
            _name(labels, given[-1]["Label"], index)
        if index % TOGETHER == 0:
            await asyncio.sleep(0)
    raw = call.content.raw
    may_refer = any(each in raw for each in ESCAPES)
    await asyncio.sleep(0)
    values = count_values(raw)
    reading = _Reading(inside, labels, len(given), may_refer, len(raw), values)
    found = []
    for index, each in enumerate(given):
        with at(index, each):
            found.append(reading.request(index, each))
        if may_refer or index % TOGETHER == 0 or reading.measures(found[-1]):
            await asyncio.sleep(0)
    return Plan(tuple(found), labels, frozenset(reading.referred), values)


def require_rights(call: Call, plan: Plan) -> None:
    """The roles of the token, for each request by itself. Raises BatchRequestError."""
    for each in plan.requests:
        refusal = refusal_of(each.operation, call.principal)
        if refusal is not None:
            raise BatchRequestError(each.index, each.label, refusal)


@contextmanager
def at(index: int, given: Any) -> Iterator[None]:
    """What is refused within is refused of this request."""
    try:
        yield
    except (BatchRequestError, ConnectionCutError):
        raise
    except ApiError as refusal:
        label = given.get("Label") if isinstance(given, dict) else None
        raise BatchRequestError(index, label if isinstance(label, str) else "", refusal) from refusal


def content_of(operation: Operation, body: Any) -> Content:
    """As the request alone would have it: GET and DELETE have no body, and nothing is `null`."""
    declared = operation.body
    if body is None or operation.verb in ("GET", "DELETE"):
        return Content(optional=declared is not None and not declared.required)
    return Content.of(body)


def check_size(operation: Operation, content: Content) -> None:
    """Raises BodyTooLargeError, BodyTooManyValuesError."""
    limit = operation.body_limit
    if len(content.raw) > limit.bytes:
        raise BodyTooLargeError(limit.bytes)
    if len(content.raw) > limit.values and count_values(content.raw) > limit.values:
        raise BodyTooManyValuesError(limit.values)


def _rows(body: Any) -> Sequence[Any]:
    """The requests as they were sent, each to be validated by itself, so that the first that is wrong is named."""
    rows = None
    if isinstance(body, dict):
        require_known(BatchRequests, body)
        rows = next((body[name] for name in body if name.lower() == "requests"), None)
    if not isinstance(rows, list) or len(rows) > MOST_REQUESTS:
        validate(BatchRequests, body, partial=False)
    assert isinstance(rows, list)
    return rows


def _name(labels: dict[str, int], label: str, index: int) -> None:
    if not label:
        return
    if not LABEL.fullmatch(label):
        message = "Label can hold only letters, digits, hyphens and underscores, and begins with no digit or hyphen."
        raise ValidationError(PropertyError(message, {"Property": "Label"}))
    if labels.setdefault(label.lower(), index) != index:
        raise DuplicateLabelError(label)


class _Reading:
    """Makes requests of what they were written as."""

    def __init__(
        self,
        inside: Inside,
        labels: Mapping[str, int],
        count: int,
        may_refer: bool,
        size: int,
        values: int,
    ) -> None:
        self._inside = inside
        self._labels = labels
        self._count = count
        self._may_refer = may_refer
        self._size = size
        self._values = values
        self.referred: set[int] = set()

    def request(self, index: int, given: Mapping[str, Any]) -> Planned:
        path, query = _path_and_query(given["Path"])
        verb, body = given["Verb"], given["Body"]
        # A reference names nothing of the way.
        led = "".join(part if isinstance(part, str) else "0" for part in path)
        operation, parameters = self._inside.lead(verb, led)
        if not self._inside.may_join(operation):
            raise NotInBatchError(operation.id)
        content = content_of(operation, body)
        if self._may_be_too_large(operation):
            check_size(operation, content)
        within = references_in(body) if self._may_refer else ()
        refers = self._refer(chain(references_of((*path, *query)), within), index)
        if self._may_refer and body is not None and not refers:
            content = content_of(operation, filled(body, _nothing))
        part = Part(
            verb=verb,
            path="".join(each if isinstance(each, str) else each.text for each in path),
            query="" if refers else "".join(map(str, query)),
            key=given["IdempotencyKey"],
        )
        return Planned(index, given["Label"], part, operation, parameters, content, path, query, body, refers)

    def measures(self, request: Planned) -> bool:
        """Whether its text had to be made to see how large it is, and was large."""
        return self._may_be_too_large(request.operation) and request.content.is_large

    def _may_be_too_large(self, operation: Operation) -> bool:
        """No request is larger than all of them together."""
        return self._size > operation.body_limit.bytes or self._values > operation.body_limit.values

    def _refer(self, references: Iterator[Reference], index: int) -> bool:
        """Whether there are any. Raises TooManyReferencesError, and what is wrong with one."""
        places: set[int] = set()
        for count, each in enumerate(references, 1):
            if count > MOST:
                raise TooManyReferencesError(MOST)
            places.add(place_of(each, self._labels, index, self._count))
        self.referred |= places
        return bool(places)


def _nothing(reference: Reference) -> Any:
    raise AssertionError(reference)


def _path_and_query(text: str) -> tuple[Template, Template]:
    template = read(text)
    plain = "".join(part for part in template if isinstance(part, str))
    if not (text.startswith("/") and plain.isascii() and plain.isprintable()) or " " in plain or "#" in plain:
        message = "Path begins with a slash, and has what has to be percent-encoded in that form."
        raise ValidationError(PropertyError(message, {"Property": "Path"}))
    for place, part in enumerate(template):
        if isinstance(part, str) and "?" in part:
            before, _, after = part.partition("?")
            return (*template[:place], before), (after, *template[place + 1 :])
    return template, ()
