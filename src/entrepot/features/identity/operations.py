"""The use cases of identity, beside the uniform operations."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.identity import forgotten, me, users

OPERATIONS: tuple[Operation, ...] = (*users.OPERATIONS, *me.OPERATIONS, *forgotten.OPERATIONS)
