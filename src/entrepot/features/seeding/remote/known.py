"""What has been read so far: which objects there are, to read what lives under them, and nothing twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.own.plain import value_at
from entrepot.features.seeding.remote.listings import Listing

Values = dict[str, Any]
Home = tuple[tuple[str, str], ...]
"""Column and ID, outermost first, as the source spells them."""
USERNAMES = "usernames"
"""In place of a table: those of all users."""
PARTIES = ("BuyerID", "SupplierID", "BuyerGroupID", "UserID", "UserGroupID")


class Known:
    """IDs by table and by home."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, Home], dict[str, str]] = defaultdict(dict)
        self._assigned: dict[str, set[int]] = defaultdict(set)
        self._traits: dict[str, set[str]] = defaultdict(set)

    def note(self, kind: Kind, record: Values) -> bool:
        """Whether a record is new."""
        return (
            self._note_object(kind, record)
            if kind.section == "Objects"
            else self._note_assignment(kind, record)
        )

    def note_whole(self, listing: Listing, record: Values) -> bool:
        """The same for what is kept as it is shown."""
        item = record["Item"]
        named = [*record["Home"].values(), *(item.get(name) for name in listing.identity)]
        return self._note_named(listing.kind.name, named)

    def ids(self, table: str, home: Home = ()) -> list[str]:
        """As the source spells them."""
        return list(self._ids[table, _folded(home)].values())

    def has(self, table: str, object_id: str, home: Home = ()) -> bool:
        """Whether there is such an object in such a place."""
        return object_id.lower() in self._ids.get((table, _folded(home)), ())

    def has_anywhere(self, table: str, object_id: str) -> bool:
        """Whether there is one in any place."""
        return any(object_id.lower() in ids for (each, _), ids in self._ids.items() if each == table)

    def homes(self, listing: Listing) -> list[Home]:
        """The places in which there may be records of a list, as far as what was read says."""
        homes: list[Home] = [()]
        for above in listing.above:
            homes = [(*home, (above.column, each)) for home in homes for each in self.ids(above.table, home)]
        return [home for home in homes if self._is_worth(listing, home)]

    def _is_worth(self, listing: Listing, home: Home) -> bool:
        kind, product = listing.kind, dict(home).get("ProductID", "").lower()
        trait = TRAITS.get(kind.name)
        if trait is not None and product not in self._traits[trait]:
            return False
        if listing.beside and not self._traits[BUNDLE]:
            return False
        if kind.name == "ProductSupplierAssignments" and not self.ids("suppliers"):
            return False
        return all(self.ids(table, home) for table in _housed(kind))

    def _note_object(self, kind: Kind, record: Values) -> bool:
        resource = kind.resource
        assert resource is not None
        entity = resource.entity
        named = [str(record.get(name)) for name in (*entity.key_columns, kind.id_name)]
        ids, folded = self._ids[kind.table, home_of(kind, record)], "/".join(named).lower()
        if folded in ids:
            return False
        ids[folded] = named[-1]
        if kind.table == "users":
            username = str(record.get("Username"))
            self._ids[USERNAMES, ()][username.lower()] = username
        for trait in _traits(kind, record):
            self._traits[trait].add(folded)
        return True

    def _note_assignment(self, kind: Kind, record: Values) -> bool:
        return self._note_named(kind.name, _named(kind, record))

    def has_assignment(self, kind: Kind, record: Values) -> bool:
        """Whether an assignment has been noted."""
        return _folded_named(_named(kind, record)) in self._assigned[kind.name]

    def _note_named(self, kind: str, named: list[Any]) -> bool:
        folded = _folded_named(named)
        if folded in self._assigned[kind]:
            return False
        self._assigned[kind].add(folded)
        return True


def _named(kind: Kind, record: Values) -> list[Any]:
    """What tells an assignment from others of its kind."""
    above = [within.column for within in kind.within]
    if kind.plain is not None:
        return [value_at(record, name) for name in (*above, *kind.plain.key)]
    names: tuple[str, ...] = ()
    if kind.assignment is not None:
        names = (*(thing.column for thing in kind.assignment.things), *kind.assignment.keys)
    return [record.get(name) for name in (*above, *names, *PARTIES)]


def _folded_named(named: list[Any]) -> int:
    # The hash of a process, which is good for its own set alone.
    return hash(tuple(str(each or "").lower() for each in named))


def home_of(kind: Kind, record: Mapping[str, Any]) -> Home:
    """Where a record lives, folded."""
    return _folded(tuple((within.column, str(record.get(within.column))) for within in kind.within))


def _folded(home: Home) -> Home:
    return tuple((column, each.lower()) for column, each in home)


BUNDLE, VARIED, STOCKED, STOCKED_APART = "bundle", "varied", "stocked", "stocked by variant"
TRAITS = {
    "Variants": VARIED,
    "InventoryRecords": STOCKED,
    "InventoryRecordAssignments": STOCKED,
    "VariantInventoryRecords": STOCKED_APART,
    "VariantInventoryRecordAssignments": STOCKED_APART,
}
"""What a product has to be for records of the kind to live under it (VAR-1, IRC-1)."""


def _traits(kind: Kind, record: Values) -> Iterator[str]:
    match kind.name:
        case "Bundles":
            yield BUNDLE
        case "Products":
            if record.get("VariantCount"):
                yield VARIED
            stock = record.get("Inventory")
            if isinstance(stock, dict):
                yield STOCKED_APART if stock.get("VariantLevelTracking") else STOCKED


def _housed(kind: Kind) -> Iterator[str]:
    """The tables of what a kind's assignments are of, where it lives in the same place: without it there are none."""
    if kind.is_membership:
        yield "user_groups"
    elif kind.assignment is not None and kind.within:
        yield from (
            thing.table for thing in kind.assignment.things if thing.column not in kind.assignment.anywhere
        )
