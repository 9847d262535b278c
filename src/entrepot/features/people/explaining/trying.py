"""Doing a read as somebody else, to learn what it is answered with; writes are not done, but what their path leads through is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from entrepot.declare.operation import Operation, Unit
from entrepot.engine.call import Call
from entrepot.engine.content import NO_BODY
from entrepot.engine.notes import Notes
from entrepot.engine.principal import Principal
from entrepot.features.people.explaining.steps import TAG
from entrepot.features.people.explaining.surface import Destination, Surface
from entrepot.features.people.services import services
from entrepot.kernel.errors import ApiError


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A read that was done. is_exact: whether it is what was asked about, and not something on the way to it."""

    operation: Operation
    led: Destination
    path: str
    is_exact: bool
    refusal: ApiError | None


async def tried(
    call: Call, principal: Principal, target: Operation, verb: str, path: str, query: str
) -> Trial | None:
    """What a read is answered with; of a write, what a read of the thing that it is about is. None where there is no such read."""
    lead = services(call).memory(Surface).lead
    for part in _parts(path):
        is_exact = verb in ("GET", "HEAD") and part == path
        # A PUT makes what is not there.
        led = None if verb == "PUT" and part == path else lead("GET", part)
        if led is None or led.operation is None or not _is_readable(led.operation):
            if is_exact:
                return None
            continue
        if is_exact or (_names_the_same(led.operation, target) and _is_of_one(led.operation, principal)):
            refusal = await read(call, principal, led, query if is_exact else "")
            return Trial(operation=led.operation, led=led, path=part, is_exact=is_exact, refusal=refusal)
    return None


async def read(call: Call, principal: Principal, led: Destination, query: str = "") -> ApiError | None:
    """What a read refuses a caller; None where it is answered. It is done as any request's is."""
    assert led.operation is not None
    inner = replace(
        call,
        operation=led.operation,
        path=led.parameters,
        query=query,
        content=NO_BODY,
        caller=principal,
        connection=None,
        confirmed=False,
        notes=Notes(),
        afterwards=[],
    )
    try:
        await led.operation.handler(inner)
    except ApiError as refusal:
        return refusal
    return None


def _parts(path: str) -> Iterator[str]:
    """The path, and what it is below of, the longest first."""
    segments = path.rstrip("/").split("/")
    yield path
    for length in range(len(segments) - 1, 2, -1):
        yield "/".join(segments[:length])


def _names_the_same(target: Operation, asked: Operation) -> bool:
    """Whether a read's path names all that another's names, and leads to it: an invitation that is declined may belong to what is
    hidden yet.
    """
    here, there = target.path.split("/"), asked.path.split("/")
    names = [part.startswith("{") for part in there]
    return not any(names[len(here) :]) and all(
        part.startswith("{") is is_name and (is_name or part.lower() == other.lower())
        for part, other, is_name in zip(here, there, names, strict=False)
    )


def _is_readable(target: Operation) -> bool:
    """Whether reading is all that it does: no guess that counts, no call abroad, no page for a browser, no stream; and no question like this."""
    return target.tag != TAG and (
        target.unit is Unit.READ
        and target.prepare is None
        and target.counted is None
        and not (target.public or target.for_browsers or target.streams)
    )


def _is_of_one(target: Operation, principal: Principal) -> bool:
    """Whether it shows one thing that its path names, to users of this kind."""
    one = target.returns is not None and not target.returns.page
    return one and target.path.endswith("}") and principal.user_type in target.user_types
