"""Who records what applications send, where somebody wants it. Implemented by the feature of that name."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from entrepot.engine.answered import Sent
from entrepot.engine.principal import Principal


class Records(Protocol):
    """Takes the requests of marketplaces with a recording that goes on."""

    def take(
        self, caller: Principal, request: Sent, status: int, answer: bytes, seconds: float, at: datetime
    ) -> None:
        """Called with each, as soon as it is answered: no I/O."""
        ...
