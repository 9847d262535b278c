"""The use cases of the catalog, beside the uniform operations."""

from __future__ import annotations

from entrepot.declare.operation import Operation
from entrepot.features.catalog.catalogs import spec_products
from entrepot.features.catalog.catalogs.category_list import list_categories

OPERATIONS: tuple[Operation, ...] = (list_categories, *spec_products.OPERATIONS)
