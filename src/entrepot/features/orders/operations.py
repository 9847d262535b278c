"""All operations of orders that are built."""

from __future__ import annotations

from dataclasses import replace

from entrepot.declare.operation import Operation
from entrepot.features.orders import (
    approval_lists,
    approving,
    bundle_lines,
    closing,
    crud,
    line_lists,
    lines,
    lists,
    order_addresses,
    promotions,
    promotions_automatic,
    promotions_lists,
    repeating,
    splitting,
    submitting,
)

_BUILT: tuple[Operation, ...] = (
    *crud.OPERATIONS,
    *order_addresses.OPERATIONS,
    *lines.OPERATIONS,
    *bundle_lines.OPERATIONS,
    *lists.OPERATIONS,
    *line_lists.OPERATIONS,
    *repeating.OPERATIONS,
    *splitting.OPERATIONS,
    *submitting.OPERATIONS,
    *approving.OPERATIONS,
    *closing.OPERATIONS,
    *approval_lists.OPERATIONS,
    *promotions.OPERATIONS,
    *promotions_automatic.OPERATIONS,
    *promotions_lists.OPERATIONS,
)
FOR_INVITED = frozenset(
    each.id for each in (crud.get, line_lists.list_lines, *lines.OPERATIONS, *bundle_lines.OPERATIONS)
)
"""What an invitation to an order opens (GRP-2)."""
OPERATIONS: tuple[Operation, ...] = tuple(replace(each, invited=each.id in FOR_INVITED) for each in _BUILT)
