"""API clients, their secrets and their companies (AUTH-39 to AUTH-46)."""

import asyncio
import re
from typing import Any

import pytest
from tests.api.marketplace import PASSWORD, Api, User, codes

GUID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
UNKNOWN = "00000000-0000-4000-8000-000000000000"
APP = {"AppName": "App", "AccessTokenDuration": 60}


async def made(api: Api, **body: Any) -> dict[str, Any]:
    answer = await api.seller.post("/v1/apiclients", json={**APP, **body})
    assert answer.status_code == 201, answer.text
    client: dict[str, Any] = answer.json()
    return client


async def test_auth_39_defaults_and_generated_id(api: Api) -> None:
    client = await made(api, ID="chosen")
    assert GUID.fullmatch(client["ID"])
    assert {name: value for name, value in client.items() if value not in (None, [], False, 0)} == {
        **APP,
        "ID": client["ID"],
        "AnonymousTokenDuration": 10080,
    }
    # Usable at once: the directory knows it.
    assert codes(await api.login("nobody", client_id=client["ID"].lower())) == [
        "InvalidGrant",
        "Auth.ClientNotActive",
    ]
    missing = await api.seller.post("/v1/apiclients", json={})
    assert missing.status_code == 400
    assert [e["Data"]["Property"] for e in missing.json()["Errors"]] == ["AccessTokenDuration", "AppName"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("AccessTokenDuration", {9: 400, 10: 200, 600: 200, 601: 400}),
        ("RefreshTokenDuration", {-1: 400, 0: 200, 524160: 200, 524161: 400}),
        ("AnonymousTokenDuration", {10079: 400, 10080: 200, 86400: 200, 86401: 400}),
    ],
)
async def test_auth_25_durations(api: Api, name: str, values: dict[int, int]) -> None:
    client = await made(api)
    for value, status in values.items():
        answer = await api.seller.patch(f"/v1/apiclients/{client['ID']}", json={name: value})
        assert answer.status_code == status, (value, answer.text)
        if status == 400:
            assert codes(answer) == ["ValidationFailure"]
            assert answer.json()["Errors"][0]["Data"]["Property"] == name


async def test_auth_42_legacy_secret_is_shown_changed_and_removed(api: Api) -> None:
    client = await made(api, ClientSecret="geheim ✓", Active=True, AllowSeller=True)
    path = f"/v1/apiclients/{client['ID']}"
    user = await api.user(password=PASSWORD)

    async def login(secret: str) -> int:
        return (await api.login(user, client_id=client["ID"], client_secret=secret)).status_code

    assert client["ClientSecret"] == "geheim ✓"
    assert (await api.seller.get(path)).json()["ClientSecret"] == "geheim ✓"
    listed = (await api.seller.get("/v1/apiclients", params={"ID": client["ID"]})).json()["Items"]
    assert [item["ClientSecret"] for item in listed] == ["geheim ✓"]
    assert (await login(""), await login("geheim ✓")) == (401, 200)
    stored = await api.value(
        'SELECT c::text FROM api_clients c WHERE marketplace_id = $1 AND "ID" = $2', client["ID"]
    )
    assert "geheim" not in stored
    assert "geheim ✓".encode().hex() not in stored
    # PATCH leaves it alone; a PUT without it removes it (CONV-2), as does null.
    assert (await api.seller.patch(path, json={"AppName": "B"})).json()["ClientSecret"] == "geheim ✓"
    body = {**client, "ClientSecret": "second"}
    assert (await api.seller.put(path, json=body)).json()["ClientSecret"] == "second"
    assert (await login("geheim ✓"), await login("second")) == (401, 200)
    assert (await api.seller.patch(path, json={"ClientSecret": None})).json()["ClientSecret"] is None
    assert await login("") == 200
    await api.seller.patch(path, json={"ClientSecret": "third"})
    del body["ClientSecret"]
    assert (await api.seller.put(path, json=body)).json()["ClientSecret"] is None


