"""How often something may be tried (HTTP-6, security 11): on a server with limits so low that a test meets them."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from tests.api.envelope import check_refusal
from tests.api.marketplace import PASSWORD, Api, Server, codes, run_server
from tests.api.test_forgotten import messages

from entrepot.app import asgi
from entrepot.app.registry import registry
from entrepot.app.settings import Settings
from entrepot.engine.attempts import Attempts
from entrepot.features.people.credentials.passwords import PasswordHasher
from entrepot.http.routing import mounted

FAR = {"X-Forwarded-For": "203.0.113.7"}
FURTHER = {"X-Forwarded-For": "203.0.113.9"}
NEAR = {"X-Forwarded-For": "203.0.113.8"}


async def strict(server: Server, **changes: Any) -> AsyncIterator[Api]:
    """A marketplace on a server of its own, on which no time passes: on a slow machine a try would be free again too soon."""
    settings = replace(server.settings, trusted_proxies="127.0.0.1", **changes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asgi, "Attempts", partial(Attempts, clock=lambda: 0.0))
        async with (
            run_server(settings, server.database, server.clock) as running,
            Api.create(running) as made,
        ):
            yield made


@pytest.fixture
async def by_address(server: Server) -> AsyncIterator[Api]:
    async for made in strict(server, attempts_per_address=5, sessions_per_address=5):
        yield made


@pytest.fixture
async def by_name(server: Server) -> AsyncIterator[Api]:
    async for made in strict(server, attempts_per_name=12, messages_per_hour=3):
        yield made


@pytest.fixture
async def by_letters(server: Server) -> AsyncIterator[Api]:
    async for made in strict(server, sign_ups_per_hour=5, sign_up="open"):
        yield made


@pytest.fixture
async def by_client(server: Server) -> AsyncIterator[Api]:
    async for made in strict(server, attempts_per_client=5):
        yield made


def too_many(answer: httpx.Response, *, grant: bool = False, most: int = 60) -> None:
    entries = check_refusal(answer.status_code, answer.headers, answer.content)
    assert (answer.status_code, codes(answer)) == (429, ["Request.TooManyAttempts"])
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= most
    assert entries[0]["Data"] == {"RetryAfter": seconds}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert ("error" in answer.json()) == grant


async def login(api: Api, username: str, password: str, headers: dict[str, str]) -> httpx.Response:
    form = {"grant_type": "password", "client_id": api.client_id, "username": username, "password": password}
    return await api.http.post("/oauth/token", data=form, headers=headers)


async def test_refused_logins_of_an_address(by_address: Api) -> None:
    """Names are many, the address is one; right logins count nothing, and another address is not held up."""
    api = by_address
    user = await api.user(password=PASSWORD, roles=["Shopper"])
    for _ in range(20):
        assert (await login(api, user.username, PASSWORD, FAR)).status_code == 200
    for number in range(5):
        assert (await login(api, f"nobody-{number}", "Wrong1234567", FAR)).status_code == 400
    too_many(await login(api, "nobody", "Wrong1234567", FAR), grant=True)
    too_many(await login(api, user.username, PASSWORD, FAR), grant=True)
    form = {"grant_type": "client_credentials", "client_id": "0" * 36}
    too_many(await api.http.post("/oauth/token", data=form, headers=FAR), grant=True)
    assert (await login(api, user.username, PASSWORD, NEAR)).status_code == 200
    # Whom no proxy tells apart is not counted.
    assert (await login(api, user.username, PASSWORD, {})).status_code == 200


async def test_guesses_sent_at_once(by_address: Api) -> None:
    answers = await asyncio.gather(
        *(login(by_address, f"nobody-{number}", "Wrong1234567", FAR) for number in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [400] * 5 + [429] * 15


async def test_refused_logins_of_a_client(by_client: Api, other: Api) -> None:
    """From many addresses, on one client: the other clients go on."""
    api = by_client
    for number in range(5):
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        assert (await login(api, f"nobody-{number}", "Wrong1234567", headers)).status_code == 400
    too_many(await login(api, "nobody", "Wrong1234567", NEAR), grant=True)
    form = {"grant_type": "password", "client_id": other.client_id, "username": "x", "password": "y"}
    assert (await api.http.post("/oauth/token", data=form)).status_code == 400


async def test_refused_logins_under_a_name(by_name: Api) -> None:
    """From many addresses, under one name, which nobody need have: no more hashes are made for it."""
    api = by_name
    for number in range(12):
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        assert (await login(api, "Nobody", "Wrong1234567", headers)).status_code == 400
    too_many(await login(api, "nobody", "Wrong1234567", NEAR), grant=True)
    assert (await login(api, "somebody", "Wrong1234567", NEAR)).status_code == 400


async def test_codes_and_calls_of_an_address(by_address: Api) -> None:
    """Reset codes are guesses; each request for a message counts, whether or not somebody has it."""
    api = by_address
    body = {"ClientID": api.client_id, "Username": "admin", "Password": PASSWORD}
    for number in range(5):
        answer = await api.http.put(f"/v1/password/reset/guess-{number}", json=body, headers=FAR)
        assert codes(answer) == ["PasswordReset.InvalidVerification"]
    too_many(await api.http.put("/v1/password/reset/guess", json=body, headers=FAR))
    for _ in range(5):
        answer = await api.http.post("/v1/password/reset", json={**body, "Username": "nobody"}, headers=FAR)
        assert answer.status_code == 204
    too_many(await api.http.post("/v1/password/reset", json=body, headers=FAR))
    too_many(
        await api.http.post(
            "/v1/username/retrieve", params={"clientID": api.client_id, "email": "x@example.com"}, headers=FAR
        )
    )
    assert (await api.http.post("/v1/password/reset", json=body, headers=NEAR)).status_code == 204


PUBLIC = sorted(name for name, operation in registry().operations.items() if operation.public)
KEYS = {"Certs.List", "Certs.Get"}
"""What this process has in its memory, and tells everybody."""


@pytest.mark.parametrize("name", PUBLIC)
async def test_every_public_operation_under_flood(name: str, by_address: Api) -> None:
    """Security 11: whoever needs no token is stopped before he has tried long; keys are there for all."""
    operation, api = registry().operations[name], by_address
    path = mounted(operation.path).replace("{verificationCode}", "guess").replace("{ID}", "none")
    form = {
        "grant_type": "password",
        "client_id": api.client_id,
        "username": "admin",
        "password": "Wrong1234567",
    }
    named = {"ClientID": api.client_id, "Username": "admin", "Password": PASSWORD}
    sent: dict[str, Any] = {"data": form} if name == "Tokens.Create" else {"json": named}
    query = {"clientID": api.client_id, "email": "x@example.com"}
    answers = [
        await api.http.request(
            operation.verb, path, params=query, headers=FAR, **(sent if operation.verb != "GET" else {})
        )
        for _ in range(8)
    ]
    if name in KEYS:
        assert {answer.status_code for answer in answers} <= {200, 404}
        return
    assert 429 not in {answer.status_code for answer in answers[:5]}
    for answer in answers[5:]:
        if operation.for_browsers:
            assert (answer.status_code, "Too many attempts" in answer.text) == (429, True)
            assert int(answer.headers["retry-after"]) > 0
        else:
            too_many(answer, grant=name == "Tokens.Create")


async def test_port_3_who_asks_for_codes_to_sign_up_is_stopped(by_letters: Api) -> None:
    """Whatever address is named: each gets a mail. Others may still ask, and every address is answered alike."""
    api, register = by_letters, "/api/v1/register"
    for number in range(5):
        answer = await api.http.post(register, json={"Email": f"a{number}@example.com"}, headers=FAR)
        assert answer.status_code == 204, answer.text
    answer = await api.http.post(register, json={"Email": "a9@example.com"}, headers=FAR)
    too_many(answer, most=3600)
    assert int(answer.headers["Retry-After"]) > 60
    assert (await api.http.post(register, json={"Email": "a9@example.com"}, headers=FURTHER)).is_success


async def test_guesses_with_a_token(by_name: Api) -> None:
    """Invitations and promotion codes, by the caller: one who guesses holds up nobody else."""
    api = by_name
    company = await api.buyer()
    guesser, honest = [api.as_(await api.user(buyer=company), roles=["Shopper", "MeAdmin"]) for _ in range(2)]
    for number in range(6):
        assert (await guesser.post(f"/v1/grouporders/guess-{number}/token")).status_code == 404
        assert (await guesser.post(f"/v1/orders/Outgoing/o/promotions/guess-{number}")).status_code == 404
    too_many(await guesser.post("/v1/grouporders/guess/token"))
    too_many(await guesser.post("/v1/orders/Outgoing/o/promotions/guess"))
    assert (await guesser.get("/v1/me")).status_code == 200
    assert (await honest.post("/v1/grouporders/guess/token")).status_code == 404


async def test_messages_to_one_user(by_name: Api) -> None:
    """The answer stays 204; the fourth message is not sent, and the code of the third stays good."""
    api = by_name
    user, neighbour = await api.user(password=PASSWORD), await api.user(password=PASSWORD)
    for _ in range(6):
        for each in (user, neighbour):
            body = {"ClientID": api.client_id, "Username": each.username}
            assert (await api.http.post("/v1/password/reset", json=body)).status_code == 204
    sent = await messages(api, "ForgottenPassword")
    assert [message["Username"] for message in sent] == [user.username, neighbour.username] * 3
    code = sent[-2]["PasswordRenewalVerificationCode"]
    new = {"ClientID": api.client_id, "Username": user.username, "Password": "Brand-new-passw0rd"}
    assert (await api.http.put(f"/v1/password/reset/{code}", json=new)).status_code == 204
    body = {"ClientID": api.client_id, "Username": user.username}
    assert (await api.http.post("/v1/password/onetimepassword", json=body)).status_code == 204
    assert await messages(api, "OneTimePassword") == []


async def test_a_full_line_of_logins_is_refused_as_grants_are(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Security 11, ERR-3: who finds no place is told at once, in the form that OAuth clients read; those in line are served."""
    places = (os.cpu_count() or 1) + 1
    verify, released = PasswordHasher._verify, threading.Event()

    def slow(self: PasswordHasher, stored: str | None, password: str) -> bool:
        released.wait()
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "_verify", slow)
    async for api in strict(server, waiting_hashes=1):
        user = await api.user(password=PASSWORD)
        logins = {asyncio.create_task(login(api, user.username, PASSWORD, {})) for _ in range(places + 3)}
        try:
            refused: set[asyncio.Task[httpx.Response]] = set()
            while len(refused) < 3:
                refused = {task for task in logins if task.done()}
                await asyncio.sleep(0.01)
        finally:
            released.set()
        for task in refused:
            answer = task.result()
            assert (answer.status_code, codes(answer)) == (503, ["Api.Busy"])
            assert answer.json()["error"] == "temporarily_unavailable"
            assert int(answer.headers["Retry-After"]) >= 1
        assert {(await task).status_code for task in logins - refused} == {200}


