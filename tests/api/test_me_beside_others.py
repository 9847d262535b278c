"""The answer of a write to the caller's own record that has waited for a unit which changes what its company gives."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
from tests.api.marketplace import Api

HOLD_EPOCH = "SELECT 1 FROM security_epochs WHERE marketplace_id = $1 FOR UPDATE"
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


async def _waiting(database: asyncpg.Pool, units: int) -> None:
    while await database.fetchval(WAITING) < units:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("change", ["locale of a group", "locale beside another", "name of the company"])
async def test_the_answer_is_of_after_the_change(api: Api, database: asyncpg.Pool, change: str) -> None:
    """AUTH-71, LOC-3, ID-4: the other unit has written the user's row and waits before its end, /v1/me waits for that row."""
    buyer = await api.buyer()
    user = await api.user(buyer=buyer)
    caller = api.as_(user, roles=["MeAdmin"])
    groups = f"/v1/buyers/{buyer}/usergroups"
    for group, locale in (("g", "ch"), ("other", "en")):
        assert (await api.seller.put(f"{groups}/{group}", json={"Name": group})).is_success
        body = {"Currency": "CHF", "Language": f"{locale}-CH"}
        assert (await api.seller.put(f"/v1/locales/{locale}", json=body)).is_success
    assert (
        await api.seller.post(f"{groups}/assignments", json={"UserID": user.id, "UserGroupID": "g"})
    ).is_success
    given: dict[str, Any] = {"BuyerID": buyer, "UserGroupID": "g", "LocaleID": "ch"}
    if change == "locale beside another":
        elsewhere = {**given, "UserGroupID": "other", "LocaleID": "en"}
        assert (await api.seller.post("/v1/locales/assignments", json=elsewhere)).is_success
    assert (await caller.get("/v1/me")).json()["CompanyID"] == buyer
    async with database.acquire() as connection, connection.transaction():
        await connection.execute(HOLD_EPOCH, api.marketplace_id)
        if change == "name of the company":
            first = api.seller.patch(f"/v1/buyers/{buyer}", json={"ID": "renamed"})
        else:
            first = api.seller.post("/v1/locales/assignments", json=given)
        other = asyncio.create_task(first)
        await _waiting(database, 1)
        own = asyncio.create_task(caller.patch("/v1/me", json={"Phone": "1"}))
        await _waiting(database, 2)
    assert (await other).is_success
    answer = await own
    assert answer.status_code == 200, answer.text
    me, now = answer.json(), (await caller.get("/v1/me")).json()
    assert (me["CompanyID"], me["Buyer"], me["Locale"]) == (now["CompanyID"], now["Buyer"], now["Locale"])
    assert me["CompanyID"] == ("renamed" if change == "name of the company" else buyer)
    assert (me["Locale"] or {}).get("ID") == (None if change == "name of the company" else "ch")
    assert me["Phone"] == "1"
