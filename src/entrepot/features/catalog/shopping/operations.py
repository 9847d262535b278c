"""The shopper's side of the catalog."""

from __future__ import annotations

from dataclasses import replace

from entrepot.declare.operation import Operation
from entrepot.features.catalog.shopping import (
    catalogs,
    categories,
    products,
    records,
    sellers,
    specs,
    variants,
)

_BUILT: tuple[Operation, ...] = (
    *products.OPERATIONS,
    *catalogs.OPERATIONS,
    *categories.OPERATIONS,
    *specs.OPERATIONS,
    *variants.OPERATIONS,
    *sellers.OPERATIONS,
    *records.OPERATIONS,
)
OPERATIONS: tuple[Operation, ...] = tuple(replace(each, invited=True) for each in _BUILT)
"""Who was invited to somebody's order chooses from what that user sees (GRP-2)."""
