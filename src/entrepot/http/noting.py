"""Who wants to know of every request of a marketplace that was answered."""

from __future__ import annotations

from typing import Protocol

from entrepot.engine.answered import Answered
from entrepot.engine.principal import Principal
from entrepot.kernel.clock import Clock


class Notes(Protocol):
    """The log of a marketplace's requests. Implemented by the feature of that name."""

    def note(self, caller: Principal, request: Answered, status: int, seconds: float, clock: Clock) -> None:
        """Called with each, as soon as it is answered: no I/O. `clock` tells when that is."""
        ...
