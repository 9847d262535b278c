"""What a server begins with: marketplaces, the demo, and messages that its log shows (AUTH-84)."""

import asyncio
import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.api.marketplace import Api, Server, claims_of

from entrepot.app.announce import GUIDE_SCOPE
from entrepot.app.demo import ensure_demo
from entrepot.app.marketplaces import create_marketplace, new_password
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.domain.identity.password_policy import PLATFORM_MINIMUM, unmet_requirements
from entrepot.features.people.messages.sending import about_user, send
from entrepot.worker.mailbox import Mailbox
from entrepot.worker.messages import show_messages


async def grant(server: Server, **form: str) -> dict[str, Any]:
    async with server.client() as http:
        answer = await http.post("/oauth/token", data=form)
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
    async with server.client(token) as http:
        me: dict[str, Any] = (await http.get("/v1/me")).json()
    return {"claims": claims_of(token), "me": me, "answer": answer.json()}


async def test_auth_84_a_new_marketplace_can_be_administered(server: Server) -> None:
    made = await create_marketplace(server.database, "Mine", server.settings)
    assert {made.marketplace, made.client_id, made.username, made.password} <= set(str(made).split())
    assert f"curl {server.settings.base_url}/oauth/token " in str(made)
    got = await grant(
        server,
        grant_type="password",
        client_id=made.client_id,
        username=made.username,
        password=made.password,
    )
    assert got["claims"]["role"] == "FullAccess"
    assert got["me"]["Seller"] == {"ID": made.marketplace}
    async with server.client(got["answer"]["access_token"]) as http:
        clients = (await http.get("/v1/apiclients")).json()["Items"]
        assert [(c["Active"], c["AllowSeller"], c["ClientSecret"]) for c in clients] == [(True, True, None)]
        assert (await http.post("/v1/buyers", json={"Name": "First"})).status_code == 201


def test_auth_55_generated_passwords_meet_the_platforms_rules() -> None:
    assert all(not unmet_requirements(PLATFORM_MINIMUM, new_password()) for _ in range(200))


async def test_the_demo_can_be_used_as_its_file_says(server: Server, tmp_path: Path) -> None:
    settings = replace(server.settings, data_dir=tmp_path)
    await ensure_demo(server.database, settings)
    place = tmp_path / "demo.json"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    demo = json.loads(place.read_text())
    assert demo.keys() == {
        "baseUrl",
        "marketplaceID",
        "clientID",
        "integrationClientID",
        "integrationClientSecret",
        "anonymousClientID",
        "users",
    }
    guide = {role for role in GUIDE_SCOPE.split() if role in set(ApiRole)}
    for name, kind, held in (
        ("admin01", "admin", guide),
        ("buyer01", "buyer", {"BuyerReader", "MeAdmin", "PasswordReset"}),
        ("supplier01", "supplier", {"BuyerReader", "MeAdmin", "PasswordReset"}),
    ):
        user = demo["users"][name]
        assert user["userType"] == kind
        got = await grant(
            server,
            grant_type="password",
            client_id=demo["clientID"],
            username=user["username"],
            password=user["password"],
            scope=GUIDE_SCOPE,
        )
        assert (set(got["claims"]["role"]), got["me"]["ID"]) == (held, name)
        assert got["me"]["Seller"] == {"ID": demo["marketplaceID"]}
        assert got["answer"]["refresh_token"]
    assert {"Shopper", "MeAdmin"} <= set((await login(server, demo, "buyer01"))["me"]["AvailableRoles"])
    assert "FullAccess" in (await login(server, demo, "admin01"))["me"]["AvailableRoles"]
    integration = await grant(
        server,
        grant_type="client_credentials",
        client_id=demo["integrationClientID"],
        client_secret=demo["integrationClientSecret"],
    )
    assert integration["me"]["Username"] == "admin01"
    guest = await grant(server, grant_type="client_credentials", client_id=demo["anonymousClientID"])
    assert guest["claims"]["orderid"]
    assert "Shopper" in guest["claims"]["role"]


async def login(server: Server, demo: dict[str, Any], name: str) -> dict[str, Any]:
    user = demo["users"][name]
    return await grant(
        server,
        grant_type="password",
        client_id=demo["clientID"],
        username=name,
        password=user["password"],
    )


