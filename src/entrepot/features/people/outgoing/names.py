"""Where a name leads: asked for in threads of its own, and refused where a process may not go."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from entrepot.features.people.outgoing.addresses import is_public
from entrepot.features.people.outgoing.bulkheads import RefusedCallError

_NAMES = ThreadPoolExecutor(32, "names")
"""Threads that ask for addresses, which takes long where nobody answers: apart from those that requests need."""


class Names:
    """The only way from a host to addresses. private: whether those of this machine and of private networks may be called."""

    def __init__(self, *, private: bool) -> None:
        self.private = private

    async def addresses(self, host: str, port: int) -> list[str]:
        """Those of a name, or the address itself. Raises RefusedCallError for a host that is unknown or not to be called."""
        try:
            ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
            answer = await asyncio.get_running_loop().run_in_executor(_NAMES, ask)
        except (OSError, UnicodeError):
            answer = []
        found = [str(place[0]) for *_, place in answer]
        if not found:
            raise RefusedCallError(f"{host} is unknown.")
        if not self.private and not all(is_public(address) for address in found):
            raise RefusedCallError(f"{host} is not a public address.")
        return found


def socket_to(address: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
    """A socket for this very address, where it is a public one: whatever the way by which it came here."""
    family, kind, protocol, _, place = address
    if not is_public(place[0]):
        raise RefusedCallError(f"{place[0]} is not a public address.")
    return socket.socket(family, kind, protocol)
