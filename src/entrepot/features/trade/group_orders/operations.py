"""All operations on group orders."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.trade.group_orders import invitations, tokens

OPERATIONS: tuple[Operation, ...] = (*invitations.OPERATIONS, *tokens.OPERATIONS)
