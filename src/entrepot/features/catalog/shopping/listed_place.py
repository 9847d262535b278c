"""Where in the catalogs a list of a shopper's products looks (SHP-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.domain.catalog.index.conditions import Condition
from entrepot.domain.listing.request import ListRequest
from entrepot.engine.call import Call
from entrepot.features.catalog.audience.shopper import Shopper
from entrepot.features.catalog.catalogs.category_list import DEEPEST
from entrepot.features.catalog.product_index.indexes import ProductIndexes
from entrepot.features.catalog.shopping.categories import seen_part
from entrepot.features.catalog.shopping.indexed import NO_CATALOG, Asked, ask, within
from entrepot.features.people.services import services
from entrepot.kernel.errors import CategoryFilterError
from entrepot.kernel.recent import Recent

NO_CATEGORY = ""
"""Names none."""
Walks = Recent[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """catalog: None for all; category: None for none in particular; depth: levels of the tree.

    walk: the numbers of these categories, where the index may know them, and where it remembers them.
    """

    catalog: str | None
    category: str | None
    depth: int
    walk: tuple[int, ...] = ()
    walks: Walks | None = None

    @property
    def is_part(self) -> bool:
        """Whether only a part of the tree counts."""
        return self.category is not None or self.depth < DEEPEST

    def ask(self, call: Call, shopper: Shopper, request: ListRequest) -> Asked | None:
        """The question to the index; None where PostgreSQL has to count."""
        live = services(call).memory(ProductIndexes).of(call)
        if live is None or (self.is_part and self.walks is not live.walks):
            return None
        placed: Condition | None = within(live, self.walk) if self.is_part else None
        return ask(call, shopper.audience, request, self.catalog, placed)


async def find_place(call: Call, shopper: Shopper, given: Mapping[str, Any], depth: int) -> Place:
    """The place that the parameters name, in no catalog where the shopper does not see it. One statement for a category."""
    catalog, category = given.get("catalogID"), given.get("categoryID")
    if category is None:
        return Place(catalog, None, depth)
    catalog = catalog or shopper.default_catalog
    if catalog is None:
        raise CategoryFilterError
    live = services(call).memory(ProductIndexes).of(call)
    walks: Walks | None = None if live is None else live.walks
    key = (catalog.lower(), category.lower(), depth)
    walk = None if walks is None else walks.get(key)
    wanted = depth if walks is not None and walk is None else 0
    seen, numbers = await seen_part(call, shopper, catalog, category, wanted)
    if walks is not None and wanted and seen:
        walk = tuple(numbers)
        walks.keep(key, walk)
    if not seen:
        # One place for all that is not seen: nothing of it differs.
        return Place(NO_CATALOG, NO_CATEGORY, DEEPEST, (), walks)
    return Place(catalog, category, depth, walk or (), walks)
