"""The use cases of bundles, beside the uniform operations."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.engine.assignments import assignment_operations
from entrepot.features.catalog.bundles import assignments, bundle_list
from entrepot.features.catalog.bundles.resources import CATALOG_BUNDLES, CATEGORY_BUNDLES, PARTY_BUNDLES

OPERATIONS: tuple[Operation, ...] = (
    *assignment_operations(CATALOG_BUNDLES),
    *assignment_operations(CATEGORY_BUNDLES),
    *assignment_operations(PARTY_BUNDLES),
    *assignments.OPERATIONS,
    *bundle_list.OPERATIONS,
)