async def test_the_demo_is_made_once_per_data_directory(server: Server, tmp_path: Path) -> None:
    settings, place = replace(server.settings, data_dir=tmp_path), tmp_path / "demo.json"
    await ensure_demo(server.database, settings)
    first = json.loads(place.read_text())
    await ensure_demo(server.database, replace(settings, base_url="http://localhost:9001"))
    moved = json.loads(place.read_text())
    assert moved == {**first, "baseUrl": "http://localhost:9001"}
    # A file of another database, or a damaged one, is replaced.
    for text in (json.dumps({**first, "marketplaceID": "gone"}), "{", "[]"):
        place.write_text(text)
        await ensure_demo(server.database, settings)
        again = json.loads(place.read_text())
        assert again["marketplaceID"] not in {first["marketplaceID"], "gone"}
        await login(server, again, "buyer01")
    assert [path.name for path in tmp_path.iterdir()] == ["demo.json"]


@pytest.fixture
async def quiet(server: Server) -> None:
    """Nothing left over from other tests is pending."""
    await show_messages(server.database, server.clock, None)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("has_mailbox", [True, False])
async def test_messages_are_shown_once_by_several_processes(
    api: Api, other: Api, has_mailbox: bool, tmp_path: Path
) -> None:
    """Security 10: in the mailbox, if there is one; the log has no body and no address, the database none any more."""
    pool, clock = api.server.database, api.server.clock
    mailbox = Mailbox(tmp_path) if has_mailbox else None
    with capture_logs() as logs:
        for number in range(150):
            for marketplace in (api, other):
                body = {"Username": f"{marketplace.marketplace} {number}", "Code": "ü"}
                key = marketplace.admin.key
                await send(
                    pool, marketplace.marketplace_id, "ForgottenPassword", about_user(key), "a@b.c", body
                )
        await asyncio.gather(*(show_messages(pool, clock, mailbox) for _ in range(3)))
    # All are marked, and none came twice.
    kept = "SELECT count(*) FROM outbox_messages WHERE (shown_at IS NULL OR body IS NOT NULL) AND $1 > 0"
    assert await api.value(kept) == 0
    shown = [entry for entry in logs if entry.get("message_type") == "ForgottenPassword"]
    assert len(shown) == 300
    assert len({entry["delivery"] for entry in shown}) == 300
    people = {f"user/{api.admin.key}", f"user/{other.admin.key}"}
    assert {entry["to"] for entry in shown} == people
    assert {frozenset(entry) for entry in shown} == {
        frozenset({"event", "log_level", "message_type", "to", "delivery"})
    }
    if not has_mailbox:
        assert list(tmp_path.iterdir()) == []
        return
    place = tmp_path / "mailbox.jsonl"
    letters = [json.loads(line) for line in place.read_text().splitlines()]
    assert {letter["DeliveryID"] for letter in letters} == {entry["delivery"] for entry in shown}
    assert len(letters) == 300
    assert place.stat().st_mode & 0o777 == 0o600
    for marketplace in (api, other):
        name = marketplace.marketplace
        mine = [each["EventBody"] for each in letters if each["EventBody"]["Username"].startswith(f"{name} ")]
        assert sorted(mine, key=lambda body: int(body["Username"].split()[1])) == [
            {"Username": f"{name} {number}", "Code": "\u00fc"} for number in range(150)
        ]


def test_a_mailbox_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Security 10: beyond its largest size it begins anew, beside the one before."""
    monkeypatch.setattr("entrepot.worker.mailbox.LARGEST", 10)
    mailbox = Mailbox(tmp_path)
    for number in range(3):
        mailbox.add([{"n": number, "text": "long enough"}])
    kept = {path.name: json.loads(path.read_text())["n"] for path in tmp_path.iterdir()}
    assert kept == {"mailbox.jsonl": 2, "mailbox.jsonl.1": 1}


@pytest.mark.usefixtures("quiet")
async def test_a_message_stands_or_falls_with_its_transaction(api: Api) -> None:
    async with api.server.database.acquire() as connection:
        unit = connection.transaction()
        await unit.start()
        await send(connection, api.marketplace_id, "OneTimePassword", about_user(1), None, {"a": 1})
        await unit.rollback()
    assert await api.value("SELECT count(*) FROM outbox_messages WHERE marketplace_id = $1") == 0
