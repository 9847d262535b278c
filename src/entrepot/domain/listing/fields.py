"""What a list can be searched, sorted and filtered by: the fields of its model, and how a name finds one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from entrepot.domain.listing.budget import LOOKS_OF_DEAR_FIELDS


class FieldKind(Enum):
    """The type of a property as filters and sorts see it."""

    STRING = "string"
    ID = "id"
    ENUM = "enum"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    XP = "xp"
    OBJECT = "object"
    LIST = "list"


TEXT_KINDS = frozenset({FieldKind.STRING, FieldKind.ID})
NUMBER_KINDS = frozenset({FieldKind.INTEGER, FieldKind.DECIMAL})
SCALAR_KINDS = frozenset(FieldKind) - {FieldKind.XP, FieldKind.OBJECT, FieldKind.LIST}


@dataclass(frozen=True)
class Field:
    """One property of a list's model.

    `enum_values` are the declared spellings in order; `fields` the properties of a nested object, or of each item of a
    list of objects; `item` the kind of the items of a list of scalars. Write-only properties are left out of a shape:
    to a filter they do not exist (FLT-4).
    """

    name: str
    kind: FieldKind
    enum_values: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    item: FieldKind | None = None

    @cached_property
    def by_lower_name(self) -> dict[str, Field]:
        return {field.name.lower(): field for field in self.fields}


@dataclass(frozen=True)
class FieldPath:
    """Where a name leads: `name` is dotted and spelled as declared, up to and including xp; `xp_keys` go on from there.

    `kind` is that of the values found there, `repeated` whether the way passes a list, so that there may be several.
    """

    name: str
    kind: FieldKind
    enum_values: tuple[str, ...] = ()
    xp_keys: tuple[str, ...] = ()
    repeated: bool = False

    @property
    def full_name(self) -> str:
        return ".".join((self.name, *self.xp_keys))


@dataclass(frozen=True)
class ListShape:
    """The list of one operation.

    `search` and `sort` name scalar fields, heaviest first (SRCH-3, SRCH-6); None means any field (premium lists).
    `key` names the fields that no two items share together; every order ends in it. None means ID or, for a model
    without one, all sortable fields. `parameters` are the query parameters that
    the operation itself declares; they are never filters (FLT-2).
    Where any field may be searched or sorted by, `searched` are the fields searched without searchOn, `prominent` those
    of them that outrank the others (SRCH-4), and `order` is the default sort.
    `groups` are names that a premium list's searchOn may give in place of several fields (`LineItems.*`); only fields in
    such groups are searched within lists.
    `sorted_within` names fields within lists that the list can be sorted by all the same, since of each item one counts.
    `dear` begins the names of fields that other tables are asked for.
    `any_case` names fields that filters find in any case even where case matters (FLT-3).
    A list that is `paging_only` has neither search nor sort nor filters (ASG-5).
    """

    fields: tuple[Field, ...]
    search: tuple[str, ...] | None = ()
    sort: tuple[str, ...] | None = ()
    key: tuple[str, ...] | None = None
    parameters: frozenset[str] = frozenset()
    premium: bool = False
    searched: tuple[str, ...] = ()
    prominent: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    paging_only: bool = False
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    any_case: tuple[str, ...] = ()
    sorted_within: tuple[str, ...] = ()
    dear: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = (*(self.search or ()), *(self.sort or ()), *(self.key or ()), *self.searched, *self.order)
        for name in named:
            path = self.find(name)
            if path is None or path.full_name != name or path.repeated or path.kind not in SCALAR_KINDS:
                raise ValueError(f"{name} is no scalar field of the list")

    @cached_property
    def root(self) -> Field:
        return Field("", FieldKind.OBJECT, fields=self.fields)

    @cached_property
    def reserved(self) -> frozenset[str]:
        """The operation's own parameters in lower case."""
        return frozenset(name.lower() for name in self.parameters)

    @cached_property
    def by_group(self) -> dict[str, tuple[str, ...]]:
        """The names of each group, by its name in lower case."""
        return {name.lower(): names for name, names in self.groups}

    @cached_property
    def grouped_paths(self) -> frozenset[FieldPath]:
        """The fields of all groups."""
        return frozenset(self._paths(tuple(name for _, names in self.groups for name in names)))

    @cached_property
    def search_paths(self) -> tuple[FieldPath, ...]:
        return self._paths(self.searched if self.search is None else self.search)

    @cached_property
    def sort_paths(self) -> tuple[FieldPath, ...]:
        return self._paths(self.sort)

    @cached_property
    def key_paths(self) -> tuple[FieldPath, ...]:
        return self._paths(self._key)

    @cached_property
    def default_sort(self) -> tuple[FieldPath, ...]:
        """SRCH-6: the sortable fields in order up to ID, then the key."""
        names = self.order if self.sort is None else self.sort
        kept = names[: names.index("ID") + 1] if "ID" in names else names
        return self._paths(tuple(dict.fromkeys((*kept, *self._key))))

    @property
    def _key(self) -> tuple[str, ...]:
        if self.key is not None:
            return self.key
        return ("ID",) if "id" in self.root.by_lower_name else self.sort or self.order

    def looks(self, path: FieldPath) -> int:
        """What one look at a field costs."""
        return LOOKS_OF_DEAR_FIELDS if path.name.startswith(self.dear) else 1

    def find(self, name: str, *, exact_case: bool = False) -> FieldPath | None:
        """The field of a dotted name; None if the model has none. Keys below xp always exist (FLT-3)."""
        parts = name.split(".")
        field, names, repeated = self.root, list[str](), False
        for position, part in enumerate(parts):
            found = field.by_lower_name.get(part.lower())
            if found is None or (exact_case and found.name != part and found.name not in self.any_case):
                return None
            field = found
            names.append(field.name)
            repeated = repeated or field.kind is FieldKind.LIST
            if field.kind is FieldKind.XP:
                return FieldPath(
                    ".".join(names), field.kind, xp_keys=tuple(parts[position + 1 :]), repeated=repeated
                )
        kind = field.kind
        if kind is FieldKind.LIST:
            kind = field.item or FieldKind.OBJECT
        return FieldPath(".".join(names), kind, field.enum_values, repeated=repeated)

    def _paths(self, names: tuple[str, ...] | None) -> tuple[FieldPath, ...]:
        found = (self.find(name) for name in names or ())
        return tuple(path for path in found if path is not None)
