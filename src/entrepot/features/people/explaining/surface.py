"""What a process has of its operations, for questions about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry


class Destination(Protocol):
    """Where a verb and a path lead (http/routing.py)."""

    @property
    def operation(self) -> Operation | None: ...

    @property
    def allowed(self) -> tuple[str, ...]: ...

    @property
    def parameters(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Surface:
    """The registry, and the router's word on where a percent-encoded path leads; opened by the application."""

    registry: Registry
    lead: Callable[[str, str], Destination | None]
