"""How operations of the portal are declared: as all others, under /api/v1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from entrepot.declare.operation import Handler, Operation, operation

ROOT, V2 = "/api/v1", "/api/v2"


def portal_operation(
    operation_id: str, verb: str, path: str, *, root: str = ROOT, **facts: Any
) -> Callable[[Handler], Operation]:
    """The path is that of the portal's SDK, below `root`."""
    return operation(f"Portal.{operation_id}", verb, f"{root}{path}", tag="Portal", **facts)
