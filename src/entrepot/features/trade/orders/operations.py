"""All operations of orders that are built."""

from __future__ import annotations

from dataclasses import replace

from entrepot.declare.operation import Operation
from entrepot.features.trade.orders import (
    closing,
    crud,
    lists,
    order_addresses,
    repeating,
    splitting,
    submitting,
)
from entrepot.features.trade.orders.approvals import approving
from entrepot.features.trade.orders.approvals import lists as approval_lists
from entrepot.features.trade.orders.lines import bundles
from entrepot.features.trade.orders.lines import crud as line_crud
from entrepot.features.trade.orders.lines import lists as line_lists
from entrepot.features.trade.orders.promotions import automatic, codes
from entrepot.features.trade.orders.promotions import lists as promotion_lists

_BUILT: tuple[Operation, ...] = (
    *crud.OPERATIONS,
    *order_addresses.OPERATIONS,
    *line_crud.OPERATIONS,
    *bundles.OPERATIONS,
    *lists.OPERATIONS,
    *line_lists.OPERATIONS,
    *repeating.OPERATIONS,
    *splitting.OPERATIONS,
    *submitting.OPERATIONS,
    *approving.OPERATIONS,
    *closing.OPERATIONS,
    *approval_lists.OPERATIONS,
    *codes.OPERATIONS,
    *automatic.OPERATIONS,
    *promotion_lists.OPERATIONS,
)
FOR_INVITED = frozenset(
    each.id for each in (crud.get, line_lists.list_lines, *line_crud.OPERATIONS, *bundles.OPERATIONS)
)
"""What an invitation to an order opens (GRP-2)."""
OPERATIONS: tuple[Operation, ...] = tuple(replace(each, invited=each.id in FOR_INVITED) for each in _BUILT)
