"""All dashboards."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.trade.dashboards import orders, serving

OPERATIONS: tuple[Operation, ...] = (*orders.OPERATIONS, *serving.OPERATIONS)
