"""The party that an assignment names: from the wire's IDs to columns (ASG-2 to ASG-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from entrepot.declare.assignment import Assignment
from entrepot.declare.wire import Wire
from entrepot.engine.call import Call
from entrepot.kernel.errors import (
    BuyerAndBuyerGroupError,
    BuyerRequiredError,
    GroupAndUserError,
    GroupLevelError,
    NotFoundError,
    UserLevelError,
)

PARTY_PROPERTIES = ("BuyerID", "SupplierID", "UserID", "UserGroupID", "BuyerGroupID")
LEVEL_PROPERTIES = ("UserID", "UserGroupID")


@dataclass(frozen=True, slots=True)
class NamedParty:
    """A party by wire IDs, checked against the levels and kinds of its assignment."""

    buyer_id: str | None
    supplier_id: str | None
    user_id: str | None
    group_id: str | None
    buyer_group_id: str | None = None


def with_levels(model: type[Wire], body: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` of a body with the user and the group that it names although the model has no such property (ASG-2).

    Other unknown properties are ignored, but ignoring these would give to a whole company what was meant for one user.
    """
    sent = {name.lower(): value for name, value in body.items()}
    missing = (name for name in LEVEL_PROPERTIES if name not in model.__columns__)
    return {**values, **{name: sent.get(name.lower()) for name in missing}}


def named_party(assignment: Assignment, values: Mapping[str, Any]) -> NamedParty:
    """The party of a body or of delete parameters; raises the PartyAssignment refusals."""
    party = NamedParty(*(values.get(name) or None for name in PARTY_PROPERTIES))
    if not assignment.kinds:
        return party
    if party.buyer_id and party.supplier_id:
        raise assignment.two_companies()
    if party.buyer_group_id and (party.buyer_id or party.user_id or party.group_id):
        raise BuyerAndBuyerGroupError
    if party.user_id and "User" not in assignment.levels:
        raise UserLevelError
    if party.group_id and "Group" not in assignment.levels:
        raise GroupLevelError
    if party.user_id and party.group_id:
        raise GroupAndUserError
    if not (party.buyer_id or party.supplier_id or party.buyer_group_id) and "Seller" not in assignment.kinds:
        raise BuyerRequiredError
    return party


async def resolve(
    call: Call,
    assignment: Assignment,
    things: Mapping[str, str],
    party: NamedParty,
    above: Mapping[str, str],
) -> dict[str, Any]:
    """The row's key columns, with IDs as they are stored. 404 for the first thing or party that does not exist.

    `above` are the stored IDs of what the path leads through, by column: there live the things, but for those that the
    assignment has `anywhere`. One statement.
    """
    parties = (party.buyer_id, party.supplier_id, party.buyer_group_id, party.user_id, party.group_id)
    sql, looked_up = _look_ups(assignment, tuple(above), tuple(map(bool, parties)))
    named = [*(things[thing.column] for thing in assignment.things), *filter(None, parties)]
    row = await call.db.fetchrow(sql, call.marketplace_id, *above.values(), *named)
    resolved: dict[str, Any] = dict.fromkeys(assignment.party_columns)
    for (column, object_type), object_id, value in zip(looked_up, named, row or (), strict=True):
        if value is None:
            raise NotFoundError(object_type, object_id)
        resolved[column] = value
    for home in assignment.homes:
        resolved[home.column] = above[home.column]
    return resolved


@lru_cache(maxsize=1024)
def _look_ups(
    assignment: Assignment, above: tuple[str, ...], given: tuple[bool, ...]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The statement of `resolve`, with column and type of each thing and each party that is `given`; made once for each shape.

    $1 is the marketplace; what stands `above` follows, the things, the parties.
    """
    buyer, supplier, buyer_group, user, group = given
    looked_up: list[tuple[str, str]] = []
    pieces: list[str] = []
    home = "".join(f' AND "{column}" = ${position}' for position, column in enumerate(above, 2))
    home += "".join(f' AND "{column}" IS NULL' for column in assignment.unset)

    def look_up(column: str, object_type: str, expression: str, table: str, extra: str = "") -> int:
        number = 2 + len(above) + len(pieces)
        looked_up.append((column, object_type))
        pieces.append(
            f'(SELECT {expression} FROM {table} WHERE marketplace_id = $1{extra} AND "ID" = ${number})'
        )
        return number

    for thing in assignment.things:
        object_type, expression = thing.column.removesuffix("ID"), '"ID"' if thing.key is None else "key"
        here = "" if thing.column in assignment.anywhere else home
        look_up(thing.stored, object_type, expression, thing.table, here)
    company = ' AND "BuyerID" IS NULL AND "SupplierID" IS NULL'
    for column, table, is_given in (
        ("BuyerID", "buyers", buyer),
        ("SupplierID", "suppliers", supplier),
        ("BuyerGroupID", "buyer_groups", buyer_group),
    ):
        if is_given:
            number = look_up(column, column.removesuffix("ID"), '"ID"', table)
            company = f' AND "{column}" = ${number}'
    if user:
        look_up("user_key", "User", "key", "users", company)
    if group:
        look_up("group_key", "UserGroup", "key", "user_groups", company)
    return f"SELECT {', '.join(pieces)}", tuple(looked_up)
