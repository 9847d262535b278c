"""What the pipeline does for requests that are carried out within the unit of another; implemented by http/inside.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from entrepot.declare.operation import Operation, Reply
from entrepot.engine.call import Call
from entrepot.kernel.errors import ApiError


@dataclass(slots=True, kw_only=True)
class Part:
    """One such request, as far as it is the same in each run of the unit. verb, path and query as they would be sent; key: its
    Idempotency-Key, "" for none.
    """

    verb: str
    path: str
    query: str
    key: str
    asked: set[str] = field(default_factory=set)
    """The webhooks that have agreed."""
    met: bool = False
    """Whether it has been looked whether it is to fail on purpose."""


class Inside(Protocol):
    """One per process."""

    def lead(self, verb: str, path: str) -> tuple[Operation, Mapping[str, str]]:
        """The operation and the parameters of a path, percent-encoded and without its query.

        Raises RouteNotFoundError, MethodNotAllowedError.
        """
        ...

    def may_join(self, operation: Operation) -> bool:
        """Whether it can be carried out within a unit at all."""
        ...

    def is_asked_about(self, hearing: Any, part: Part) -> bool:
        """Whether somebody who hears of it has still to be asked."""
        ...

    async def hearing(self, call: Call) -> Any:
        """Who hears of the call; None where nobody does."""
        ...

    async def strike(self, call: Call, part: Part) -> None:
        """Let it fail where the marketplace's rules ask for that. Raises what is to be answered."""
        ...

    async def before(self, call: Call, part: Part, hearing: Any) -> Reply | None:
        """Outside of the transaction: who has to agree to it, slow work. What it was answered with under its key, if it was."""
        ...

    async def within(self, call: Call, part: Part, hearing: Any, *, prepares: bool) -> Reply:
        """Carry it out on the call's connection. Raises what the operation refuses."""
        ...

    def refusal(self, call: Call, error: Exception) -> ApiError | None:
        """What an exception of its means; None for what is no refusal of the one request."""
        ...

    def headers(self, call: Call, reply: Reply) -> dict[str, str]:
        """Those of its answer."""
        ...

    def note(
        self, call: Call, part: Part, status: int, seconds: float, refusal: ApiError | None, answer: bytes
    ) -> None:
        """It was answered: for the log, the metrics, and recordings, which have what stands. No input or output."""
        ...


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Opened by the application."""

    inside: Inside
