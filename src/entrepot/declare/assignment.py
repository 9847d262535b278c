"""Assignments: a thing given to a party or to another thing, with settings (conventions section 11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from entrepot.declare.entity import Index, Parent, Stored
from entrepot.declare.feeds import Feeds
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import Hooks, Within, declared_here, spaced
from entrepot.declare.roles import SELLERS_ONLY, Access, Roles
from entrepot.declare.synced import Synced
from entrepot.declare.wire import Column, Wire
from entrepot.kernel.errors import ApiError, SpecifiedBuyerAndSupplierError
from entrepot.kernel.user_types import UserType

Level = Literal["User", "Group", "Company"]
PartyKind = Literal["Buyer", "Supplier", "BuyerGroup", "Seller"]
COMPANIES = frozenset({"BuyerID", "SupplierID", "BuyerGroupID"})


class AssignmentHooks(Hooks):
    """The points where an assignment's own rules join its verbs; `check_write` sees the body with canonical IDs."""

    def check_list(self, parameters: dict[str, Any]) -> None:
        """Refuse a combination of list parameters by raising."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Assignment:
    """Rows of `table` that tie `thing` (property -> referenced table) to a party. Computed properties are SQL over `a`.

    The table has the thing's column, `BuyerID`, `SupplierID`, `BuyerGroupID` where the kinds allow them, and `user_key`,
    `group_key`; the wire shows the user's and the group's IDs, and that of a thing with a surrogate key. One row per
    thing and party.

    kinds: which companies may be parties; `Seller` means that a row may name neither buyer nor supplier.
    within: what the path leads through. The things live there, but for those `anywhere`; a company among it is the
        party's, which the body does not name.
    Without kinds there is no party: a thing is given to the other one (a product to a catalog).
    """

    name: str
    """Operation id prefix, `SecurityProfiles`."""
    model: type[Wire]
    table: str
    things: tuple[Parent, ...]
    path: str
    """The path of list and save, `/securityprofiles/assignments`."""
    delete_path: str
    roles: Roles
    levels: tuple[Level, ...] = ()
    kinds: tuple[PartyKind, ...] = ()
    noun: str = ""
    """What operation ids have before `Assignment`: `Product` in Catalogs.SaveProductAssignment."""
    anywhere: frozenset[str] = frozenset()
    """Columns of the things that do not live in what the path leads through: the product of a category's row."""
    keys: tuple[str, ...] = ()
    """Properties that tell rows of one thing and party apart; such rows are saved and deleted by use cases."""
    tag: str = ""
    within: tuple[Within, ...] = ()
    unset: tuple[str, ...] = ()
    """Columns that are null in the things: the variant, for records of the product itself."""
    access: Access = SELLERS_ONLY
    verbs: frozenset[str] = frozenset({"List", "Save", "Delete"})
    query: tuple[QueryParameter, ...] = ()
    delete_query: tuple[QueryParameter, ...] = ()
    delete_roles: tuple[str, ...] | None = None
    """Where deleting takes other roles than saving."""
    stored: tuple[Stored, ...] = ()
    indexes: tuple[Index, ...] = ()
    hooks: AssignmentHooks = field(default_factory=AssignmentHooks)
    computed: Mapping[str, str] = field(default_factory=dict)
    """Expressions over `a`, with `:marketplace_id` for the marketplace, in place of settings' columns."""
    visible: Mapping[UserType, str] = field(default_factory=dict)
    """Which rows callers of a kind list: an SQL condition over `a`, as in Resource.visible."""
    two_companies: type[ApiError] = SpecifiedBuyerAndSupplierError
    """The refusal of a body that names a buyer and a supplier."""
    feeds: tuple[Feeds, ...] = ()
    """As of an entity."""
    synced: tuple[Synced, ...] = ()
    """As of an entity."""
    source: str = field(default_factory=lambda: declared_here(3))

    def limits(self, kind: UserType) -> bool:
        """Whether callers of a kind list some of the rows only."""
        return kind in self.visible or any(within.resource.limits(kind) for within in self.within)

    @property
    def title(self) -> str:
        """The OpenAPI tag."""
        return self.tag or spaced(self.name)

    @cached_property
    def party_columns(self) -> tuple[str, ...]:
        """The columns that name the party, in the order of the unique key."""
        columns = [f"{kind}ID" for kind in self.kinds if kind != "Seller"]
        if "User" in self.levels:
            columns.append("user_key")
        if "Group" in self.levels:
            columns.append("group_key")
        return tuple(columns)

    @cached_property
    def homes(self) -> tuple[Within, ...]:
        """What the rows hold of the path: where things without a surrogate key live (the catalog of a category)."""
        if all(thing.key is not None for thing in self.things):
            return ()
        return tuple(within for within in self.within if within.column not in self.party_columns)

    @cached_property
    def settings(self) -> tuple[Column, ...]:
        """The properties beyond thing and party."""
        taken = {thing.column for thing in self.things} | {*COMPANIES, "UserID", "UserGroupID"}
        return tuple(c for c in self.model.__columns__.values() if c.stored and c.name not in taken)