async def test_auth_42_secrets(api: Api) -> None:
    client = await made(api, Active=True, AllowSeller=True)
    path = f"/v1/apiclients/{client['ID']}/secrets"
    user = await api.user(password=PASSWORD)
    answer = await api.seller.post(path.swapcase(), json={"Name": "one"})
    assert answer.status_code == 201
    secret = answer.json()
    assert secret.keys() == {"ID", "Name", "Expiration", "ClientSecret"}
    assert (len(secret["ID"]), len(secret["ClientSecret"])) == (22, 344)
    assert answer.headers["location"].endswith(f"{path}/{secret['ID']}")
    shown = {name: secret[name] for name in ("ID", "Name", "Expiration")}
    assert (await api.seller.get(f"{path}/{secret['ID']}")).json() == shown
    assert (await api.seller.get(path)).json()["Items"] == [shown]
    renamed = await api.seller.patch(f"{path}/{secret['ID']}", json={"Name": "uno", "ID": "primo"})
    assert renamed.json() == {"ID": "primo", "Name": "uno", "Expiration": None}
    stored = await api.value("SELECT s::text FROM api_client_secrets s WHERE marketplace_id = $1")
    assert "$argon2id$" in stored
    assert secret["ClientSecret"] not in stored
    sent = {"client_id": client["ID"], "client_secret": secret["ClientSecret"]}
    assert (await api.login(user, **sent)).status_code == 200
    assert (await api.seller.delete(f"{path}/primo")).status_code == 204
    assert (await api.seller.get(f"{path}/primo")).status_code == 404
    # The last one is gone: the client has no secret, and one sent is of no account.
    assert (await api.login(user, **sent)).status_code == 200


async def test_auth_42_secret_refusals(api: Api) -> None:
    client = await made(api)
    path = f"/v1/apiclients/{client['ID']}/secrets"
    past = {"Name": "x", "Expiration": "2020-01-01T00:00:00Z"}
    assert codes(await api.seller.post(path, json=past)) == ["ApiClientSecret.InvalidExpirationDate"]
    assert codes(await api.seller.post(path, json={})) == ["ValidationFailure"]
    unknown = await api.seller.post(f"/v1/apiclients/{UNKNOWN}/secrets", json={"Name": "x"})
    assert (unknown.status_code, unknown.json()["Errors"][0]["Data"]["ObjectType"]) == (404, "ApiClient")
    first = await api.seller.post(path, json={"ID": "a", "Name": "x"})
    assert first.status_code == 201
    taken = await api.seller.post(path, json={"ID": "A", "Name": "x"})
    assert (taken.status_code, codes(taken)) == (409, ["IdExists"])
    assert codes(await api.seller.patch(f"{path}/a", json=past)) == ["ApiClientSecret.InvalidExpirationDate"]
    # Sent at once, as many as there is room for are made.
    answers = await asyncio.gather(*(api.seller.post(path, json={"Name": "n"}) for _ in range(12)))
    assert [answer.status_code for answer in answers].count(201) == 9
    full = next(answer for answer in answers if answer.status_code != 201)
    assert (full.status_code, codes(full)) == (400, ["ApiClientSecret.MaximumClientSecretsReached"])


async def test_auth_44_default_context_user(api: Api) -> None:
    buyer = await api.buyer()
    user = await api.user(buyer=buyer)
    client = await made(api, DefaultContextUserName=user.username.upper(), AppName="named")
    path = f"/v1/apiclients/{client['ID']}"
    assert client["DefaultContextUserName"] == user.username
    unknown = await api.seller.patch(path, json={"DefaultContextUserName": "nobody"})
    assert (unknown.status_code, codes(unknown)) == (404, ["NotFound"])
    assert unknown.json()["Errors"][0]["Data"] == {"ObjectType": "User", "ObjectID": "nobody"}
    # A new username shows here, and lists find it.
    await api.seller.patch(f"/v1/buyers/{buyer}/users/{user.id}", json={"Username": "renamed"})
    for query in (
        {"DefaultContextUserName": "Renamed"},
        {"search": "renam"},
        {"sortBy": "!DefaultContextUserName", "pageSize": "1"},
    ):
        listed = (await api.seller.get("/v1/apiclients", params=query)).json()["Items"]
        assert [item["DefaultContextUserName"] for item in listed] == ["renamed"], query
    deleted = await api.seller.delete(f"/v1/buyers/{buyer}/users/{user.id}")
    assert codes(deleted) == ["User.CannotDeleteDefaultContextUser"]
    assert (await api.seller.patch(path, json={"AppName": "x"})).json()["DefaultContextUserName"] == "renamed"
    assert (await api.seller.put(path, json=APP)).json()["DefaultContextUserName"] is None
    assert (await api.seller.delete(f"/v1/buyers/{buyer}/users/{user.id}")).status_code == 204


