"""Requests of a marketplace whose standings change faster than a request is carried out (docs/decisions/0004)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.api.batching import done, request, send
from tests.api.hooking import put_hook
from tests.api.marketplace import PASSWORD, Api, codes
from tests.api.promoting import ORDER
from tests.api.receiver import Receiver
from tests.api.test_order_promotion_integration import integrated
from tests.api.test_pre_hooks import NO
from tests.api.uniform.subjects import checked

from entrepot.declare.operation import Reply, Unit
from entrepot.engine.call import Call
from entrepot.http import unit

USER = {"Username": "u", "FirstName": "F", "LastName": "L", "Email": "u@example.com", "Active": True, "Password": PASSWORD}  # fmt: skip
ROLES = ["FullAccess", "MeAdmin"]


class Changing:
    """A profile that somebody changes in each turn of the caller's requests: of a read before its statements; of a write before its
    transaction, and within the last one, which has the change wait.
    """

    def __init__(
        self,
        api: Api,
        caller: str,
        patch: pytest.MonkeyPatch,
        last: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """last: what is changed before the last turn of a write, besides."""
        self.turns = 0
        self.waiting: list[asyncio.Task[httpx.Response]] = []
        self._api = api
        self._changes = 0
        in_unit, confirmed = unit._in_one_unit, unit._confirmed

        async def before_unit(exchange: Any, call: Call, *more: Any, **others: Any) -> Reply:
            if call.principal.user_id == caller:
                self.turns += 1
                await self._change()
                if last is not None and self.turns == unit.STANDING_RETRIES + 1:
                    await last()
            return await in_unit(exchange, call, *more, **others)

        async def within(call: Call) -> Reply:
            if call.principal.user_id == caller:
                if call.operation.unit is not Unit.WRITE:
                    self.turns += 1
                    await self._change()
                elif self.turns > unit.STANDING_RETRIES:
                    self.waiting.append(asyncio.create_task(self._change()))
            return await confirmed(call)

        patch.setattr(unit, "_in_one_unit", before_unit)
        patch.setattr(unit, "_confirmed", within)

    async def _change(self) -> httpx.Response:
        self._changes += 1
        roles = ["BuyerAdmin"] if self._changes % 2 else ["BuyerReader"]
        return await checked(self._api.seller.patch("/v1/securityprofiles/p", json={"Roles": roles}), 200)

    async def end(self) -> None:
        """It was the last turn, and everybody was answered who has changed something meanwhile."""
        await asyncio.gather(*self.waiting)
        assert self.turns == unit.STANDING_RETRIES + 1


@pytest.fixture
async def caller(api: Api) -> httpx.AsyncClient:
    user = await api.user(roles=ROLES)
    await checked(api.seller.put("/v1/securityprofiles/p", json={"Name": "P", "Roles": ["BuyerReader"]}), 200)
    await checked(
        api.seller.post(
            "/v1/securityprofiles/assignments", json={"SecurityProfileID": "p", "UserID": user.id}
        ),
        204,
    )
    client = api.as_(user, ROLES)
    client.headers["X-User"] = user.id
    return client


@pytest.mark.parametrize(
    "path", ["/v1/me", "/v1/adminusers", "/v1/adminusers/{}", "/entrepot/v1/dashboards/orders"]
)
async def test_a_read_is_of_one_moment(
    api: Api, caller: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """What it answers holds together: the roles that it tells are those of the moment that the turn began in."""
    user = caller.headers["X-User"]
    with monkeypatch.context() as patch:
        changing = Changing(api, user, patch)
        answer = await checked(caller.get(path.format(user)), 200)
        await changing.end()
    if path == "/v1/me":
        # The change of the turn before it stands, that of the turn itself has come too late.
        assert "BuyerAdmin" in answer.json()["AvailableRoles"]
        assert "BuyerReader" in (await checked(caller.get(path), 200)).json()["AvailableRoles"]


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("PATCH", "/v1/me", {"Phone": "1"}, 200),
        ("PUT", "/v1/adminusers/u", USER, 200),
        ("PATCH", "/v1/securityprofiles/p", {"Name": "Q"}, 200),
        ("DELETE", "/v1/securityprofiles/p/assignments?userID={}", None, 204),
    ],
)
async def test_a_write_has_changes_wait(
    api: Api,
    caller: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    path: str,
    body: Any,
    status: int,
) -> None:
    """Of plain records, after slow work, and of what raises the epoch itself."""
    user = caller.headers["X-User"]
    with monkeypatch.context() as patch:
        changing = Changing(api, user, patch)
        await checked(caller.request(verb, path.format(user), json=body), status)
        await changing.end()
    assert (await caller.get("/v1/me")).json()["Phone"] == ("1" if path == "/v1/me" else None)


async def test_so_does_a_batch(api: Api, caller: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its requests are of the caller as the transaction has found it, also those that were prepared before."""
    user = caller.headers["X-User"]
    with monkeypatch.context() as patch:
        changing = Changing(api, user, patch)
        answers = await done(
            caller,
            request("PUT", "/v1/adminusers/u", USER),
            request("GET", "/v1/adminusers/u"),
            request("PATCH", "/v1/me", {"Phone": "1"}),
            request("GET", "/v1/me"),
        )
        await changing.end()
    assert [each["Status"] for each in answers] == [200, 200, 200, 200]
    assert answers[3]["Body"]["Phone"] == "1"


@pytest.mark.parametrize("is_batch", [False, True])
async def test_who_hears_of_it_is_as_of_the_last_turn(
    api: Api,
    caller: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    receiver: Receiver,
    *,
    is_batch: bool,
) -> None:
    """WH-10: a webhook that is made right before the transaction is asked, outside of any, and blocks the request."""
    user = caller.headers["X-User"]
    receiver.answers["/a"] = NO

    async def listen() -> None:
        await put_hook(api, receiver, "a", WebhookRoutes=[{"Route": "v1/me", "Verb": "PATCH"}])

    with monkeypatch.context() as patch:
        changing = Changing(api, user, patch, listen)
        if is_batch:
            answer = await send(caller, request("PATCH", "/v1/me", {"Phone": "1"}))
        else:
            answer = await caller.patch("/v1/me", json={"Phone": "1"})
        await changing.end()
    assert codes(answer)[-1] == "Webhook.Blocked", answer.text
    assert len(receiver.received) == 1
    assert (await caller.get("/v1/me")).json()["Phone"] is None


async def test_a_read_asks_outside_of_its_moment(
    api: Api, monkeypatch: pytest.MonkeyPatch, receiver: Receiver
) -> None:
    """INT-2: in a last turn, which the first one is here, no transaction is open meanwhile either; the answer is asked for once."""
    shop = await integrated(api, receiver)
    await shop.promotion("P", None, UseIntegration=True)
    receiver.answers["/promotions"] = {"PromosAccepted": [{"ID": "P", "LineItemID": None, "Amount": 7}]}
    with monkeypatch.context() as patch:
        patch.setattr(unit, "STANDING_RETRIES", 0)
        answer = await checked(shop.http.get(f"{ORDER}/eligiblepromotions"), 200)
    assert [(each["ID"], each["Amount"]) for each in answer.json()["Items"]] == [("P", 7)]
    assert len(receiver.received) == 1
