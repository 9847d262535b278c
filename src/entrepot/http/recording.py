"""Who records what applications send, where somebody wants it. Implemented by the feature of that name."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from entrepot.engine.principal import Principal
from entrepot.http.noting import Answered


class Sent(Answered, Protocol):
    """A request with what it held."""

    @property
    def raw_path(self) -> str: ...
    @property
    def raw_query(self) -> str: ...
    @property
    def sent(self) -> bytes: ...
    @property
    def content_type(self) -> str | None: ...
    @property
    def authorization(self) -> str | None: ...
    @property
    def secret_segments(self) -> tuple[int, ...]: ...


class Records(Protocol):
    """Takes the requests of marketplaces with a recording that goes on."""

    def take(
        self, caller: Principal, request: Sent, status: int, answer: bytes, seconds: float, at: datetime
    ) -> None:
        """Called with each, as soon as it is answered: no I/O."""
        ...
