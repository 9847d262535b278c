"""What the C# SDK puts on the wire and needs back, as raw requests: no .NET takes part (SDK-3, SDK-4, AUTH-5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from tests.conformance.contract_data import load
from tests.conformance.running import Shop

FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/json; charset=utf-8"


def fresh(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def http(shop: Shop) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.url, timeout=60) as client:
        yield client


def token_request(http: httpx.Client, **fields: str) -> httpx.Response:
    # urlencode writes spaces as +, as the C# SDK does.
    return http.post("/oauth/token", content=urlencode(fields), headers={"Content-Type": FORM})


def password_grant(shop: Shop, scope: str = "") -> dict[str, str]:
    user = shop.demo["users"]["admin01"]
    return {
        "client_id": shop.demo["clientID"],
        "grant_type": "password",
        "username": user["username"],
        "password": user["password"],
        "scope": scope,
    }


@pytest.fixture(scope="module")
def admin(shop: Shop, http: httpx.Client) -> dict[str, str]:
    """The headers of a logged-in seller with FullAccess."""
    answer = token_request(http, **password_grant(shop, "FullAccess")).json()
    return {"Authorization": f"Bearer {answer['access_token']}", "Content-Type": JSON}


@pytest.fixture(scope="module")
def buyer(http: httpx.Client, admin: dict[str, str]) -> str:
    body = {"ID": fresh("csharp"), "Name": "C#", "Active": True, "DefaultCatalogID": None, "xp": {}}
    created: str = http.post("/v1/buyers", json=body, headers=admin).raise_for_status().json()["ID"]
    return created


# --- tokens (AUTH-5) ----------------------------------------------------------------------------------------


def test_an_empty_scope_is_all_roles_auth_16(shop: Shop, http: httpx.Client) -> None:
    wide = token_request(http, **password_grant(shop))
    assert wide.status_code == 200
    headers = {"Authorization": f"bearer {wide.json()['access_token']}"}  # scheme in any letter case (HTTP-1)
    assert http.get("/v1/buyers", headers=headers).status_code == 200


def test_plus_signs_are_spaces_auth_2(shop: Shop, http: httpx.Client) -> None:
    answer = token_request(http, **password_grant(shop, "MeAdmin BuyerReader"))
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}", "Content-Type": JSON}
    assert http.get("/v1/buyers", headers=headers).status_code == 200
    refused = http.post("/v1/buyers", json={"Name": "No"}, headers=headers)
    data = refused.json()["Errors"][0]["Data"]
    assert (refused.status_code, sorted(data["AssignedRoles"])) == (403, ["BuyerReader", "MeAdmin"])


def test_an_anonymous_login_is_client_credentials_without_a_secret(shop: Shop, http: httpx.Client) -> None:
    client_id = shop.demo["anonymousClientID"]
    answer = token_request(http, client_id=client_id, grant_type="client_credentials", scope="Shopper")
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert http.get("/v1/me", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"password": "wrong"}, 400, "invalid_grant"),
        ({"username": "", "password": ""}, 400, "invalid_grant"),
        ({"client_id": "nonsense"}, 400, "invalid_grant"),
        ({"grant_type": "magic"}, 400, "unsupported_grant_type"),
    ],
)
def test_grant_errors_have_all_members_auth_10(
    shop: Shop, http: httpx.Client, changes: dict[str, str], status: int, error: str
) -> None:
    # Without a non-null Errors the SDK loses the code, the message and the data.
    answer = token_request(http, **(password_grant(shop) | changes))
    body = answer.json()
    assert (answer.status_code, body["error"]) == (status, error)
    assert body["error_description"]
    assert body["Errors"]
    assert all(entry.keys() == {"ErrorCode", "Message", "Data"} for entry in body["Errors"])


# --- bodies (SDK-4) -----------------------------------------------------------------------------------------


def test_a_full_model_with_nulls_and_an_empty_xp(
    http: httpx.Client, admin: dict[str, str], buyer: str
) -> None:
    body: dict[str, Any] = {
        "ID": None, "Username": fresh("user"), "Password": None, "FirstName": "Ada", "LastName": "L",
        "Email": "ada@example.com", "Phone": None, "TermsAccepted": None, "Active": False, "xp": {},
    }  # fmt: skip
    created = http.post(f"/v1/buyers/{buyer}/users", json=body, headers=admin)
    assert created.status_code == 201
    user = created.json()
    assert created.headers["Location"].endswith(f"/v1/buyers/{buyer}/users/{user['ID']}")
    assert (user["xp"], user["Phone"], user["TermsAccepted"]) == ({}, None, None)
    assert_readable("User", user)

    path = f"/v1/buyers/{buyer}/users/{user['ID']}"
    saved = http.put(path, json=body | {"FirstName": "Bea"}, headers=admin)
    assert (saved.status_code, saved.json()["ID"], saved.json()["FirstName"]) == (200, user["ID"], "Bea")
    # What was read is saved as it is, read-only members and all.
    assert http.put(path, json=saved.json(), headers=admin).json() == saved.json()
    # A partial model has what was set and nothing else.
    patched = http.patch(path, json={"TermsAccepted": "2024-02-29T12:30:00.1234567+01:00"}, headers=admin)
    assert patched.json()["TermsAccepted"] == "2024-02-29T11:30:00.123+00:00"
    assert patched.json() | {"TermsAccepted": None} == saved.json()
    deleted = http.delete(path, headers=admin)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert "Content-Type" not in deleted.headers


VALUE_TYPES: dict[str, tuple[type, ...]] = {"int": (int,), "decimal": (int, float), "bool": (bool,)}


def assert_readable(model: str, value: dict[str, Any]) -> None:
    """Deserializes into C# types: a bool, int or decimal that is not nullable is never null; dates parse."""
    fields = load("models")[model]["fields"]
    assert list(value) == [name for name in fields if name in value]
    for name, entry in fields.items():
        if name not in value:
            assert entry.get("writeOnly"), f"{model}.{name} is missing"
        elif entry["type"] in VALUE_TYPES and not entry.get("nullable"):
            assert isinstance(value[name], VALUE_TYPES[entry["type"]]), f"{model}.{name}"
        elif entry["type"] == "datetime" and value[name] is not None:
            assert datetime.fromisoformat(value[name]).utcoffset() is not None


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1/me", "MeUser"),
        ("/v1/buyers", "Buyer"),
        ("/v1/suppliers", "Supplier"),
        ("/v1/adminusers", "User"),
        ("/v1/apiclients", "ApiClient"),
        ("/v1/securityprofiles", "SecurityProfile"),
    ],
)
def test_answers_fit_the_types(http: httpx.Client, admin: dict[str, str], path: str, model: str) -> None:
    answer = http.get(path, params={"page": 1, "pageSize": 20} if model != "MeUser" else {}, headers=admin)
    body = answer.raise_for_status().json()
    items = body.get("Items", [body])
    assert items
    for item in items:
        assert_readable(model, item)


