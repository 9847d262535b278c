"""Addresses of buyers, suppliers and the seller, and what their assignments are for (ADR-1, ADR-4, ORG-5)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.company import ADDRESS, company
from tests.api.marketplace import Api, codes
from tests.api.shop import ids
from tests.api.uniform.subjects import checked

HOMES = {
    "buyer": "/v1/buyers/b/addresses",
    "supplier": "/v1/suppliers/s/addresses",
    "seller": "/v1/addresses",
}
STATE = {"Message": "State is required.", "Data": {"Property": "State"}}
ZIP = {"Message": "Zip is required.", "Data": {"Property": "Zip"}}
SHORT = {
    "Message": "Country must have at least 2 characters.",
    "Data": {"Property": "Country", "MinLength": 2},
}
US = {"Country": "US", "State": "MN", "Zip": "55401"}


@pytest.mark.parametrize("home", HOMES)
async def test_what_a_country_demands(home: str, api: Api) -> None:
    """ADR-1, BODY-8: State and Zip in the US and Canada, of the address as it would be stored."""
    await api.buyer("b")
    await api.supplier("s")
    url = HOMES[home]
    stored = (await checked(api.seller.post(url, json={**ADDRESS, **US, "ID": "a"}), 201)).json()

    async def refused(verb: str, path: str, body: dict[str, Any], *errors: dict[str, Any]) -> None:
        answer = await checked(api.seller.request(verb, url + path, json=body), 400)
        assert answer.json()["Errors"] == [{"ErrorCode": "ValidationFailure", **each} for each in errors]
        assert (await api.seller.get(f"{url}/a")).json() == stored

    await refused("POST", "", {**ADDRESS, "Country": "US"}, STATE, ZIP)
    await refused("POST", "", {**ADDRESS, "Country": "ca", "State": "  ", "Zip": "K1A"}, STATE)
    await refused("POST", "", {**ADDRESS, "Country": "D"}, SHORT)
    await refused("PUT", "/a", {**ADDRESS, "Country": "US", "State": "MN"}, ZIP)
    await refused("PATCH", "/a", {"State": None}, STATE)
    await refused("PATCH", "/a", {"Zip": ""}, ZIP)
    await checked(api.seller.patch(f"{url}/a", json={"Country": "DE", "State": None, "Zip": None}), 200)
    stored = (await checked(api.seller.get(f"{url}/a"), 200)).json()
    await refused("PATCH", "/a", {"Country": "US"}, STATE, ZIP)
    assert await ids(api.seller, url) == ["a"]


async def test_ids_are_unique_per_company(api: Api) -> None:
    """ORG-5: the same ID in every company, once in each; the lists hold their own."""
    await api.buyer("b")
    await api.supplier("s")
    for home, url in HOMES.items():
        body = {**ADDRESS, "ID": "same", "AddressName": home}
        await checked(api.seller.post(url, json=body), 201)
        taken = await checked(api.seller.post(url, json={**body, "ID": "SAME"}), 409)
        assert codes(taken) == ["IdExists"]
    for home, url in HOMES.items():
        assert (await checked(api.seller.get(f"{url}/Same"), 200)).json()["AddressName"] == home
        assert await ids(api.seller, url) == ["same"]
    await checked(api.seller.patch("/v1/addresses/same", json={"ID": "moved"}), 200)
    await checked(api.seller.delete("/v1/buyers/b"), 204)
    assert await ids(api.seller, HOMES["supplier"]) == ["same"]
    assert await ids(api.seller, HOMES["seller"]) == ["moved"]


async def test_what_an_assignment_is_for(api: Api) -> None:
    """ADR-1: shipping, billing or both; saving again replaces both flags; the list filters by them."""
    b = await company(api)
    await b.make("addresses", "a1", "a2", **ADDRESS)
    url = "/v1/buyers/b/addresses/assignments"
    await b.assign("addresses", AddressID="a1", IsShipping=False, IsBilling=True)
    for neither in ({}, {"IsShipping": False}, {"IsBilling": None}):
        refused = await checked(api.seller.post(url, json={"AddressID": "a1", **neither}), 400)
        assert codes(refused) == ["AddressAssignment.MustBeBillingOrShipping"]
    await b.assign("addresses", AddressID="a2", IsShipping=True)
    await b.assign("addresses", AddressID="a2", UserID="ann", IsShipping=True, IsBilling=True)
    for query, rows in {
        "": [("a1", None, False, True), ("a2", None, True, False), ("a2", "ann", True, True)],
        "isBilling=true": [("a1", None, False, True), ("a2", "ann", True, True)],
        "isShipping=false": [("a1", None, False, True)],
        "isShipping=true&isBilling=false": [("a2", None, True, False)],
        "isShipping=true&level=User": [("a2", "ann", True, True)],
    }.items():
        page = (await checked(api.seller.get(f"{url}?{query}"), 200)).json()
        shown = [(r["AddressID"], r["UserID"], r["IsShipping"], r["IsBilling"]) for r in page["Items"]]
        assert shown == rows, query
    await b.assign("addresses", AddressID="a1", IsShipping=True)
    page = (await checked(api.seller.get(f"{url}?addressID=A1"), 200)).json()
    assert [(r["IsShipping"], r["IsBilling"]) for r in page["Items"]] == [(True, False)]
