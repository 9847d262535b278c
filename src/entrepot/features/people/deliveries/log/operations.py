"""All operations on deliveries and their targets."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.deliveries.log import changing, listing, reading, targets

OPERATIONS: tuple[Operation, ...] = (
    *listing.OPERATIONS,
    *reading.OPERATIONS,
    *changing.OPERATIONS,
    *targets.OPERATIONS,
)
