"""References of one request to the answer of an earlier one: `${buyer.ID}`, `${0.Items.2.xp.color}`.

The first part is a label or the place of a request, from 0 on; the others lead into its answer, by names of properties and places in
arrays. `$${` is a plain `${`. A text that is nothing but one reference becomes the value itself, of whatever kind; within a longer text, and
in a path or a query, a value becomes text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from entrepot.kernel.errors import (
    ForwardReferenceError,
    MalformedReferenceError,
    NothingAtReferenceError,
    TooManyReferencesError,
    UnfitReferenceError,
    UnknownReferenceError,
)
from entrepot.kernel.money import plain

OPENS = "${"
LONGEST = 200
"""Characters of a reference, without what encloses it."""
MOST = 1_000
"""References of one request, and of one text together with what only looks like one."""
LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_PART = re.compile(rf"\$\$\{{|\$\{{([^{{}}$]{{1,{LONGEST}}})\}}|\$\{{")
_PLACE = re.compile(r"0|[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Reference:
    """`request` is a label or a place, `steps` lead into its answer, `text` is how it was written."""

    request: str
    steps: tuple[str, ...]
    text: str


Template = tuple[str | Reference, ...]
Values = Callable[[Reference], Any]
"""What references stand for."""


def read(text: str) -> Template:
    """The parts of a text: what stands as it is, and references. Raises MalformedReferenceError, TooManyReferencesError."""
    if OPENS not in text:
        return (text,)
    if text.count(OPENS) > MOST:
        raise TooManyReferencesError(MOST)
    parts: list[str | Reference] = []
    end = 0
    for match in _PART.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        parts.append(OPENS if match[0] == "$${" else _reference(match[1], text[match.start() :]))
    parts.append(text[end:])
    return tuple(part for part in parts if part != "")


def _reference(inside: str | None, text: str) -> Reference:
    request, *steps = (inside or "").split(".")
    if not all(steps) or not (LABEL.fullmatch(request) or _PLACE.fullmatch(request)):
        raise MalformedReferenceError(text)
    return Reference(request, tuple(steps), f"{OPENS}{inside}}}")


def references_of(template: Template) -> Iterator[Reference]:
    return (part for part in template if isinstance(part, Reference))


def references_in(value: Any) -> Iterator[Reference]:
    """Those in the texts of a JSON value; names of properties are none. Raises MalformedReferenceError."""
    match value:
        case str():
            if OPENS in value:
                yield from references_of(read(value))
        case dict():
            for each in value.values():
                yield from references_in(each)
        case list():
            for each in value:
                yield from references_in(each)


def place_of(reference: Reference, labels: Mapping[str, int], here: int, count: int) -> int:
    """The place of the request that is meant, which has to be before `here`. labels: in lower case.

    Raises UnknownReferenceError, ForwardReferenceError.
    """
    request = reference.request
    place = int(request) if request.isdecimal() else labels.get(request.lower(), count)
    if place >= count:
        raise UnknownReferenceError(reference.text)
    if place >= here:
        raise ForwardReferenceError(reference.text)
    return place


def reached(answer: Any, reference: Reference) -> Any:
    """What the steps lead to. Raises NothingAtReferenceError."""
    value = answer
    for step in reference.steps:
        match value:
            case dict() if step in value:
                value = value[step]
            case list() if _PLACE.fullmatch(step) and int(step) < len(value):
                value = value[int(step)]
            case _:
                raise NothingAtReferenceError(reference.text, step)
    return value


def filled(value: Any, values: Values) -> Any:
    """A JSON value with what its references stand for; what has none of them is not copied."""
    match value:
        case str():
            if OPENS not in value:
                return value
            template = read(value)
            if len(template) == 1 and isinstance(template[0], Reference):
                return values(template[0])
            return "".join(_texts(template, values))
        case dict():
            return {name: filled(each, values) for name, each in value.items()}
        case list():
            return [filled(each, values) for each in value]
        case _:
            return value


def filled_path(template: Template, values: Values) -> str:
    """A part of a URL, in which values are percent-encoded and no value is empty."""
    parts = []
    for part in template:
        text = part if isinstance(part, str) else quote(_text(part, values(part)), safe="")
        if not text:
            raise UnfitReferenceError(part.text if isinstance(part, Reference) else "")
        parts.append(text)
    return "".join(parts)


def _texts(template: Sequence[str | Reference], values: Values) -> Iterator[str]:
    return (part if isinstance(part, str) else _text(part, values(part)) for part in template)


def _text(reference: Reference, value: Any) -> str:
    """Raises UnfitReferenceError for what is no text, number or boolean."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return f"{plain(value):f}"
        case _:
            raise UnfitReferenceError(reference.text)
