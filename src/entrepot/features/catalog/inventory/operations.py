"""Inventory records of variants: the same operations by other names and paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from entrepot.declare.operation import Operation
from entrepot.engine.assignments import assignment_operations
from entrepot.engine.expand import operations_of
from entrepot.features.catalog.inventory.resources import ASSIGNMENTS_OF_VARIANTS, OF_VARIANTS


def variant_operations() -> Iterator[Operation]:
    """`InventoryRecords.GetVariant` and its like."""
    for each in operations_of(OF_VARIANTS):
        yield replace(each, id=f"{each.id}Variant", summary=f"{each.summary} of a variant")
    for each in assignment_operations(ASSIGNMENTS_OF_VARIANTS):
        yield each
