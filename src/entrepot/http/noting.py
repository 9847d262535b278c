"""Who wants to know of every request of a marketplace that was answered."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from entrepot.engine.principal import Principal


class Notes(Protocol):
    """The log of a marketplace's requests. Implemented by the feature of that name."""

    def note(
        self,
        caller: Principal,
        at: datetime,
        request_id: str,
        operation: str,
        method: str,
        path: str,
        status: int,
        seconds: float,
        error: str | None,
    ) -> None:
        """Called with each: no I/O. path: without query and secrets; error: the code of a refusal."""
        ...
