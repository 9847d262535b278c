"""What a list asks: which products its shopper sees, where, by which filters and which words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from entrepot.domain.catalog.index.conditions import ALWAYS, Condition, holds, selected
from entrepot.domain.catalog.index.history import Past
from entrepot.domain.catalog.index.index import ProductIndex
from entrepot.domain.catalog.index.rows import Row


@dataclass(frozen=True, slots=True)
class Sight:
    """Which products a shopper sees, in one catalog or in all; of a bundle `everywhere` shows its products (BND-2)."""

    here: Condition
    everywhere: Condition


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter. facet: the place of the facet on whose path alone it is, whose values it does not take away (FAC-5)."""

    condition: Condition
    facet: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """placed: where in the catalog; search: which words."""

    sight: Sight
    placed: Condition = ALWAYS
    search: Condition = ALWAYS
    filters: tuple[Filter, ...] = ()

    @property
    def strict(self) -> tuple[Condition, ...]:
        """What every product that any facet counts has to satisfy, beside being in scope."""
        return (self.search, *(each.condition for each in self.filters if each.facet is None))

    @property
    def own(self) -> dict[int, tuple[Condition, ...]]:
        """The filters on facets' paths, by the facets' places."""
        found: dict[int, tuple[Condition, ...]] = {}
        for each in self.filters:
            if each.facet is not None:
                found[each.facet] = (*found.get(each.facet, ()), each.condition)
        return found


def sees(sight: Sight, row: Row, past: Past) -> bool:
    """Whether a product of that time is visible."""
    if not holds(sight.here, row.terms):
        return False
    if row.parts is None:
        return True
    parts = map(past.row_of, row.parts)
    return all(part is not None and holds(sight.everywhere, part.terms) for part in parts)


def visible(sight: Sight, index: ProductIndex) -> BitMap:
    """The slots of all products that are visible now; each bundle takes a look at each of its products."""
    found = selected(sight.here, index.postings, index.products)
    bundles = found & index.bundles
    if not bundles:
        return found
    past = index.now()
    return found - BitMap(slot for slot in bundles if not _is_whole(sight, slot, past))


def brought(visible: BitMap, sight: Sight, index: ProductIndex, since: Past) -> None:
    """Bring the visible products of that time to the present."""
    present = index.now()
    for slot in affected(index, since.changed):
        row = present.row(slot)
        shown = row is not None and sees(sight, row, present)
        (visible.add if shown else visible.discard)(slot)


def affected(index: ProductIndex, changed: Iterable[int]) -> set[int]:
    """The slots of the products that have changed and of the bundles that hold them."""
    found = set(changed)
    for slot in tuple(found):
        found.update(index.holders(slot))
    return found


def _is_whole(sight: Sight, slot: int, past: Past) -> bool:
    row = past.row(slot)
    return row is not None and sees(sight, row, past)
