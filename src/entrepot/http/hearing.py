"""Who hears of what callers change: asked before, told afterwards (WH-3). Implemented by the webhooks feature."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Protocol

from entrepot.declare.operation import Operation, Reply
from entrepot.engine.call import Call
from entrepot.http.routing import at_host_root


class Hearing(Protocol):
    """Those who hear of one call."""

    def asks(self, asked: set[str]) -> bool:
        """Whether anybody is left to be asked."""
        ...

    async def ask(self, call: Call, asked: set[str]) -> None:
        """Before its unit opens, whether it may be done; who has been `asked` in an earlier run is not again. A refusal raises."""
        ...

    async def tell(self, call: Call, reply: Reply) -> Reply:
        """Within its unit, that it was done. The reply to give."""
        ...


Hears = Callable[[Call], Awaitable[Hearing | None]]
"""Who hears of a call; None where nobody does."""


@cache
def is_heard(operation: Operation) -> bool:
    """Whether anybody may hear of it: of the contract's writes, by callers who are known (WH-1, WH-2)."""
    return not (
        operation.verb == "GET"
        or not operation.is_confirmed
        or operation.is_own
        or at_host_root(operation.path)
    )
