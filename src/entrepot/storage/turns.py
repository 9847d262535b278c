"""Who may go next where places are few: a tenant has its share of them, and waits in a line of its own."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque

from entrepot.kernel.errors import BusyError

Tenant = int | None
"""A marketplace's key; None for what belongs to no marketplace."""

Waiter = tuple[float, asyncio.Future[None]]
"""Until when, by the loop's clock, and what tells that the turn has come."""

PATIENCE = 10.0
"""Seconds to wait for a place."""
_LOOKS = 4
"""How often in that time those are looked for whose patience has ended."""
LONGEST_LINE = 500
"""How many of one tenant may wait."""


class Turns:
    """`places` at once, of which one tenant may hold `share`. Free places go round the tenants that wait.

    A place costs two look-ups while nobody has to wait: no task, no timer, nothing to await.
    """

    def __init__(
        self, places: int, *, share: int, longest_line: int = LONGEST_LINE, patience: float = PATIENCE
    ) -> None:
        self._free = places
        self._share = share
        self._longest_line = longest_line
        self._patience = patience
        self._held: dict[Tenant, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ender: asyncio.TimerHandle | None = None
        self._lines: OrderedDict[Tenant, deque[Waiter]] = OrderedDict()

    def take(self, tenant: Tenant) -> bool:
        """A place for the tenant if it may have one now. Whoever has one gives it back by `leave`."""
        held = self._held.get(tenant, 0)
        if self._free and held < self._share:
            self._free -= 1
            self._held[tenant] = held + 1
            return True
        return False

    async def wait(self, tenant: Tenant) -> None:
        """A place as soon as it is the tenant's turn. Raises BusyError after `patience`, and at once at the end of a full line."""
        loop = self._loop
        if loop is None:
            # Asking which one runs is a system call each time.
            loop = self._loop = asyncio.get_running_loop()
        line = self._lines.get(tenant)
        if line is None:
            line = self._lines[tenant] = deque()
        if len(line) >= self._longest_line:
            raise BusyError
        turn = loop.create_future()
        waiter = loop.time() + self._patience, turn
        line.append(waiter)
        if self._ender is None:
            self._ender = loop.call_later(self._patience / _LOOKS, self._end_patience)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave(tenant)  # its turn had come in the moment in which it was cancelled
            else:
                self._step_out(tenant, line, waiter)
            raise

    def leave(self, tenant: Tenant) -> None:
        """Give a place back."""
        if self._lines and len(self._lines) == 1 and tenant in self._lines:
            # Nobody but its own line waits.
            line = self._lines[tenant]
            turn = _first(line)
            if not line:
                del self._lines[tenant]
            if turn is not None:
                turn.set_result(None)
                return
        held = self._held[tenant] - 1
        if held:
            self._held[tenant] = held
        else:
            del self._held[tenant]
        self._free += 1
        if self._lines:
            self._call_next()

    def _call_next(self) -> None:
        for tenant, line in self._lines.items():
            held = self._held.get(tenant, 0)
            turn = _first(line) if held < self._share else None
            if turn is None:
                continue
            self._free -= 1
            self._held[tenant] = held + 1
            turn.set_result(None)
            if line:
                self._lines.move_to_end(tenant)
            else:
                del self._lines[tenant]
            return

    def _step_out(self, tenant: Tenant, line: deque[Waiter], waiter: Waiter) -> None:
        if waiter in line:
            line.remove(waiter)
        if not line and self._lines.get(tenant) is line:
            del self._lines[tenant]

    def _end_patience(self) -> None:
        """One timer for all who wait, since most of them wait for moments."""
        now = asyncio.get_running_loop().time()
        for line in self._lines.values():
            for until, turn in line:
                if until > now:
                    break
                if not turn.done():
                    turn.set_exception(BusyError())
        self._ender = None
        if self._lines:
            self._ender = asyncio.get_running_loop().call_later(self._patience / _LOOKS, self._end_patience)


def _first(line: deque[Waiter]) -> asyncio.Future[None] | None:
    """The first in line, without those who have gone away but for stepping out."""
    while line:
        _, turn = line.popleft()
        if not turn.done():
            return turn
    return None
