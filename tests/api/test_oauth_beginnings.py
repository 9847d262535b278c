"""What a server begins with: marketplaces, the demo (AUTH-84)."""

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.api.marketplace import Server, claims_of
from tests.api.portal import portal_of

from entrepot.app.announce import GUIDE_SCOPE
from entrepot.app.demo import ensure_demo
from entrepot.app.marketplaces import create_marketplace, new_password
from entrepot.domain.identity.api_roles import ApiRole
from entrepot.domain.identity.password_policy import PLATFORM_MINIMUM, unmet_requirements


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
        "portal",
    }
    async with portal_of(server) as portal:
        signed_in = await portal.sign_in(demo["portal"]["username"], demo["portal"]["password"])
        assert signed_in.status_code == 200
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
    # One from before there was a portal gets an account, whoever has its first names.
    names = {first["portal"]["username"]}
    for _ in range(2):
        place.write_text(json.dumps({name: fact for name, fact in first.items() if name != "portal"}))
        assert not await ensure_demo(server.database, settings)
        later = json.loads(place.read_text())
        assert {**later, "portal": None} == {**first, "portal": None}
        names.add(later["portal"]["username"])
    assert len(names) == 3
    # A file of another database, or a damaged one, is replaced.
    for text in (json.dumps({**first, "marketplaceID": "gone"}), "{", "[]"):
        place.write_text(text)
        await ensure_demo(server.database, settings)
        again = json.loads(place.read_text())
        assert again["marketplaceID"] not in {first["marketplaceID"], "gone"}
        await login(server, again, "buyer01")
    assert [path.name for path in tmp_path.iterdir()] == ["demo.json"]
