"""The operations of product collections."""

from __future__ import annotations

from collections.abc import Iterator

from entrepot.declare.operation import Operation
from entrepot.engine.expand import operations_of
from entrepot.features.catalog.collections import entries, entry_lists, invitations, own
from entrepot.features.catalog.collections.resources import COLLECTIONS


def collection_operations() -> Iterator[Operation]:
    """Those of shoppers, and the view of administrators."""
    yield from own.OPERATIONS
    yield from invitations.OPERATIONS
    yield from entries.OPERATIONS
    yield from entry_lists.OPERATIONS
    yield from operations_of(COLLECTIONS)
