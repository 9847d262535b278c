"""What grows with traffic alone is removed when its time is over, a batch at a time (security 35, reliability R9, F11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.api.marketplace import PASSWORD, Api, User
from tests.api.uniform.subjects import checked

from entrepot.features.people.oauth import cleanup
from entrepot.features.people.oauth.cleanup import Retention, delete_ended

TOKENS = "SELECT count(*) FROM refresh_tokens WHERE marketplace_id = $1"
ADD_CODES = """
INSERT INTO user_codes (marketplace_id, user_key, kind, "ApiClientID", code_hash, expires_at)
SELECT $1, $2, kind, $3, 'x', $4 FROM unnest('{reset,one_time_password}'::text[]) kind
"""
CODES = "SELECT count(*) FROM user_codes WHERE marketplace_id = $1"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "BATCH", 10)


async def shopper(api: Api) -> User:
    return await api.user(buyer=await api.buyer(), roles=["Shopper"], password=PASSWORD)


async def login(api: Api, user: User) -> str:
    return str((await checked(api.login(user), 200)).json()["refresh_token"])


async def clean(api: Api, retention: Retention) -> None:
    await delete_ended(api.server.database, api.server.clock, retention)


async def refreshes(api: Api, token: str) -> bool:
    return (await api.grant(grant_type="refresh_token", refresh_token=token)).status_code == 200


async def test_security_35_refresh_tokens_go_when_they_have_ended(api: Api) -> None:
    user = await shopper(api)
    tokens = [await login(api, user) for _ in range(12)]
    await clean(api, Retention(sessions=0))
    assert await api.value(TOKENS) == 12
    api.server.clock.advance(days=2)
    await clean(api, Retention(sessions=0))
    assert await api.value(TOKENS) == 0
    assert not await refreshes(api, tokens[-1])


async def test_security_35_a_user_keeps_so_many_sessions_at_a_client(api: Api) -> None:
    """The newest; those of other users are their own."""
    user, other = await shopper(api), await shopper(api)
    theirs = await login(api, other)
    tokens = []
    for _ in range(24):
        tokens.append(await login(api, user))
        api.server.clock.advance(seconds=1)
    await clean(api, Retention(sessions=3))
    assert await api.value(TOKENS) == 4
    assert [await refreshes(api, token) for token in tokens[-4:]] == [False, True, True, True]
    assert await refreshes(api, theirs)


async def test_security_35_codes_go_when_they_have_ended(api: Api) -> None:
    user = await shopper(api)
    await api.rows(ADD_CODES, user.key, api.client_id, api.server.clock() + timedelta(hours=2))
    await clean(api, Retention())
    assert await api.value(CODES) == 2
    api.server.clock.advance(hours=2)
    await clean(api, Retention())
    assert await api.value(CODES) == 0
