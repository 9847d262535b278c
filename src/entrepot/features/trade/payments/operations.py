"""All operations of payments."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.trade.payments import crud, transactions

OPERATIONS: tuple[Operation, ...] = (*crud.OPERATIONS, *transactions.OPERATIONS)
