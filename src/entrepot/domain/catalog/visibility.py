"""Who sees which category and which product (VIS, CTY-4 to CTY-6), as the rules say it.

The lists of shoppers decide the same in SQL, from tokens on the products (docs/decisions/0008); a test compares both over
generated marketplaces.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Flag = Literal["visible", "view_all_products"]
Place = tuple[str, str]
"""A catalog and a category of it."""
Seen = Mapping[str, Mapping[Flag, bool]]
"""Catalogs of a shopper, with what they show."""


@dataclass(frozen=True, slots=True)
class Party:
    """A buyer, or one group of its users."""

    buyer: str
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
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
class OfferedProduct:
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
    products: Mapping[str, OfferedProduct] = field(default_factory=dict)


def seen_catalogs(offer: Offer, shopper: Viewer) -> Seen:
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


def own_flag(rows: Iterable[CategoryRow], shopper: Viewer, flag: Flag) -> bool | None:
    """What the rows at one category say (CTY-5): groups before the buyer, true before false, null nothing (inferred)."""
    said = [row for row in rows if shopper.belongs_to(row.party) and getattr(row, flag) is not None]
    of_groups = [getattr(row, flag) for row in said if row.party.group is not None]
    if of_groups:
        return any(of_groups)
    return any(getattr(row, flag) for row in said) if said else None


@dataclass(frozen=True, slots=True)
class Said:
    """A flag of a category, and the category whose rows say it; None where the catalog's assignment does."""

    value: bool
    at: str | None


def said_flag(offer: Offer, shopper: Viewer, place: Place, flag: Flag, seen: Seen) -> Said:
    """CTY-4: the nearest value on the way up from a category; above the root, the catalog assignment's, of which `seen` tells."""
    catalog, category = place
    here: str | None = category
    while here is not None:
        said = own_flag(offer.category_rows.get((catalog, here), ()), shopper, flag)
        if said is not None:
            return Said(said, here)
        here = offer.categories[catalog, here].parent
    return Said(seen[catalog][flag], None)


def dark_at(offer: Offer, place: Place) -> str | None:
    """The nearest inactive category on the way up from one, itself included; None where all are active."""
    catalog, category = place
    here: str | None = category
    while here is not None:
        node = offer.categories[catalog, here]
        if not node.active:
            return here
        here = node.parent
    return None


def sees_category(offer: Offer, shopper: Viewer, place: Place) -> bool:
    """CTY-6."""
    seen = seen_catalogs(offer, shopper)
    if place[0] not in seen or dark_at(offer, place) is not None:
        return False
    return said_flag(offer, shopper, place, "visible", seen).value


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category that directly holds a product (VIS step 5). dark: what is inactive there or above."""

    place: Place
    dark: str | None
    shows: Said

    @property
    def is_open(self) -> bool:
        """Whether it makes its products visible."""
        return self.dark is None and self.shows.value


class Ground(enum.Enum):
    """The step of VIS that decides."""

    PRODUCT = "the product, or its parent, is not active"
    CATALOGS = "no active catalog of the buyer holds it"
    GRANT = "it is assigned to the buyer or a group of the user"
    CATALOG = "a catalog that shows all products holds it in no category"
    CATEGORY = "a category that shows all products holds it"
    NOTHING = "nothing shows it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """How the procedure VIS ends for a product, step by step; a child stands where its parent does.

    seen: all the catalogs of the shopper. catalogs: those of them that hold the product (step 2). granted: the parties of the
    shopper that it is assigned to (step 3). loose: of the catalogs those that hold it in no category (step 4), shelves: where it is
    in the others.
    """

    active: bool
    parent_active: bool
    seen: Seen
    catalogs: tuple[str, ...]
    granted: tuple[Party, ...]
    loose: tuple[str, ...]
    shelves: tuple[Shelf, ...]

    @property
    def ground(self) -> Ground:
        if not (self.active and self.parent_active):
            return Ground.PRODUCT
        if not self.catalogs:
            return Ground.CATALOGS
        if self.granted:
            return Ground.GRANT
        if any(self.seen[each]["view_all_products"] for each in self.loose):
            return Ground.CATALOG
        return Ground.CATEGORY if any(each.is_open for each in self.shelves) else Ground.NOTHING

    @property
    def is_visible(self) -> bool:
        return self.ground in (Ground.GRANT, Ground.CATALOG, Ground.CATEGORY)


def rule(offer: Offer, shopper: Viewer, product_id: str, catalog: str | None = None) -> Ruling:
    """The decision procedure VIS, with `catalog` for the one that a request names."""
    product = offer.products[product_id]
    source = product if product.parent is None else offer.products[product.parent]
    seen = seen_catalogs(offer, shopper)
    catalogs = tuple(sorted(each for each in source.catalogs if each in seen and catalog in (None, each)))
    of_catalogs = frozenset(catalogs)
    places = sorted(place for place in source.categories if place[0] in of_catalogs)
    shelved = {catalog for catalog, _ in places}
    return Ruling(
        active=product.active,
        parent_active=source.active,
        seen=seen,
        catalogs=catalogs,
        granted=tuple(party for party in source.assigned if shopper.belongs_to(party)),
        loose=tuple(each for each in catalogs if each not in shelved),
        shelves=tuple(
            Shelf(place, dark_at(offer, place), said_flag(offer, shopper, place, "view_all_products", seen))
            for place in places
        ),
    )


def sees_product(offer: Offer, shopper: Viewer, product_id: str, catalog: str | None = None) -> bool:
    """Whether it is visible (VIS)."""
    return rule(offer, shopper, product_id, catalog).is_visible