@pytest.mark.parametrize("who", ["nobody", "seller", "inactive", "buyer"])
async def test_auth_32_guests_need_an_active_buyer_user(api: Api, who: str) -> None:
    user = await api.user(**({} if who == "seller" else {"buyer": await api.buyer()}))
    if who == "inactive":
        await api.deactivate(user.key)
    name = None if who == "nobody" else user.username
    answer = await api.seller.post(
        "/v1/apiclients", json={**APP, "IsAnonBuyer": True, "DefaultContextUserName": name}
    )
    if who == "buyer":
        assert answer.status_code == 201
        path = f"/v1/apiclients/{answer.json()['ID']}"
        answer = await api.seller.patch(path, json={"DefaultContextUserName": None})
    assert (answer.status_code, codes(answer)) == (400, ["ApiClient.RequiredNotAnonBuyer"])


@pytest.mark.parametrize("name", ["OrderCheckout", "OrderReturn", "AddToCart"])
async def test_auth_46_integration_events_do_not_exist_yet(api: Api, name: str) -> None:
    answer = await api.seller.post("/v1/apiclients", json={**APP, f"{name}IntegrationEventID": "e"})
    assert answer.status_code == 404
    assert answer.json()["Errors"][0]["Data"] == {"ObjectType": "IntegrationEvent", "ObjectID": "e"}


async def test_auth_45_the_last_client_for_full_access_stays(api: Api) -> None:
    closed = await made(api, Active=True, AllowSeller=True, MaximumGrantedRoles=["Shopper"])
    inactive = await made(api, AllowSeller=True)
    refused = await api.seller.delete(f"/v1/apiclients/{api.client_id}")
    assert (refused.status_code, codes(refused)) == (400, ["ApiClient.CannotDeleteLastFullAccess"])
    for other in (closed, inactive):
        assert (await api.seller.delete(f"/v1/apiclients/{other['ID']}")).status_code == 204
    second = await made(api, Active=True, AllowSeller=True, MaximumGrantedRoles=["FullAccess"])
    both = [api.client_id, second["ID"]]
    answers = await asyncio.gather(*(api.seller.delete(f"/v1/apiclients/{client}") for client in both))
    statuses = sorted(answer.status_code for answer in answers)
    # The callers' own client may be the one that goes: then the other request finds its token ended.
    assert statuses in ([204, 400], [204, 401])
    left = await api.rows('SELECT "ID" FROM api_clients WHERE marketplace_id = $1')
    assert len(left) == 1


async def test_auth_45_clients_of_impersonation_configs_stay(api: Api) -> None:
    client = await made(api)
    body = {"ID": "i", "ClientID": client["ID"], "SecurityProfileID": "full"}
    assert (await api.seller.post("/v1/impersonationconfig", json=body)).status_code == 201
    refused = await api.seller.delete(f"/v1/apiclients/{client['ID']}")
    assert (refused.status_code, codes(refused)) == (400, ["ApiClient.UsedByImpersonationConfig"])
    assert (await api.seller.delete("/v1/impersonationconfig/i")).status_code == 204
    assert (await api.seller.delete(f"/v1/apiclients/{client['ID']}")).status_code == 204
    # Its place in the directory goes along: the grant answers as for any unknown client.
    assert codes(await api.login("x", client_id=client["ID"])) == ["InvalidGrant", "Auth.OauthError"]


