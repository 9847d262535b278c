"""All operations on the log of requests."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.request_log import listing, tracing

OPERATIONS: tuple[Operation, ...] = (*listing.OPERATIONS, *tracing.OPERATIONS)
