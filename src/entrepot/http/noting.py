"""Who wants to know of every request of a marketplace that was answered."""

from __future__ import annotations

from typing import Protocol

from entrepot.engine.principal import Principal
from entrepot.kernel.clock import Clock


class Answered(Protocol):
    """A request as it was sent, be it by itself or with others, and what it was refused with, if it was."""

    @property
    def id(self) -> str: ...
    @property
    def operation(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def logged_path(self) -> str:
        """Without query and secrets."""
        ...

    @property
    def error(self) -> str | None: ...


class Notes(Protocol):
    """The log of a marketplace's requests. Implemented by the feature of that name."""

    def note(self, caller: Principal, request: Answered, status: int, seconds: float, clock: Clock) -> None:
        """Called with each, as soon as it is answered: no I/O. `clock` tells when that is."""
        ...
