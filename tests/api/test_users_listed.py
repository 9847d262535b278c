"""A list shows of each user what a GET of that user shows, whatever its roles and its locale come from."""

from typing import Any

import pytest
from tests.api.marketplace import Api, Server

BODY = {
    "FirstName": "F",
    "LastName": "L",
    "Email": "f@example.com",
    "Active": True,
    "xp": {"b": 1.50, "a": "é"},
}
PEOPLE = ("plain", "own", "member", "both", "idle")
PLACES = {
    "buyer": ("/v1/buyers/co/users", "/v1/buyers/co/usergroups", {"BuyerID": "co"}),
    "supplier": ("/v1/suppliers/co/users", "/v1/suppliers/co/usergroups", {"SupplierID": "co"}),
    "seller": ("/v1/adminusers", "/v1/usergroups", {}),
}
STEPS: tuple[tuple[str, dict[str, str], dict[str, set[str]]], ...] = (
    ("company", {}, {name: {"Shopper", "custom"} for name in PEOPLE}),
    ("person", {"UserID": "own"}, {"own": {"MeAdmin"}}),
    ("person", {"UserID": "both"}, {"both": {"MeAdmin"}}),
    ("group", {"UserGroupID": "staff"}, {"member": {"OrderReader"}, "both": {"OrderReader"}}),
)
PROFILES = {"company": ["Shopper"], "person": ["MeAdmin", "Shopper"], "group": ["OrderReader"]}
LOCK = """
UPDATE users SET "FailedLoginAttempts" = 7, locked_until = now() + $3::int * interval '1 day'
WHERE marketplace_id = $1 AND "ID" = $2
"""


async def sent(answer: Any) -> None:
    response = await answer
    assert response.status_code in (200, 201, 204), response.text


async def listed(api: Api, path: str) -> dict[str, dict[str, Any]]:
    """The users of a page, each of which is the very text of its own."""
    page = (await api.seller.get(f"{path}?ID={'|'.join(PEOPLE)}")).json()
    assert page["Meta"]["TotalCount"] == len(PEOPLE)
    for item in page["Items"]:
        assert list(item.items()) == list((await api.seller.get(f"{path}/{item['ID']}")).json().items())
    return {item["ID"]: item for item in page["Items"]}


@pytest.fixture(params=PLACES)
async def place(api: Api, request: pytest.FixtureRequest) -> tuple[str, dict[str, str]]:
    """Users of a kind of company, two of them in a group of two: their path, and the company as assignments name it."""
    users, groups, company = PLACES[request.param]
    if company:
        await sent(api.seller.put(f"/v1/{request.param}s/co", json={"Name": "Co", "Active": True}))
    for name in PEOPLE:
        await sent(api.seller.put(f"{users}/{name}", json={**BODY, "Username": name}))
    for group, members in (("staff", ("member", "both")), ("others", ("idle", "member"))):
        await sent(api.seller.put(f"{groups}/{group}", json={"Name": group}))
        for member in members:
            body = {"UserID": member, "UserGroupID": group}
            await sent(api.seller.post(f"{groups}/assignments", json=body))
    return users, company


async def test_roles_of_a_page(api: Api, place: tuple[str, dict[str, str]]) -> None:
    """AUTH-17, ASG-7: at the company, at a person and at a group."""
    users, company = place
    for name, roles in PROFILES.items():
        body = {"Name": name, "Roles": roles, "CustomRoles": ["custom"] if name == "company" else []}
        await sent(api.seller.put(f"/v1/securityprofiles/{name}", json=body))
    expected: dict[str, set[str]] = {name: set() for name in PEOPLE}
    for profile, party, gained in STEPS:
        body = {"SecurityProfileID": profile, **company, **party}
        await sent(api.seller.post("/v1/securityprofiles/assignments", json=body))
        for name, more in gained.items():
            expected[name] = expected[name] | more
        found = {name: item["AvailableRoles"] for name, item in (await listed(api, users)).items()}
        own = {"FullAccess"} & set(found["plain"])
        assert found == {name: sorted(roles | own) for name, roles in expected.items()}


@pytest.mark.parametrize("place", ["buyer"], indirect=True)
async def test_locales_of_a_page(api: Api, place: tuple[str, dict[str, str]]) -> None:
    """LOC-3: the buyer's, then a group's before it."""
    users, company = place
    for locale, currency in (("a", "EUR"), ("b", "USD")):
        body = {"Currency": currency, "Language": "en-US"}
        await sent(api.seller.put(f"/v1/locales/{locale}", json=body))
    assert {item["Locale"] for item in (await listed(api, users)).values()} == {None}
    await sent(api.seller.post("/v1/locales/assignments", json={"LocaleID": "b", **company}))
    shown = await listed(api, users)
    assert {item["Locale"]["ID"] for item in shown.values()} == {"b"}
    await sent(
        api.seller.post("/v1/locales/assignments", json={"LocaleID": "a", **company, "UserGroupID": "staff"})
    )
    shown = await listed(api, users)
    assert {name for name, item in shown.items() if item["Locale"]["ID"] == "a"} == {"member", "both"}


