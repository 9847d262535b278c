"""That what rows keep and what processes remember is what would be computed now."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import wraps
from types import SimpleNamespace
from typing import Any, cast
from weakref import WeakSet

import asyncpg
from msgspec.json import decode
from tests.api.marketplace import Api

from entrepot.engine.call import Call
from entrepot.features.catalog.audience import statements
from entrepot.features.catalog.audience.memory import AudienceMemory
from entrepot.features.catalog.audience.shopper import PARTS, Shopper, read_shopper
from entrepot.features.people import holdings
from entrepot.features.people.company_gifts import GiftMemory, Gifts, read_gifts

SECURITY_EPOCH = "SELECT epoch FROM security_epochs WHERE marketplace_id = $1"
EPOCH = "SELECT epoch FROM catalog_epochs WHERE marketplace_id = $1"
TOKENS_OF_WHAT_IS_THERE = """
SELECT p."ID", ARRAY(SELECT token FROM unnest(p.audience) AS token WHERE
    CASE WHEN token % 8 IN (0, 1, 3) THEN EXISTS (SELECT 1 FROM catalogs c WHERE c.marketplace_id = $1 AND c.number = token / 8)
         WHEN token % 8 = 2 THEN EXISTS (SELECT 1 FROM categories k WHERE k.marketplace_id = $1 AND k.number = token / 8)
         WHEN token % 8 = 4 THEN EXISTS (SELECT 1 FROM buyers b WHERE b.marketplace_id = $1 AND b.number = token / 8)
         ELSE EXISTS (SELECT 1 FROM user_groups g WHERE g.marketplace_id = $1 AND g.key = token / 8) END
    ORDER BY token) AS tokens
FROM products p WHERE p.marketplace_id = $1 ORDER BY p."ID"
"""
ALL_TOKENS = statements.refresh("true").bound("marketplace_id")
USERS = "SELECT key FROM users WHERE marketplace_id = $1"
HELD = "SELECT key, own_profiles, group_locale FROM users WHERE marketplace_id = $1 ORDER BY key"


MEMORIES: WeakSet[AudienceMemory] = WeakSet()
"""Those of all processes of the test. To look for them among all objects took a tenth of a second for each test."""
GIFTS: WeakSet[GiftMemory] = WeakSet()


def _note_each(kind: Any, made: WeakSet[Any]) -> None:
    """Have what is made of a class noted."""
    make = kind.__init__

    @wraps(make)
    def noted(self: Any, *arguments: Any, **named: Any) -> None:
        made.add(self)
        make(self, *arguments, **named)

    kind.__init__ = noted


_note_each(AudienceMemory, MEMORIES)
_note_each(GiftMemory, GIFTS)


class _UndoneError(Exception):
    """Ends a transaction of which nothing stays."""


async def assert_kept_truly(api: Api) -> None:
    """Tokens on products and what users keep, but for tokens of what is gone, which nothing else ever gets."""
    async with api.server.database.acquire() as connection:
        try:
            async with connection.transaction():
                kept = await _kept(connection, api.marketplace_id)
                users = [row[0] for row in await connection.fetch(USERS, api.marketplace_id)]
                await connection.execute(ALL_TOKENS, api.marketplace_id)
                await holdings.refresh(connection, api.marketplace_id, users=users)
                assert await _kept(connection, api.marketplace_id) == kept
                raise _UndoneError
        except _UndoneError:
            pass


async def _kept(connection: asyncpg.Connection, marketplace_id: int) -> list[tuple[object, ...]]:
    rows = [
        row for sql in (TOKENS_OF_WHAT_IS_THERE, HELD) for row in await connection.fetch(sql, marketplace_id)
    ]
    return [tuple(row.values()) for row in rows]


async def assert_remembered_truly(api: Api) -> int:
    """Shoppers of this marketplace in every process of the test that has followed its log to the end; how many."""
    epoch, count = await api.value(EPOCH), 0
    for memory in tuple(MEMORIES):
        place = memory._marketplaces.get(api.marketplace_id)
        if place is None or place.epoch != epoch:
            continue
        for user_key, shopper in tuple(place.users.items()):
            read = await read_shopper(api.server.database, api.marketplace_id, user_key)
            assert read is not None, shopper
            assert _plain(shopper) == _plain(read)
            count += 1
    return count


async def assert_gifts_truly(api: Api) -> int:
    """What companies of this marketplace give, and its profiles, as processes remember it at the present epoch; how many."""
    epoch, count = await api.value(SECURITY_EPOCH), 0
    call = cast(Call, SimpleNamespace(db=api.server.database, marketplace_id=api.marketplace_id))
    for memory in tuple(GIFTS):
        for (whose, key), ((known_at, gifts), _) in _kept_in(memory):
            if (whose, known_at) == (api.marketplace_id, epoch):
                assert _given(gifts) == _given(await read_gifts(call, *key)), key
                count += 1
    return count


def _kept_in(memory: GiftMemory) -> tuple[Any, ...]:
    return tuple(memory._known._values._values.items())


def _given(gifts: Gifts) -> tuple[object, ...]:
    locales = [None if text is None else decode(text) for text in (gifts.locale, gifts.locales_of_groups)]
    return gifts.company, sorted(gifts.roles), *locales, gifts.profiles.roles


def _plain(shopper: Shopper) -> tuple[object, ...]:
    audience = shopper.audience
    seen = [
        (key, each.id, each.shows_categories, *(getattr(each.tokens, part) for part in PARTS))
        for key, each in audience.catalogs.items()
    ]
    same = replace(shopper, epoch=0)
    return (
        *(getattr(same, each.name) for each in fields(same) if each.name != "audience"),
        audience.granted,
        seen,
    )
