"""Entities: what is stored. One entity is one table; several resources may show the same one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from entrepot.declare.feeds import Feeds
from entrepot.declare.named import Named
from entrepot.declare.synced import Sweep, Synced
from entrepot.declare.wire import OnDelete, Wire
from entrepot.kernel.errors import ApiError
from entrepot.kernel.ids import new_id

StoredType = Literal[
    "text", "citext", "bigint", "integer", "boolean", "timestamptz", "bytea", "json", "text[]", "bigint[]"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A column that never appears on the wire. Its name is snake_case, so that it cannot meet a property."""

    name: str
    type: StoredType
    nullable: bool = True
    default: str | None = None
    """A SQL literal."""
    identity: bool = False
    references: str | None = None
    """The table whose `key` (surrogate-keyed) or `ID` this column holds."""
    on_delete: OnDelete = "cascade"


@dataclass(frozen=True, slots=True)
class Parent:
    """A column that says under which object a row lives; part of the row's identity."""

    column: str
    """The wire's name of the parent's ID."""
    table: str
    key: str | None = None
    """Where rows of `table` have a surrogate key: the column that holds it, in place of the ID."""
    held: str | None = None
    """Where the column that holds the ID has another name than the wire gives it (the product that a bundle is)."""

    @property
    def stored(self) -> str:
        """The table's column."""
        return self.key or self.held or self.column


@dataclass(frozen=True, slots=True)
class Index:
    """An index beside those that lists need. `expression` is everything after marketplace_id."""

    name: str
    expression: str
    unique: bool = False
    where: str | None = None
    nulls_distinct: bool = True
    method: Literal["btree", "gin"] = "btree"
    error: type[ApiError] | None = None
    """What a violation of a unique index means to the caller; else IdExistsError."""


@dataclass(frozen=True, slots=True)
class TextFields:
    """The texts that a premium list searches by words (SRCH-4), at most four; `prominent` ones outrank the others.

    The entity's table keeps their words and stems in generated columns, under an index. Where only some rows are
    searched, `where` is the SQL condition on them, and the others have no words. `nested`: the SQL of names that are no
    columns but properties within one (`Product.Name`), as pairs of name and expression.
    """

    names: tuple[str, ...]
    prominent: tuple[str, ...] = ()
    where: str | None = None
    nested: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sorts:
    """Sorts of lists that have no Resource of their own: each gets an index, as those of a resource do.

    `names` are sortable properties, the leading ones up to ID the default order. `scope`: columns that such a list
    fixes. `where`: the SQL condition on the rows that are listed together, for partial indexes. `held`: columns that decide
    who sees a row beside the scope; with them in the index, too, it counts without the rows.
    """

    names: tuple[str, ...]
    scope: tuple[str, ...] = ()
    where: str | None = None
    held: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Entity:
    """A model with its table.

    parents: columns every row has (`ApiClientID` of a secret): key = marketplace_id, parents, ID.
    owners: columns of which at most one is set, none meaning the seller (`BuyerID`, `SupplierID` of a user; a user's
        key for what is private to that user).
        Such a table has a surrogate `key bigint`, and other tables refer to it by that key.
    surrogate: the same key for a table whose IDs are unique in ways that `indexes` say (orders).
    """

    model: type[Wire]
    table: str
    object_type: str
    parents: tuple[Parent, ...] = ()
    owners: tuple[Parent, ...] = ()
    stored: tuple[Stored, ...] = ()
    indexes: tuple[Index, ...] = ()
    surrogate: bool = False
    generate_id: Callable[[], str] = new_id
    id_column: str = "ID"
    part_of: Entity | None = None
    """The entity that declares the table, where these are some of its rows under another name."""
    key_columns: tuple[str, ...] = ()
    """Properties that belong to the identity beside the ID column (the thing type of an xp index)."""
    text: TextFields | None = None
    """What premium lists of the entity search."""
    sorts: tuple[Sorts, ...] = ()
    counted: tuple[str, ...] = ()
    """Texts of at most 200 characters whose matches a list counts by the index of their sort alone, without the rows."""
    totals: tuple[str, ...] = ()
    """Properties by whose values it is kept how many rows each owner has (engine/totals.py): lists that filter by no other count
    nothing."""
    room: int = 0
    """Percent of each page of the table that new rows leave free. A row that becomes another one within its page, and in no column
    of an index, is written into no index."""
    names: tuple[Named, ...] = ()
    """What else is known here by its ID, and follows a rename without a key."""
    keeps: Mapping[str, str] = field(default_factory=dict)
    """IDs that follow nothing: the place, as Named has it or a JSON column as a whole, and why."""
    prewritten: bool = False
    """Rows keep the JSON text of their object, for resources that complete it (Resource.prewritten)."""
    feeds: tuple[Feeds, ...] = ()
    """What processes remember of the rows; the unit that writes them raises the epochs (engine/units.py)."""
    synced: tuple[Synced, ...] = ()
    """What the rows say of what is synchronized; the unit that writes them tells it (engine/syncing.py)."""
    sweeps: tuple[Sweep, ...] = ()
    """The same of rows elsewhere that go with one of these."""

    @property
    def keyed(self) -> bool:
        """Whether rows have a surrogate key."""
        return self.surrogate or bool(self.owners)

    @property
    def totals_by(self) -> tuple[str, ...]:
        """The columns whose values tell the kept totals apart."""
        return (*(owner.stored for owner in self.owners), *self.totals)

    @property
    def totals_table(self) -> str:
        return f"{self.table}_totals"

    @property
    def has_xp(self) -> bool:
        return "xp" in self.model.__columns__
