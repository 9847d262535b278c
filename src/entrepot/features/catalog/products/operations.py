"""The use cases of products, beside the uniform operations and the variants."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.catalog.products import assignments, product_list, suppliers

OPERATIONS: tuple[Operation, ...] = (
    *suppliers.OPERATIONS,
    *assignments.OPERATIONS,
    *product_list.OPERATIONS,
)