@pytest.mark.parametrize("place", ["buyer"], indirect=True)
async def test_locked_users_of_a_page(api: Api, place: tuple[str, dict[str, str]]) -> None:
    """AUTH-62: the end of a timed lock restarts the count."""
    users, _ = place
    await api.execute(LOCK, "own", 1)
    await api.execute(LOCK, "member", -1)
    shown = await listed(api, users)
    counts = {name: item["FailedLoginAttempts"] for name, item in shown.items()}
    assert counts == {"plain": 0, "own": 7, "member": 0, "both": 0, "idle": 0}


async def test_every_process_follows_a_company(api: Api, twin: Server) -> None:
    """AUTH-17, LOC-3: what a company gives is remembered by a process, and followed at once by all."""
    here, there = api.seller, api.with_token(str(api.seller.headers["Authorization"]).split()[1], twin)
    await sent(here.put("/v1/buyers/co", json={"Name": "Co", "Active": True}))
    await sent(here.put("/v1/buyers/co/users/u", json={**BODY, "Username": "u"}))
    profile, assignments = "/v1/securityprofiles/p", "/v1/securityprofiles/assignments"
    locale = {"Currency": "EUR", "Language": "de"}
    steps: tuple[tuple[str, str, Any, list[str], str | None], ...] = (
        ("PUT", profile, {"Name": "p", "Roles": ["Shopper"]}, [], None),
        ("POST", assignments, {"SecurityProfileID": "p", "BuyerID": "co"}, ["Shopper"], None),
        ("PATCH", profile, {"Roles": ["MeAdmin"]}, ["MeAdmin"], None),
        ("PUT", "/v1/locales/l", locale, ["MeAdmin"], None),
        ("POST", "/v1/locales/assignments", {"LocaleID": "l", "BuyerID": "co"}, ["MeAdmin"], "EUR"),
        ("PATCH", "/v1/locales/l", {"Currency": "CHF"}, ["MeAdmin"], "CHF"),
        ("DELETE", "/v1/locales/l/assignments?buyerID=co", None, ["MeAdmin"], None),
        ("POST", "/v1/locales/assignments", {"LocaleID": "l", "BuyerID": "co"}, ["MeAdmin"], "CHF"),
        ("DELETE", "/v1/locales/l", None, ["MeAdmin"], None),
        ("DELETE", f"{profile}/assignments?buyerID=co", None, [], None),
        ("POST", assignments, {"SecurityProfileID": "p", "BuyerID": "co"}, ["MeAdmin"], None),
        ("DELETE", profile, None, [], None),
    )
    for verb, path, body, roles, currency in steps:
        await sent(here.request(verb, path, json=body))
        for process in (here, there):
            (item,) = (await process.get("/v1/buyers/co/users")).json()["Items"]
            assert item["AvailableRoles"] == roles, (verb, path)
            assert (item["Locale"] or {}).get("Currency") == currency, (verb, path)


@pytest.mark.parametrize("companies", ["buyers", "suppliers"])
async def test_every_process_follows_the_id_of_a_company(api: Api, twin: Server, companies: str) -> None:
    """ID-4: also of one that was asked for before it came into being, and of one of the same ID in another case."""
    here, there = api.seller, api.with_token(str(api.seller.headers["Authorization"]).split()[1], twin)
    for process in (here, there):
        assert (await process.get(f"/v1/{companies}/co/users")).status_code == 404
    await sent(here.put(f"/v1/{companies}/co", json={"Name": "Co", "Active": True}))
    await sent(here.put(f"/v1/{companies}/co/users/u", json={**BODY, "Username": "u"}))
    for before, now in (("co", "co"), ("co", "CO"), ("CO", "firm"), ("firm", "co")):
        await sent(here.patch(f"/v1/{companies}/{before}", json={"ID": now}))
        for process in (here, there):
            (item,) = (await process.get(f"/v1/{companies}/{now.lower()}/users")).json()["Items"]
            assert item["CompanyID"] == now
    await sent(here.delete(f"/v1/{companies}/co"))
    if companies == "buyers":
        await sent(here.delete("/v1/catalogs/co"))
    await sent(here.put(f"/v1/{companies}/Co", json={"Name": "Co", "Active": True}))
    await sent(here.put(f"/v1/{companies}/Co/users/u", json={**BODY, "Username": "u"}))
    for process in (here, there):
        (item,) = (await process.get(f"/v1/{companies}/co/users")).json()["Items"]
        assert item["CompanyID"] == "Co"
