"""All operations that are not built yet."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.unbuilt import cart, orders, synchronization

OPERATIONS: tuple[Operation, ...] = (
    *orders.OPERATIONS,
    *cart.OPERATIONS,
    *synchronization.OPERATIONS,
)
