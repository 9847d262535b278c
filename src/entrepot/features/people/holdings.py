"""What its groups and itself give to a user, kept on its row: security profiles (AUTH-17) and the locale of its groups (LOC-3).

So whoever shows users reads no assignment of a group or a user. What a company gives to all of its users is not kept:
a statement reads it once. Nor is what a profile gives: rows keep its number, so that a profile which changes, gets another ID
or goes writes no user. Whatever changes memberships, locales or assignments does it within `changing`, before which it locks and
writes nothing; assignments have it done by HoldingHooks. Units that do so wait for one another, and each computes from what the
one before has committed. tests/features_unit/test_holdings.py finds statements outside.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from entrepot.declare.assignment import AssignmentHooks
from entrepot.declare.entity import Stored
from entrepot.engine.call import Call, Database

PROFILE_NUMBER = Stored(name="number", type="bigint", nullable=False, identity=True)
"""What stands for a profile in rows of users: unlike an ID it never changes, and is never given anew."""
OWN_PROFILES = Stored(name="own_profiles", type="bigint[]", nullable=False, default="'{}'")
"""Numbers of the profiles that the user and its groups hold; distinct, sorted. Some may be of profiles that are gone, which
give nothing.
"""
GROUP_LOCALE = Stored(name="group_locale", type="citext")
"""The ID of the locale that its groups give, the lowest of several; null where they give none."""

LOCK = "SELECT 1 FROM marketplaces WHERE marketplace_id = $1 FOR NO KEY UPDATE"
GROUPS_OF_LOCALE = """
SELECT group_key FROM locale_assignments
WHERE marketplace_id = $1 AND "LocaleID" = $2 AND group_key IS NOT NULL
"""

GROUP_GIVES = """
SELECT array_agg(DISTINCT r.role) FROM security_profile_assignments a
JOIN security_profiles p ON p.marketplace_id = $1 AND p."ID" = a."SecurityProfileID"
CROSS JOIN LATERAL unnest(p."Roles" || p."CustomRoles") AS r(role)
WHERE a.marketplace_id = $1 AND a.group_key = $2
"""
"""What members of the group of a key get."""


def _refresh(wanted: str) -> str:
    """The UPDATE of the users whose keys `wanted` selects; rows that keep their values are not written."""
    return f"""
WITH wanted AS ({wanted}),
held AS (
    SELECT w.key, a."SecurityProfileID" AS profile FROM wanted w
    JOIN security_profile_assignments a ON a.marketplace_id = $1 AND a.user_key = w.key
    UNION
    SELECT w.key, a."SecurityProfileID" FROM wanted w
    JOIN user_group_members g ON g.marketplace_id = $1 AND g.user_key = w.key
    JOIN security_profile_assignments a ON a.marketplace_id = $1 AND a.group_key = g.group_key
),
profiles AS (
    SELECT h.key, array_agg(p.number ORDER BY p.number) AS numbers FROM held h
    JOIN security_profiles p ON p.marketplace_id = $1 AND p."ID" = h.profile
    GROUP BY h.key
),
locales AS (
    SELECT w.key, min(a."LocaleID") AS locale FROM wanted w
    JOIN user_group_members g ON g.marketplace_id = $1 AND g.user_key = w.key
    JOIN locale_assignments a ON a.marketplace_id = $1 AND a.group_key = g.group_key
    GROUP BY w.key
)
UPDATE users u SET own_profiles = coalesce(p.numbers, '{{}}'), group_locale = l.locale
FROM wanted w LEFT JOIN profiles p ON p.key = w.key LEFT JOIN locales l ON l.key = w.key
WHERE u.marketplace_id = $1 AND u.key = w.key
  AND (u.own_profiles <> coalesce(p.numbers, '{{}}') OR u.group_locale IS DISTINCT FROM l.locale)
"""


OF_USERS = _refresh("SELECT k.key FROM unnest($2::bigint[]) AS k(key)")
"""$2 keys of users. Apart from OF_GROUPS, whose plan is one for many users: it would read all of them for one."""
OF_GROUPS = _refresh("""
    SELECT DISTINCT m.user_key AS key FROM user_group_members m
    WHERE m.marketplace_id = $1 AND m.group_key = ANY($2::bigint[])""")
"""$2 keys of groups, whose members are meant."""


async def lock(db: Database, marketplace_id: int) -> None:
    """Let no other unit change what users of the marketplace hold until this one ends."""
    await db.execute(LOCK, marketplace_id)


async def refresh(
    db: Database, marketplace_id: int, *, users: Iterable[int | None] = (), groups: Iterable[int | None] = ()
) -> None:
    """Compute anew what these users, and the members of these groups, hold. Keys; nulls are passed over.

    A statement for users and one for groups; none where nobody is named.
    """
    for sql, keys in ((OF_USERS, users), (OF_GROUPS, groups)):
        named = list({key for key in keys if key is not None})
        if named:
            await db.execute(sql, marketplace_id, named)


@dataclass(slots=True)
class Holders:
    """Whose holdings a block changes, by keys; nulls are nobody. groups: all of whose members."""

    users: set[int | None] = field(default_factory=set)
    groups: set[int | None] = field(default_factory=set)


@asynccontextmanager
async def changing(db: Database, marketplace_id: int) -> AsyncIterator[Holders]:
    """Around what changes holdings: `lock` before it, `refresh` of those whom it has named after it."""
    await lock(db, marketplace_id)
    holders = Holders()
    yield holders
    await refresh(db, marketplace_id, users=holders.users, groups=holders.groups)


class HoldingHooks(AssignmentHooks):
    """Of assignments that users keep what they give: to a user or to a group. Those of companies are read, not kept."""

    async def check_write(self, call: Call, old: dict[str, Any] | None, new: dict[str, Any]) -> None:
        await _lock_party(call, new)

    async def after_write(self, call: Call, old: dict[str, Any] | None, new: dict[str, Any]) -> None:
        await _refresh_party(call, new)

    async def check_delete(self, call: Call, old: dict[str, Any]) -> None:
        await _lock_party(call, old)

    async def after_delete(self, call: Call, old: dict[str, Any]) -> None:
        await _refresh_party(call, old)


async def _lock_party(call: Call, party: dict[str, Any]) -> None:
    if party.get("user_key") is not None or party.get("group_key") is not None:
        await lock(call.db, call.marketplace_id)


async def _refresh_party(call: Call, party: dict[str, Any]) -> None:
    users, groups = (party.get("user_key"),), (party.get("group_key"),)
    await refresh(call.db, call.marketplace_id, users=users, groups=groups)
