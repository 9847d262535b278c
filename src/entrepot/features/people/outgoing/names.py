"""Where a name leads: asked for in threads of its own, and refused where a process may not go."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from entrepot.features.people.outgoing.addresses import is_public
from entrepot.features.people.outgoing.bulkheads import RefusedCallError

THREADS = 64
OF_ONE = 8
"""Of them, at most, what one marketplace asks of one `Names`: its names may be served by whoever never answers."""
_NAMES = ThreadPoolExecutor(THREADS, "names")
"""Threads that ask for addresses, which takes long where nobody answers: apart from those that requests need."""
ASKED_BY: ContextVar[int] = ContextVar("asked_by", default=0)
"""The marketplace on whose behalf the present task asks."""
_Result = TypeVar("_Result")


async def beside(work: Callable[[], _Result]) -> _Result:
    """What calls abroad need once, in the same threads: requests may have taken all others."""
    return await asyncio.get_running_loop().run_in_executor(_NAMES, work)


@dataclass(slots=True)
class _Share:
    """What one marketplace has of the threads."""

    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(OF_ONE))
    within: int = 0
    """Names that are asked for, or wait to be."""


_Places = list[tuple[Any, ...]]
"""As the system tells them."""


class Names:
    """The only way from a host to addresses. private: whether those of this machine and of private networks may be called."""

    def __init__(self, *, private: bool) -> None:
        self.private = private
        self._shares: dict[int, _Share] = {}

    async def addresses(self, host: str, port: int) -> list[str]:
        """Those of a name, or the address itself. Raises RefusedCallError for a host that is unknown or not to be called."""
        try:
            ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
            answer = await self._in_turn(ask)
        except (OSError, UnicodeError):
            answer = []
        found = [str(place[0]) for *_, place in answer]
        if not found:
            raise RefusedCallError(f"{host} is unknown.")
        if not self.private and not all(is_public(address) for address in found):
            raise RefusedCallError(f"{host} is not a public address.")
        return found

    async def _in_turn(self, ask: Callable[[], _Places]) -> _Places:
        """In a thread, of which ASKED_BY has OF_ONE at once. Who waits no longer has it as long as the thread goes on asking."""
        whose, loop = ASKED_BY.get(), asyncio.get_running_loop()
        share = self._shares.setdefault(whose, _Share())
        share.within += 1

        def leave() -> None:
            share.within -= 1
            if not share.within:
                self._shares.pop(whose, None)

        def done() -> None:
            share.free.release()
            leave()

        def tell(_: object) -> None:
            with suppress(RuntimeError):  # the loop has ended before the thread
                loop.call_soon_threadsafe(done)

        try:
            await share.free.acquire()
        except BaseException:
            leave()
            raise
        asking = _NAMES.submit(ask)
        asking.add_done_callback(tell)
        return await asyncio.wrap_future(asking)


def socket_to(address: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
    """A socket for this very address, where it is a public one: whatever the way by which it came here."""
    family, kind, protocol, _, place = address
    if not is_public(place[0]):
        raise RefusedCallError(f"{place[0]} is not a public address.")
    return socket.socket(family, kind, protocol)