# --- lists (SDK-3) ------------------------------------------------------------------------------------------

USERS: list[dict[str, Any]] = [
    {
        "ID": "A",
        "LastName": "Smith",
        "FirstName": "John",
        "Active": True,
        "xp": {"Country": "US", "Type": "X"},
    },
    {"ID": "B", "LastName": "Jones", "FirstName": "Johnny", "Active": True, "xp": {"Country": "US"}},
    {"ID": "C", "LastName": "Johnson", "FirstName": "John", "Active": False, "xp": {}},
]


@pytest.fixture(scope="module")
def users(http: httpx.Client, admin: dict[str, str], buyer: str) -> str:
    """The path of a list with the users above in it."""
    group: dict[str, Any] = {"ID": "filters", "Name": "Filters", "Description": None, "xp": {}}
    http.post(f"/v1/buyers/{buyer}/usergroups", json=group, headers=admin).raise_for_status()
    for user in USERS:
        body: dict[str, Any] = user | {"Username": fresh("u"), "Email": "u@example.com"}
        http.post(f"/v1/buyers/{buyer}/users", json=body, headers=admin).raise_for_status()
        assignment = {"UserGroupID": "filters", "UserID": user["ID"]}
        path = f"/v1/buyers/{buyer}/usergroups/assignments"
        assert http.post(path, json=assignment, headers=admin).status_code == 204
    return f"/v1/buyers/{buyer}/users?userGroupID=filters"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("LastName=!Smith", "BC"),  # u => u.LastName != "Smith"
        ("LastName=Smith%7CJones", "AB"),  # a || b on one property
        ("LastName=!Smith&LastName=!Jones", "C"),
        ("Active=True", "AB"),  # a captured bool
        ("Active=true", "AB"),  # u => u.Active
        ("Active=!true", "C"),  # u => !u.Active
        ("xp.Country=US&xp.Type=X", "A"),  # filters as a string
        ("LastName=!%3CJohnson", "ABC"),  # >=
        ("LastName=!%3EJones", "BC"),  # <=
        ("DateCreated=!%3C1%2F31%2F2020%2012%3A00%3A00%20AM%20%2B00%3A00", "ABC"),  # an interpolated date
        ("DateCreated=%3E2020-01-31T00%3A00%3A00.0000000", "ABC"),  # an anonymous object's
        ("Phone=", "ABC"),  # u => u.Phone == null
        ("search=john&searchOn=FirstName", "ABC"),
    ],
)
def test_filters_flt_6(
    http: httpx.Client, admin: dict[str, str], users: str, query: str, expected: str
) -> None:
    answer = http.get(f"{users}&page=1&pageSize=20&sortBy=ID&{query}", headers=admin)
    assert answer.status_code == 200, answer.text
    assert "".join(item["ID"] for item in answer.json()["Items"]) == expected
    assert answer.json().keys() == {"Items", "Meta"}


def test_enumerations_are_filtered_by_position_body_5(http: httpx.Client, admin: dict[str, str]) -> None:
    key = fresh("Key").replace("-", "_")
    assert (
        http.put("/v1/xpindices", json={"ThingType": "Order", "Key": key}, headers=admin).status_code == 204
    )
    position = load("enums")["XpThingType"].index("Order")
    for value in (str(position), "order"):
        answer = http.get(f"/v1/xpindices?page=1&pageSize=20&ThingType={value}&Key={key}", headers=admin)
        assert answer.json()["Items"] == [{"ThingType": "Order", "Key": key}]
    assert http.delete(f"/v1/xpindices/Order/{key}", headers=admin).status_code == 204


def test_actions_are_posted_with_a_null_body_conv_7(
    http: httpx.Client, admin: dict[str, str], users: str
) -> None:
    path = users.partition("?")[0] + "/A/unlock"
    for body in (b"", b"null", b"{}"):
        assert http.post(path, content=body, headers=admin).status_code == 204