def test_what_is_usual() -> None:
    """The limits are on by themselves, and far from what people and their programs do."""
    usual = Settings()
    assert (usual.attempts_per_address, usual.attempts_per_client, usual.attempts_per_name) == (
        600,
        3000,
        100,
    )
    assert (usual.sessions_per_address, usual.messages_per_hour, usual.waiting_hashes) == (6000, 20, 200)
    assert not usual.trusted_proxies


async def test_refused_logins_are_told(by_client: Api) -> None:
    """Security 29: client, reason, peer and a digest of the name, the same for each spelling; never the name itself."""
    api = by_client
    user = await api.user(password=PASSWORD)
    with capture_logs() as logs:
        await login(api, user.username, "Wrong1234567", FAR)
        await login(api, user.username.upper(), "Wrong1234567", NEAR)
        await login(api, "nobody\x1b]0;x\x07", "Wrong1234567", FAR)
        form = {"grant_type": "client_credentials", "client_id": "no\nclient"}
        await api.http.post("/oauth/token", data=form, headers=FAR)
        assert (await login(api, user.username, PASSWORD, FAR)).status_code == 200
    told = [entry for entry in logs if entry["event"] == "login refused"]
    wrong, unknown = "Auth.InvalidUsernameOrPassword", "Auth.OauthError"
    assert [(entry["reason"], entry["client"], entry["peer"]) for entry in told] == [
        (wrong, api.client_id, "203.0.113.7"),
        (wrong, api.client_id, "203.0.113.8"),
        (wrong, api.client_id, "203.0.113.7"),
        (unknown, None, "203.0.113.7"),
    ]
    assert told[0]["name"] == told[1]["name"] != told[2]["name"]
    assert told[3]["name"] is None
    said = str(told).lower()
    assert user.username.lower() not in said
    assert "nobody" not in said
    assert "wrong1234567" not in said
