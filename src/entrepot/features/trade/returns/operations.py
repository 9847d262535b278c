"""All operations of order returns."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.trade.returns import crud, lists, moving

OPERATIONS: tuple[Operation, ...] = (*crud.OPERATIONS, *moving.OPERATIONS, *lists.OPERATIONS)
