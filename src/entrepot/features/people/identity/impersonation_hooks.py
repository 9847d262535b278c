"""The parties of impersonation configs: wire IDs to keys (AUTH-74)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entrepot.declare.resource import Hooks
from entrepot.engine.call import Call
from entrepot.kernel.errors import BuyerRequiredError, GroupAndUserError, NotFoundError

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PartyColumn:
    """A group or a user on one side of a config: its wire property and the column with its key."""

    name: str
    column: str
    table: str
    object_type: str


@dataclass(frozen=True, slots=True)
class Side:
    """One side: a buyer, narrowed to a group or a user."""

    buyer: str
    group: PartyColumn
    user: PartyColumn
    of_seller: bool
    """Whether no buyer means the seller's own users; else it means the users of any buyer."""

    @property
    def parties(self) -> tuple[PartyColumn, ...]:
        return (self.group, self.user)


def _group(name: str, column: str) -> PartyColumn:
    return PartyColumn(name, column, "user_groups", "UserGroup")


def _user(name: str, column: str) -> PartyColumn:
    return PartyColumn(name, column, "users", "User")


SIDES = (
    Side(
        "ImpersonationBuyerID",
        _group("ImpersonationGroupID", "impersonation_group_key"),
        _user("ImpersonationUserID", "impersonation_user_key"),
        of_seller=True,
    ),
    Side("BuyerID", _group("GroupID", "group_key"), _user("UserID", "user_key"), of_seller=False),
)
IDS_OF_KEYS = """
SELECT (SELECT g."ID" FROM user_groups g WHERE g.marketplace_id = $1 AND g.key = $2),
       (SELECT u."ID" FROM users u WHERE u.marketplace_id = $1 AND u.key = $3)
"""


class ImpersonationConfigHooks(Hooks):
    """Parties by key."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        if old is not None and call.operation.verb == "PATCH":
            await _fill_in_kept(call, old, new)
        for side in SIDES:
            group, user = (new.get(party.name) for party in side.parties)
            if group and user:
                raise GroupAndUserError
            if (group or user) and not new[side.buyer] and not side.of_seller:
                raise BuyerRequiredError
        new.update(await _resolve(call, new))


async def _fill_in_kept(call: Call, old: Values, new: Values) -> None:
    """The IDs of parties that a PATCH does not name, to be found again: its buyer may be another one."""
    for side in SIDES:
        kept = [party for party in side.parties if party.name not in new and old[party.column] is not None]
        if kept:
            keys = (old[side.group.column], old[side.user.column])
            ids = await call.db.fetchrow(IDS_OF_KEYS, call.marketplace_id, *keys)
            for party, object_id in zip(side.parties, ids or (), strict=True):
                if party in kept:
                    new[party.name] = object_id


async def _resolve(call: Call, values: Values) -> dict[str, int | None]:
    """The keys of all parties. 404 for the first that does not exist in its company. One statement, or none."""
    keys: dict[str, int | None] = {party.column: None for side in SIDES for party in side.parties}
    wanted = [
        (party, values[side.buyer], values[party.name])
        for side in SIDES
        for party in side.parties
        if values.get(party.name)
    ]
    if not wanted:
        return keys
    arguments: list[Any] = [call.marketplace_id]
    selects = []
    for party, buyer, object_id in wanted:
        arguments.append(object_id)
        number = len(arguments)
        company = '"BuyerID" IS NULL'
        if buyer:
            arguments.append(buyer)
            company = f'"BuyerID" = ${len(arguments)}'
        selects.append(
            f"(SELECT key FROM {party.table} "
            f'WHERE marketplace_id = $1 AND {company} AND "SupplierID" IS NULL AND "ID" = ${number})'
        )
    row = await call.db.fetchrow(f"SELECT {', '.join(selects)}", *arguments)
    for (party, _, object_id), key in zip(wanted, row or (), strict=True):
        if key is None:
            raise NotFoundError(party.object_type, object_id)
        keys[party.column] = key
    return keys
