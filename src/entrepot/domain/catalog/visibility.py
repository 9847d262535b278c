"""Who sees which category and which product (VIS, CTY-4 to CTY-6), as the rules say it.

The lists of shoppers decide the same in SQL, from tokens on the products (docs/decisions/0008); a test compares both over
generated marketplaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Flag = Literal["visible", "view_all_products"]


@dataclass(frozen=True, slots=True)
class Party:
    """A buyer, or one group of its users."""

    buyer: str
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Shopper:
    """A buyer's user. `groups` are those it is a member of, `buyer_group` that of its buyer (BUY-7)."""

    buyer: str
    groups: frozenset[str] = frozenset()
    buyer_group: str | None = None

    def belongs_to(self, party: Party) -> bool:
        """Whether rows of this party concern the shopper."""
        return party.buyer == self.buyer and (party.group is None or party.group in self.groups)


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """A catalog assigned to a buyer, or to a group of buyers (CTG-2)."""

    catalog: str
    buyer: str | None = None
    buyer_group: str | None = None
    view_all_categories: bool = False
    view_all_products: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A node of a catalog's tree; `parent` is None for the roots."""

    parent: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """What a party sees of a category; None is what the parent category gives (CTY-4)."""

    party: Party
    visible: bool | None = None
    view_all_products: bool | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product with what ties it to catalogs, categories (catalog, category) and parties."""

    active: bool = True
    parent: str | None = None
    catalogs: frozenset[str] = frozenset()
    categories: frozenset[tuple[str, str]] = frozenset()
    assigned: frozenset[Party] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """All of a marketplace that visibility depends on. `catalogs` says whether they are active."""

    catalogs: Mapping[str, bool]
    catalog_rows: tuple[CatalogRow, ...] = ()
    categories: Mapping[tuple[str, str], Category] = field(default_factory=dict)
    category_rows: Mapping[tuple[str, str], tuple[CategoryRow, ...]] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)


def seen_catalogs(offer: Offer, shopper: Shopper) -> dict[str, Mapping[Flag, bool]]:
    """The active catalogs assigned to the shopper's buyer or its group, with the flags of all rows OR-ed (BUY-7)."""
    seen: dict[str, Mapping[Flag, bool]] = {}
    for row in offer.catalog_rows:
        of_group = row.buyer_group is not None and row.buyer_group == shopper.buyer_group
        if not offer.catalogs[row.catalog] or not (of_group or row.buyer == shopper.buyer):
            continue
        known = seen.get(row.catalog, {"visible": False, "view_all_products": False})
        seen[row.catalog] = {
            "visible": known["visible"] or row.view_all_categories,
            "view_all_products": known["view_all_products"] or row.view_all_products,
        }
    return seen


def own_flag(rows: Iterable[CategoryRow], shopper: Shopper, flag: Flag) -> bool | None:
    """What the rows at one category say (CTY-5): groups before the buyer, true before false, null nothing (inferred)."""
    said = [row for row in rows if shopper.belongs_to(row.party) and getattr(row, flag) is not None]
    of_groups = [getattr(row, flag) for row in said if row.party.group is not None]
    if of_groups:
        return any(of_groups)
    return any(getattr(row, flag) for row in said) if said else None


def effective_flag(offer: Offer, shopper: Shopper, place: tuple[str, str], flag: Flag) -> bool:
    """CTY-4: the nearest value on the way up from a category; above the root, the catalog assignment's."""
    catalog, category = place
    here: str | None = category
    while here is not None:
        said = own_flag(offer.category_rows.get((catalog, here), ()), shopper, flag)
        if said is not None:
            return said
        here = offer.categories[catalog, here].parent
    return seen_catalogs(offer, shopper)[catalog][flag]


def is_lit(offer: Offer, place: tuple[str, str]) -> bool:
    """Whether a category and all its ancestors are active."""
    catalog, category = place
    here: str | None = category
    while here is not None:
        node = offer.categories[catalog, here]
        if not node.active:
            return False
        here = node.parent
    return True


def sees_category(offer: Offer, shopper: Shopper, place: tuple[str, str]) -> bool:
    """CTY-6."""
    if place[0] not in seen_catalogs(offer, shopper) or not is_lit(offer, place):
        return False
    return effective_flag(offer, shopper, place, "visible")


def sees_product(offer: Offer, shopper: Shopper, product_id: str, catalog: str | None = None) -> bool:
    """The decision procedure VIS, with `catalog` for the one that a request names."""
    product = offer.products[product_id]
    if not product.active:
        return False
    if product.parent is not None:
        product = offer.products[product.parent]
        if not product.active:
            return False
    catalogs = seen_catalogs(offer, shopper)
    candidates = [each for each in product.catalogs if each in catalogs and catalog in (None, each)]
    if candidates and any(shopper.belongs_to(party) for party in product.assigned):
        return True
    for each in candidates:
        places = [place for place in product.categories if place[0] == each]
        if not places and catalogs[each]["view_all_products"]:
            return True
        if any(
            is_lit(offer, place) and effective_flag(offer, shopper, place, "view_all_products")
            for place in places
        ):
            return True
    return False
