"""All operations on subscriptions."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.trade.subscriptions import crud, items

OPERATIONS: tuple[Operation, ...] = (*crud.OPERATIONS, *items.OPERATIONS)