async def test_a_put_may_bring_a_client_id_that_is_a_guid_and_nobodys(api: Api, other: Api) -> None:
    chosen = "11111111-2222-4333-8444-" + api.client_id[-12:]
    answer = await api.seller.put(f"/v1/apiclients/{chosen}", json=APP)
    assert (answer.status_code, answer.json()["ID"]) == (200, chosen)
    assert codes(await api.seller.put("/v1/apiclients/mine", json=APP)) == ["NotFound"]
    assert (await api.seller.put(f"/v1/apiclients/{other.client_id}", json=APP)).status_code == 409


async def test_auth_41_assignments(api: Api) -> None:
    buyer, supplier = await api.buyer(), await api.supplier()
    client = (await made(api))["ID"]
    path = "/v1/apiclients/assignments"
    for body, status, code in (
        ({"ApiClientID": client, "BuyerID": buyer.upper()}, 204, None),
        ({"ApiClientID": client, "BuyerID": buyer}, 204, None),
        ({"ApiClientID": client, "SupplierID": supplier}, 204, None),
        (
            {"ApiClientID": client, "BuyerID": buyer, "SupplierID": supplier},
            400,
            "PartyAssignment.CannotSpecifyBuyerAndSupplier",
        ),
        ({"ApiClientID": client}, 400, "PartyAssignment.RequiresBuyer"),
        ({"ApiClientID": UNKNOWN, "BuyerID": buyer}, 404, "NotFound"),
        ({"ApiClientID": client, "BuyerID": "nobody"}, 404, "NotFound"),
    ):
        answer = await api.seller.post(path, json=body)
        assert answer.status_code == status, answer.text
        assert code is None or codes(answer) == [code]
    shown = (await api.seller.get(f"/v1/apiclients/{client}")).json()
    assert (shown["AssignedBuyerCount"], shown["AssignedSupplierCount"]) == (1, 1)
    listed = (await api.seller.get(path, params={"supplierID": supplier})).json()["Items"]
    assert listed == [{"ApiClientID": client, "BuyerID": None, "SupplierID": supplier}]
    for company, kind in ((buyer, "buyers"), (supplier, "suppliers")):
        one = f"/v1/{kind}/{company}/apiClients/assignments/{client}"
        assert (await api.seller.delete(one)).status_code == 204
        gone = await api.seller.delete(one)
        assert gone.json()["Errors"][0]["Data"] == {"ObjectType": "ApiClientAssignment", "ObjectID": client}
        for wrong, object_type in (
            (f"/v1/{kind}/nobody/apiclients/assignments/{client}", kind[:-1].capitalize()),
            (f"/v1/{kind}/{company}/apiclients/assignments/{UNKNOWN}", "ApiClient"),
        ):
            answer = await api.seller.delete(wrong)
            assert (answer.status_code, answer.json()["Errors"][0]["Data"]["ObjectType"]) == (
                404,
                object_type,
            )


async def test_another_marketplace_sees_nothing(api: Api, other: Api) -> None:
    client = (await made(api, ClientSecret="s"))["ID"]
    path = f"/v1/apiclients/{client}"
    body = {"Name": "x"}
    for answer in (
        await other.seller.get(path),
        await other.seller.patch(path, json=APP),
        await other.seller.delete(path),
        await other.seller.post(f"{path}/secrets", json=body),
        await other.seller.delete(f"/v1/buyers/b/apiclients/assignments/{client}"),
    ):
        assert answer.status_code == 404
    listed = (await other.seller.get("/v1/apiclients")).json()["Items"]
    assert [item["ID"] for item in listed] == [other.client_id]


@pytest.mark.parametrize("kind", ["buyer", "supplier"])
async def test_auth_53_sellers_only(api: Api, kind: str) -> None:
    company = await api.buyer() if kind == "buyer" else await api.supplier()
    user: User = await api.user(**{kind: company})
    caller = api.as_(user, ["FullAccess"])
    for answer in (
        await caller.get("/v1/apiclients"),
        await caller.post(f"/v1/apiclients/{api.client_id}/secrets", json={"Name": "x"}),
        await caller.delete(f"/v1/buyers/b/apiclients/assignments/{api.client_id}"),
    ):
        assert (answer.status_code, codes(answer)) == (403, ["Auth.UserNotAuthorizedToAdmin"])
