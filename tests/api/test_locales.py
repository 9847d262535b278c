"""Locales, their owners and their assignments (ORG-3, LOC-1, LOC-2)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

DUPLICATE = "Locale.DuplicateLanguageAndCurrency"


async def test_owner(api: Api) -> None:
    """ORG-3: the seller unless a supplier is named on creation; a different one on update is ignored."""
    await api.supplier("Sup")
    owners: list[tuple[dict[str, Any], str]] = [
        ({}, api.marketplace),
        ({"OwnerID": None}, api.marketplace),
        ({"OwnerID": api.marketplace.swapcase()}, api.marketplace),
        ({"OwnerID": "sUP"}, "Sup"),
    ]
    for number, (given, owner) in enumerate(owners):
        for verb, url in (("POST", ""), ("PUT", f"/put-{number}")):
            body = {"Currency": f"{verb}{number}", **given}
            made = (await api.seller.request(verb, f"/v1/locales{url}", json=body)).json()
            assert made["OwnerID"] == owner
        for verb in ("PUT", "PATCH"):
            changed = {"Currency": f"X{number}", "OwnerID": "Sup" if owner != "Sup" else api.marketplace}
            answer = await checked(api.seller.request(verb, f"/v1/locales/put-{number}", json=changed), 200)
            assert (answer.json()["OwnerID"], answer.json()["Currency"]) == (owner, f"X{number}")
    refused = await checked(api.seller.post("/v1/locales", json={"Currency": "Y", "OwnerID": "nope"}), 404)
    assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Supplier", "ObjectID": "nope"}
    await checked(api.seller.patch("/v1/locales/put-0", json={"OwnerID": "nope"}), 200)


async def test_pair_is_unique(api: Api) -> None:
    """LOC-1: without regard to case; no language is one of its values."""
    for body in (
        {"Currency": "USD"},
        {"Currency": "USD", "Language": "en"},
        {"Currency": "EUR", "Language": "en"},
    ):
        await checked(api.seller.post("/v1/locales", json=body), 201)
    for body in (
        {"Currency": "usd"},
        {"Currency": "USD", "Language": ""},
        {"Currency": "USD", "Language": "EN"},
    ):
        refused = await checked(api.seller.post("/v1/locales", json=body), 400)
        assert [error["ErrorCode"] for error in refused.json()["Errors"]] == [DUPLICATE]
    await checked(api.seller.put("/v1/locales/new", json={"Currency": "EUR"}), 200)
    for verb in ("PUT", "PATCH"):
        body = {"Currency": "EUR", "Language": "en"}
        refused = await checked(api.seller.request(verb, "/v1/locales/new", json=body), 400)
        assert refused.json()["Errors"][0]["ErrorCode"] == DUPLICATE
    await checked(api.seller.patch("/v1/locales/new", json={"Currency": "eur"}), 200)


async def test_assignments(api: Api) -> None:
    """LOC-2, ASG-1 to ASG-6"""
    http = api.seller
    for buyer in ("b1", "b2"):
        await api.buyer(buyer)
        await checked(http.post(f"/v1/buyers/{buyer}/usergroups", json={"ID": "g", "Name": "G"}), 201)
    for locale in ("l1", "l2"):
        await checked(http.post("/v1/locales", json={"ID": locale, "Currency": locale}), 201)
    rows: list[dict[str, str | None]] = [
        {"LocaleID": "l1", "BuyerID": "b1", "UserGroupID": None},
        {"LocaleID": "l1", "BuyerID": "b1", "UserGroupID": "g"},
        {"LocaleID": "l1", "BuyerID": "b2", "UserGroupID": None},
        {"LocaleID": "l2", "BuyerID": "b2", "UserGroupID": "g"},
    ]
    for row in (*reversed(rows), rows[0]):
        sent = {name: value.upper() for name, value in row.items() if value}
        await checked(http.post("/v1/locales/assignments", json=sent), 204)

    async def listed(query: str = "") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (
            await checked(http.get(f"/v1/locales/assignments?{query}"), 200)
        ).json()["Items"]
        return items

    assert await listed() == rows
    assert await listed("buyerID=B1") == rows[:2]
    assert await listed("localeID=l2") == rows[3:]
    assert await listed("userGroupID=g") == [rows[1], rows[3]]
    assert await listed("level=Company") == [rows[0], rows[2]]
    assert await listed("level=group&buyerID=b2") == [rows[3]]
    assert await listed("buyerID=nope") == []
    for query, code in {
        "level=Company&userGroupID=g": "PartyAssignment.InvalidGroupLevel",
        "level=Nope": "List.InvalidType",
    }.items():
        refused = await checked(http.get(f"/v1/locales/assignments?{query}"), 400)
        assert refused.json()["Errors"][0]["ErrorCode"] == code
    await checked(http.delete("/v1/locales/l1/assignments?buyerID=b1"), 204)
    assert await listed() == rows[1:]
    await checked(http.delete("/v1/locales/l1/assignments?buyerID=b1"), 404)
    await checked(http.delete("/v1/locales/L1/assignments?buyerID=B1&userGroupID=G"), 204)
    assert await listed() == rows[2:]
    refused = await checked(http.delete("/v1/locales/l2/assignments?buyerID=b2&userID=u"), 400)
    assert refused.json()["Errors"][0]["ErrorCode"] == "PartyAssignment.UserLevelNotAllowed"
    await checked(http.delete("/v1/locales/l1"), 204)
    assert await listed() == rows[3:]


@pytest.mark.parametrize(
    ("row", "status", "code", "data"),
    [
        ({"BuyerID": "b"}, 400, "ValidationFailure", {"Property": "LocaleID"}),
        ({"LocaleID": "l"}, 400, "ValidationFailure", {"Property": "BuyerID"}),
        ({"LocaleID": "x", "BuyerID": "b"}, 404, "NotFound", {"ObjectType": "Locale", "ObjectID": "x"}),
        ({"LocaleID": "l", "BuyerID": "x"}, 404, "NotFound", {"ObjectType": "Buyer", "ObjectID": "x"}),
        (
            {"LocaleID": "l", "BuyerID": "b", "UserGroupID": "x"},
            404,
            "NotFound",
            {"ObjectType": "UserGroup", "ObjectID": "x"},
        ),
    ],
)
async def test_refused_assignments(
    row: dict[str, str], status: int, code: str, data: dict[str, str], api: Api
) -> None:
    """ASG-3"""
    await api.buyer("b")
    await checked(api.seller.post("/v1/locales", json={"ID": "l", "Currency": "USD"}), 201)
    refused = await checked(api.seller.post("/v1/locales/assignments", json=row), status)
    assert [(error["ErrorCode"], error["Data"]) for error in refused.json()["Errors"]] == [(code, data)]
