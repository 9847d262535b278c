"""Who a message goes to: active users of active companies, read in slices (MS-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.domain.messages.audiences import Audience
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.statements import projection
from entrepot.features.people.identity.resources import User
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType, type_of

SLICE = Sql(f"""
SELECT t.key, t."BuyerID", t."SupplierID", {projection(User.__columns__.values())}
FROM (
    SELECT u.* FROM (
        SELECT unnest(:users::bigint[]) AS key
        UNION
        SELECT m.user_key FROM user_group_members m
        WHERE m.marketplace_id = :marketplace_id AND m.group_key = ANY(:groups::bigint[]) AND m.user_key <> :but) named
    JOIN users u ON u.marketplace_id = :marketplace_id AND u.key = named.key
    LEFT JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = u."BuyerID"
    LEFT JOIN suppliers s ON s.marketplace_id = :marketplace_id AND s."ID" = u."SupplierID"
    WHERE u."Active" AND coalesce(b."Active", s."Active", true) AND u.key > :after
    ORDER BY u.key LIMIT :most) t
ORDER BY t.key
""").bound("marketplace_id", "users", "groups", "but", "after", "most")
_render = renderer(User).render


@dataclass(frozen=True, slots=True)
class Recipient:
    """A user who gets a message. `key` is internal; wire: the user as the API shows it."""

    key: int
    user_type: UserType
    buyer_id: str | None
    wire: Mapping[str, Any]

    @property
    def username(self) -> str:
        """Of the user."""
        name: str = self.wire["Username"]
        return name


async def slice_of(call: Call, audience: Audience, *, after: int, most: int) -> list[Recipient]:
    """The next `most` of an audience whose keys come after `after`, by key. One statement."""
    rows = await call.db.fetch(
        SLICE,
        call.marketplace_id,
        list(audience.users),
        list(audience.groups),
        audience.but,
        after,
        most,
    )
    return [
        Recipient(row["key"], type_of(row["BuyerID"], row["SupplierID"]), row["BuyerID"], _render(row))
        for row in rows
    ]
