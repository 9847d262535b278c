"""All operations on subscriptions."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.subscriptions import crud, items

OPERATIONS: tuple[Operation, ...] = (*crud.OPERATIONS, *items.OPERATIONS)
