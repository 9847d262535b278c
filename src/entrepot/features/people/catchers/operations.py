"""All operations on catchers."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.people.catchers import caught, making
from entrepot.features.people.catchers.resources import CATCHER, CAUGHT_REQUEST

ENTITIES = (CATCHER, CAUGHT_REQUEST)
OPERATIONS: tuple[Operation, ...] = (*making.OPERATIONS, *caught.OPERATIONS)
