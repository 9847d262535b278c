"""All operations with which guests become users."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.trade.guests import registering, transfer

OPERATIONS: tuple[Operation, ...] = (*registering.OPERATIONS, *transfer.OPERATIONS)
