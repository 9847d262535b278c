"""Resources: routes over entities. The engine expands each into its operations."""

from __future__ import annotations

import enum
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from entrepot.declare.entity import Entity
from entrepot.declare.operation import ListOptions, QueryParameter
from entrepot.declare.roles import SELLERS_ONLY, Access, Right, Roles
from entrepot.declare.wire import Column
from entrepot.kernel.user_types import UserType


class Verb(enum.StrEnum):
    """The six uniform verbs, spelled as in operation ids."""

    LIST = "List"
    GET = "Get"
    CREATE = "Create"
    SAVE = "Save"
    PATCH = "Patch"
    DELETE = "Delete"


CRUD = frozenset(Verb)
READ = frozenset({Verb.LIST, Verb.GET})


def declared_here(depth: int = 2) -> str:
    """`file:line` of the statement that declares, for `entrepot explain`."""
    frame = sys._getframe(depth)  # noqa: SLF001 (inspect.stack reads files: 60 ms a declaration)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


class Hooks:
    """The points where a resource's own rules join the uniform verbs. All have a default.

    Values are dicts by property name; entries by the snake_case name of a Stored column are written too. `call` is
    the engine's Call. A hook that needs more than these is a use case.
    """

    shows: tuple[str, ...] = ()
    """Stored columns that `present` needs beside the properties."""
    presents_nulls: bool = True
    """False where `present` has nothing to do for a row whose `shows` columns are all null."""

    def prepares(self, call: Any) -> bool:
        """Whether there is something for `prepare` to do."""
        return True

    async def prepare(self, call: Any) -> None:
        """Slow work of a create, save or patch, before its transaction opens (Operation.prepare)."""

    async def lock_first(self, call: Any) -> None:
        """Lock rows that others lock before this one, before a save, patch or delete locks its own."""

    def present(self, call: Any, item: dict[str, Any]) -> None:
        """Complete the wire form of one row, whose `shows` columns stand in `item`; remove those. Pure."""

    def written(self, row: dict[str, Any]) -> dict[str, Any]:
        """What a write starts from, of a locked row: where columns hold more than was written, what was written. Pure.
        `normalise` and `check_write` know this as the old values, `after_write` and the others the row as it is stored.
        """
        return row

    def normalise(self, values: dict[str, Any], old: dict[str, Any] | None) -> None:
        """Bring values into their stored form. `old` is None on creation. Pure."""

    async def check_write(self, call: Any, old: dict[str, Any] | None, new: dict[str, Any]) -> None:
        """Refuse by raising, or complete `new`; runs inside the transaction, before the row is written."""

    async def after_write(self, call: Any, old: dict[str, Any] | None, new: dict[str, Any]) -> None:
        """Write what goes along with the row, in the same transaction."""

    async def check_delete(self, call: Any, old: dict[str, Any]) -> None:
        """Refuse by raising; runs inside the transaction, before the row is deleted."""

    async def after_delete(self, call: Any, old: dict[str, Any]) -> None:
        """Write what the row's end means for others, in the same transaction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prewritten:
    """The computed properties of rows that keep the text of the others (Entity.prewritten), where single rows and pages are
    read. For hooks that have nothing to do with most rows (Hooks.presents_nulls).

    own: SQL expression over `t`, the JSON text of what makes a row's computed properties differ from those of other rows of
    the page; NULL where they do not.
    texts: reads for a call what the page's rows have in common, and tells of such a text, or None, the JSON texts of the
    computed properties by name. What it tells has to hold at the caller's security epoch.
    """

    own: str
    texts: Callable[[Any], Awaitable[Callable[[bytes | None], Mapping[str, bytes]]]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """Uniform routes over an entity.

    name: the prefix of operation ids, `Buyers`; noun: what follows the verb, `Secret` in ApiClients.GetSecret. tag: the OpenAPI tag, the name with spaces unless given.
    path: the collection, `/buyers/{buyerID}/users`; item: the parameter of one object, `userID`.
    within: path parameter -> the resource that it names, outermost first.
    """

    name: str
    entity: Entity
    path: str
    item: str
    roles: Roles
    tag: str = ""
    noun: str = ""
    within: tuple[Within, ...] = ()
    access: Access = SELLERS_ONLY
    verbs: frozenset[Verb] = CRUD
    search: tuple[str, ...] | None = ()
    sort: tuple[str, ...] | None = ()
    query: tuple[QueryParameter, ...] = ()
    """Parameters of the list beyond the usual ones; each needs a `narrow` entry."""
    narrow: dict[str, str] = field(default_factory=dict)
    """Query parameter -> SQL condition over `t`; the parameter gives its value the name."""
    write_query: tuple[QueryParameter, ...] = ()
    """Parameters of create, save and patch, which the hooks read."""
    computed: Mapping[str, str] = field(default_factory=dict)
    """SELECTs in place of the entity's computed ones, where this path knows more and needs less."""
    prewritten: Prewritten | None = None
    """How the texts that the entity's rows keep are completed."""
    company: bool = False
    """The objects are companies: the right OWN compares their ID with the caller's company."""
    visible: Mapping[UserType, str] = field(default_factory=dict)
    """What callers of a kind see, also of what lives below: an SQL condition over `t`, with `:marketplace_id` for the marketplace,
    `:company` for the caller's company and `:user` for the key of its user (CONV-10). Sellers that are not named see
    everything; for the others see the registry."""
    implied: Callable[[Any], Mapping[str, str]] | None = None
    """Parameters that its paths have not, made of the caller (its buyer, under /me; the word of a setting)."""
    hooks: Hooks = field(default_factory=Hooks)
    moves: Mapping[Verb, tuple[enum.StrEnum, ...]] = field(default_factory=dict)
    """What the hooks of a verb may move (Operation.moves)."""
    source: str = field(default_factory=lambda: declared_here(3))

    def limits(self, kind: UserType) -> bool:
        """Whether callers of a kind see some of the objects only."""
        if self.company and self.access.of(kind) is Right.OWN:
            return True
        return kind in self.visible or any(within.resource.limits(kind) for within in self.within)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The model's properties, computed ones as this resource computes them."""
        return tuple(
            replace(column, computed=self.computed[name]) if name in self.computed else column
            for name, column in self.entity.model.__columns__.items()
        )

    @cached_property
    def lists(self) -> ListOptions:
        """The options of its list."""
        return ListOptions(search=self.search, sort=self.sort)

    @property
    def title(self) -> str:
        """The OpenAPI tag."""
        return self.tag or spaced(self.name)

    @property
    def changed_by_owners(self) -> bool:
        """Whether the right OWN lets a caller change what it sees, never create or delete (ORG-2, ORG-6)."""
        return self.company or bool(self.visible)

    def operation_id(self, verb: Verb) -> str:
        """`Buyers.List`, `ApiClients.ListSecrets`."""
        plural = f"{self.noun}s" if self.noun and verb is Verb.LIST else self.noun
        return f"{self.name}.{verb}{plural}"


def spaced(name: str) -> str:
    """`XpIndices` -> `Xp Indices`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


@dataclass(frozen=True, slots=True)
class Within:
    """A path parameter, the column that it fills, and the resource whose existence it presumes."""

    parameter: str
    column: str
    resource: Resource
