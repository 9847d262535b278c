"""Requests that are sent again under the same Idempotency-Key: done once, answered alike (docs/guide/repeating.md). The memory of
them is a feature's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from entrepot.declare.operation import Operation, Reply, Unit
from entrepot.engine.call import Call
from entrepot.http.request import Request
from entrepot.kernel.errors import InvalidIdempotencyKeyError

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")


class Repeat(Protocol):
    """A request with a key of its caller's."""

    async def known(self, call: Call) -> Reply | None:
        """What it was answered with before, if it was. Raises 409 where the key was another request's."""
        ...

    async def begin(self, call: Call) -> Reply | None:
        """The same within the unit that is to do it, which has the key from now on; whoever comes meanwhile waits."""
        ...

    async def end(self, call: Call, reply: Reply) -> None:
        """The answer that it gives: within that unit, or after those of an operation with its own."""
        ...

    async def take(self, call: Call) -> Reply | None:
        """As `begin`, of an operation with units of its own: the key is kept for it until `end` or `leave`. Raises 409 where it
        takes too long.
        """
        ...

    def kept(self, call: Call) -> AbstractAsyncContextManager[None]:
        """Around the work of such an operation, which may take longer than a process that has died is waited for."""
        ...

    async def leave(self, call: Call) -> None:
        """It was refused: the key is free again."""
        ...


Repeats = Callable[[str, bytes], Repeat]
"""Of a key and a digest of the request."""


def may_repeat(operation: Operation) -> bool:
    """Whether it changes anything, for a caller who is known in a marketplace."""
    return operation.verb != "GET" and operation.unit is not Unit.READ and operation.is_confirmed


def key_of(request: Request) -> str | None:
    """Raises InvalidIdempotencyKeyError."""
    key = request.get_header(HEADER)
    if key is not None:
        check_key(key)
    return key


def check_key(key: str) -> None:
    """Raises InvalidIdempotencyKeyError."""
    if not _KEY.fullmatch(key):
        raise InvalidIdempotencyKeyError


def digest_of(verb: str, path: str, query: str, nulls: str | None, body: bytes) -> bytes:
    """Of what is asked; the path as it was sent. nulls: the header XP_NULLS, on which it hangs what the same body means."""
    digest = hashlib.sha256()
    for part in (verb, path, f"{query} {nulls or ''}".rstrip(), ""):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    digest.update(body)
    return digest.digest()
