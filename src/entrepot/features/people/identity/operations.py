"""The use cases of identity, beside the uniform operations."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.identity import me, users

OPERATIONS: tuple[Operation, ...] = (
    *users.OPERATIONS,
    *me.OPERATIONS,
)
