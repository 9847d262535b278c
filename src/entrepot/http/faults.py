"""Failure on purpose, where a marketplace's rules ask for it. Implemented by the feature of that name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from entrepot.declare.operation import Operation
from entrepot.engine.call import Backend
from entrepot.engine.principal import Principal


class Struck(Protocol):
    """A request that is to fail, at the one moment or at the other."""

    async def before(self) -> None:
        """Before the operation: what it raises is answered in its place."""
        ...

    async def after(self) -> None:
        """After an operation that has succeeded: what it raises is answered all the same."""
        ...


Strikes = Callable[[Backend, Operation, str, Principal], Awaitable[Struck | None] | None]
"""What is to become of a request, by its operation, path and caller; None where it is known at once that nothing is."""

CUT = "cut"
"""In the state of a connection's request: that it ends without an answer."""
