"""Buyers and groups of buyers: default catalogs, standing, deletion, sellers (BUY-1 to BUY-7)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

CATALOGS = 'SELECT * FROM catalogs WHERE marketplace_id = $1 ORDER BY "ID"'
ASSIGNED = 'SELECT * FROM catalog_assignments WHERE marketplace_id = $1 ORDER BY "CatalogID", "BuyerID"'


async def assigned(api: Api) -> list[tuple[str, str, bool, bool]]:
    """The catalog assignments: catalog, buyer, both flags."""
    rows = await api.rows(ASSIGNED)
    return [
        (row["CatalogID"], row["BuyerID"], row["ViewAllCategories"], row["ViewAllProducts"]) for row in rows
    ]


async def catalog(api: Api, catalog_id: str) -> None:
    await api.execute(
        'INSERT INTO catalogs (marketplace_id, "ID", "Name") VALUES ($1, $2, $3)', catalog_id, "C"
    )


@pytest.mark.parametrize("verb", ["POST", "PUT"])
async def test_default_catalog_comes_with_the_buyer(verb: str, api: Api) -> None:
    """BUY-1, BUY-4"""
    url = "/v1/buyers" if verb == "POST" else "/v1/buyers/Acme"
    made = (await api.seller.request(verb, url, json={"ID": "Acme", "Name": "Acme Inc."})).json()
    assert (made["DefaultCatalogID"], made["Active"]) == ("Acme", False)
    (row,) = await api.rows(CATALOGS)
    expected = {
        "ID": "Acme",
        "OwnerID": api.marketplace,
        "Name": "Acme Inc.",
        "Description": "Default catalog for Acme Inc.",
        "Active": True,
    }
    assert {name: row[name] for name in expected} == expected
    assert await assigned(api) == [("Acme", "Acme", True, True)]


async def test_generated_id_names_the_catalog_too(api: Api) -> None:
    """BUY-1"""
    made = (await api.seller.post("/v1/buyers", json={"Name": "N"})).json()
    assert made["DefaultCatalogID"] == made["ID"]


@pytest.mark.parametrize("verb", ["POST", "PUT"])
async def test_catalog_with_the_buyers_id_exists(verb: str, api: Api) -> None:
    """BUY-2: 409, and nothing is created; but a taken buyer ID is what it is."""
    await catalog(api, "acme")
    url = "/v1/buyers" if verb == "POST" else "/v1/buyers/Acme"
    refused = await checked(api.seller.request(verb, url, json={"ID": "Acme", "Name": "A"}), 409)
    assert refused.json()["Errors"][0]["ErrorCode"] == "Buyer.DefaultCatalogAlreadyExists"
    await checked(api.seller.get("/v1/buyers/Acme"), 404)
    assert (len(await api.rows(CATALOGS)), await assigned(api)) == (1, [])
    await checked(api.seller.post("/v1/buyers", json={"ID": "Two", "Name": "A"}), 201)
    taken = await checked(api.seller.post("/v1/buyers", json={"ID": "two", "Name": "A"}), 409)
    assert taken.json()["Errors"][0]["ErrorCode"] == "IdExists"


async def test_given_catalog_gets_a_missing_assignment(api: Api) -> None:
    """BUY-3: it must exist; on creation and change; an existing assignment keeps its flags."""
    for name in ("c1", "c2"):
        await catalog(api, name)
    refused = await checked(
        api.seller.post("/v1/buyers", json={"ID": "b", "Name": "B", "DefaultCatalogID": "x"}), 404
    )
    assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Catalog", "ObjectID": "x"}
    made = await api.seller.post("/v1/buyers", json={"ID": "b", "Name": "B", "DefaultCatalogID": "C1"})
    assert made.json()["DefaultCatalogID"] == "c1"
    assert await assigned(api) == [("c1", "b", True, True)]
    await api.execute('UPDATE catalog_assignments SET "ViewAllProducts" = false WHERE marketplace_id = $1')
    for chosen in ("c2", "c1"):
        patched = await api.seller.patch("/v1/buyers/b", json={"DefaultCatalogID": chosen})
        assert patched.json()["DefaultCatalogID"] == chosen
    assert await assigned(api) == [("c1", "b", True, False), ("c2", "b", True, True)]
    assert len(await api.rows(CATALOGS)) == 2


async def test_put_keeps_and_patch_clears_the_default_catalog(api: Api) -> None:
    """BUY-3"""
    await api.seller.post("/v1/buyers", json={"ID": "b", "Name": "B"})
    for body in ({"Name": "New"}, {"Name": "New", "DefaultCatalogID": None}):
        put = (await api.seller.put("/v1/buyers/b", json=body)).json()
        assert (put["Name"], put["DefaultCatalogID"]) == ("New", "b")
    assert (await api.seller.patch("/v1/buyers/b", json={"Name": "N"})).json()["DefaultCatalogID"] == "b"
    cleared = await api.seller.patch("/v1/buyers/b", json={"DefaultCatalogID": None})
    assert cleared.json()["DefaultCatalogID"] is None
    assert await assigned(api) == [("b", "b", True, True)]
    await checked(api.seller.put("/v1/buyers/b", json={"Name": "Still none"}), 200)
    assert len(await api.rows(CATALOGS)) == 1


async def test_own_users_give_their_buyer_no_catalog(api: Api) -> None:
    """ORG-2, CONV-10: they choose among its catalogs; another's answers 404, and the group is the seller's to change."""
    for buyer in ("b", "other"):
        await api.buyer(buyer)
    for name in ("given", "groups", "theirs"):
        await catalog(api, name)
    for group in ("g", "rich"):
        await checked(api.seller.post("/v1/buyergroups", json={"ID": group, "Name": group}), 201)
    await checked(api.seller.patch("/v1/buyers/b", json={"GroupID": "g"}), 200)
    for row in (
        {"CatalogID": "given", "BuyerID": "b"},
        {"CatalogID": "groups", "BuyerGroupID": "g"},
        {"CatalogID": "theirs", "BuyerID": "other"},
    ):
        await checked(api.seller.post("/v1/catalogs/assignments", json=row), 204)
    own = api.as_(await api.user(buyer="b"), roles=["BuyerAdmin"])
    for verb in ("PATCH", "PUT"):
        sent: dict[str, Any] = {"Name": "B", "DefaultCatalogID": "theirs"}
        refused = await checked(own.request(verb, "/v1/buyers/b", json=sent), 404)
        assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Catalog", "ObjectID": "theirs"}
        for chosen in ("Given", "Groups"):
            sent = {"Name": "B", "Active": True, "DefaultCatalogID": chosen, "GroupID": "rich"}
            changed = (await checked(own.request(verb, "/v1/buyers/b", json=sent), 200)).json()
            assert (changed["DefaultCatalogID"], changed["GroupID"]) == (chosen.lower(), "g")
    theirs = await api.rows(
        "SELECT * FROM catalog_assignments WHERE marketplace_id = $1 AND \"CatalogID\" = 'theirs'"
    )
    assert [row["BuyerID"] for row in theirs] == ["other"]


async def test_group_with_a_default_catalog(api: Api) -> None:
    """BUY-1, BUY-7: its members need no catalog of their own; `Buyers.Get` shows the stored one."""
    await catalog(api, "shared")
    group = {"ID": "g", "Name": "G", "DefaultCatalogID": "shared"}
    await checked(api.seller.post("/v1/buyergroups", json=group), 201)
    await checked(api.seller.post("/v1/buyergroups", json={"ID": "bare", "Name": "G"}), 201)
    member = await api.seller.post("/v1/buyers", json={"ID": "m", "Name": "M", "GroupID": "G"})
    assert (member.json()["GroupID"], member.json()["DefaultCatalogID"]) == ("g", None)
    assert (await api.seller.get("/v1/buyers/m")).json() == member.json()
    other = await api.seller.post("/v1/buyers", json={"ID": "o", "Name": "O", "GroupID": "bare"})
    assert other.json()["DefaultCatalogID"] == "o"
    refused = await checked(api.seller.post("/v1/buyers", json={"Name": "O", "GroupID": "nope"}), 404)
    assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "BuyerGroup", "ObjectID": "nope"}
    await checked(api.seller.delete("/v1/buyergroups/g"), 204)
    assert (await api.seller.get("/v1/buyers/m")).json()["GroupID"] is None
    assert (await api.seller.get("/v1/buyers/o")).json()["GroupID"] == "bare"


async def test_deleting_a_buyer(api: Api) -> None:
    """BUY-5: everything under it goes, usernames are free at once, the default catalog stays."""
    await api.seller.post("/v1/buyers", json={"ID": "b", "Name": "B"})
    user = {"Username": "ann", "FirstName": "A", "LastName": "N", "Email": "a@example.com", "Active": True}
    await checked(api.seller.post("/v1/buyers/b/users", json=user), 201)
    await checked(api.seller.post("/v1/adminusers", json=user), 409)
    await checked(api.seller.delete("/v1/buyers/B"), 204)
    await checked(api.seller.post("/v1/adminusers", json=user), 201)
    assert [row["ID"] for row in await api.rows(CATALOGS)] == ["b"]
    assert await assigned(api) == []
    refused = await checked(api.seller.post("/v1/buyers", json={"ID": "b", "Name": "B"}), 409)
    assert refused.json()["Errors"][0]["ErrorCode"] == "Buyer.DefaultCatalogAlreadyExists"
    again = await api.seller.post("/v1/buyers", json={"ID": "b", "Name": "B", "DefaultCatalogID": "b"})
    assert again.status_code == 201


@pytest.mark.parametrize("kind", ["buyer", "supplier"])
async def test_company_and_the_standing_of_its_users(kind: str, api: Api) -> None:
    """BUY-4, AUTH-28: deactivation, renaming and deletion take effect on tokens in use, at once."""
    company = await (api.buyer() if kind == "buyer" else api.supplier())
    user = await api.user(**{kind: company}, roles=["FullAccess"])
    http = api.as_(user, roles=["FullAccess"])
    url = f"/v1/{kind}s/{company}"
    await checked(http.get("/v1/me"), 200)
    await checked(api.seller.patch(url, json={"Active": False}), 200)
    refused = await checked(http.get("/v1/me"), 401)
    assert refused.json()["Errors"][0]["ErrorCode"] == "Auth.CompanyNotActive"
    await checked(api.seller.patch(url, json={"Active": True}), 200)
    await checked(http.get(url), 200)
    await checked(api.seller.patch(url, json={"ID": "Renamed"}), 200)
    assert (await checked(http.get("/v1/me"), 200)).json()["CompanyID"] == "Renamed"
    await checked(http.get(f"/v1/{kind}s/Renamed"), 200)
    await checked(http.get(url), 404)
    await checked(api.seller.delete(f"/v1/{kind}s/Renamed"), 204)
    await checked(http.get("/v1/me"), 401)


async def impersonate(api: Api, **parties: Any) -> None:
    await api.seller.put("/v1/securityprofiles/p", json={"Name": "P"})
    config = {"ClientID": api.client_id, "SecurityProfileID": "p", **parties}
    await checked(api.seller.post("/v1/impersonationconfig", json=config), 201)


@pytest.mark.parametrize("side", ["ImpersonationBuyerID", "BuyerID"])
async def test_buyer_of_an_impersonation_config_stays(side: str, api: Api) -> None:
    """ASG-8, USR-3"""
    await api.buyer("b")
    await impersonate(api, **{side: "b"})
    refused = await checked(api.seller.delete("/v1/buyers/b"), 400)
    assert refused.json()["Errors"][0]["ErrorCode"] == "Impersonation.CannotDeleteImpersonateeParty"
    await checked(api.seller.get("/v1/buyers/b"), 200)


@pytest.mark.parametrize("kind", ["buyer", "supplier"])
async def test_company_of_a_default_context_user_stays(kind: str, api: Api) -> None:
    """AUTH-44: an API client speaks as that user."""
    company = await (api.buyer() if kind == "buyer" else api.supplier())
    user = await api.user(**{kind: company})
    await api.execute(
        "UPDATE api_clients SET default_context_user_key = $2 WHERE marketplace_id = $1", user.key
    )
    refused = await checked(api.seller.delete(f"/v1/{kind}s/{company}"), 409)
    assert refused.json()["Errors"][0]["ErrorCode"] == "User.CannotDeleteDefaultContextUser"


async def test_sellers_of_a_buyer(api: Api, other: Api) -> None:
    """BUY-6: the marketplace owner, active suppliers open to all buyers, and those with a relationship."""
    await api.buyer("b")
    for name, active, open_to_all in (
        ("open", True, True),
        ("closed", True, False),
        ("related", True, False),
        ("asleep", False, True),
        ("related-asleep", False, False),
    ):
        body = {"ID": name, "Name": name.upper(), "Active": active, "AllBuyersCanOrder": open_to_all}
        await checked(api.seller.post("/v1/suppliers", json=body), 201)
        if name.startswith("related"):
            await checked(api.seller.put(f"/v1/suppliers/{name}/buyers/B"), 204)
    await checked(
        other.seller.post("/v1/suppliers", json={"Name": "X", "Active": True, "AllBuyersCanOrder": True}), 201
    )
    page = (await checked(api.seller.get("/v1/buyers/B/sellers"), 200)).json()
    expected = [
        {"ID": "open", "Name": "OPEN"},
        {"ID": "related", "Name": "RELATED"},
        {"ID": api.marketplace, "Name": "Test"},
    ]
    assert page["Items"] == expected
    assert page["Meta"]["TotalCount"] == 3
    for query, ids in {
        "search=EL": ["related"],
        "search=rel&searchOn=Name": ["related"],
        "sortBy=!Name": [api.marketplace, "related", "open"],
        "Name=!open": ["related", api.marketplace],
        "ID=OPEN|x": ["open"],
        "pageSize=1&page=2": ["related"],
        "pageSize=1&page=9": [],
    }.items():
        found = (await checked(api.seller.get(f"/v1/buyers/b/sellers?{query}"), 200)).json()
        assert [item["ID"] for item in found["Items"]] == ids, query
    for query, code in {"Active=true": "List.InvalidProperty", "sortBy=Nope": "List.InvalidProperty"}.items():
        refused = await checked(api.seller.get(f"/v1/buyers/b/sellers?{query}"), 400)
        assert refused.json()["Errors"][0]["ErrorCode"] == code
    await checked(api.seller.get("/v1/buyers/nope/sellers"), 404)


async def test_who_sees_the_sellers_of_a_buyer(api: Api) -> None:
    """ORG-2: a buyer its own, suppliers those of buyers that they serve."""
    await api.buyer("b")
    await api.buyer("b2")
    shopper = api.as_(await api.user(buyer="b"), roles=["BuyerReader"])
    await checked(shopper.get("/v1/buyers/b/sellers"), 200)
    await checked(shopper.get("/v1/buyers/b2/sellers"), 404)
    supplier = api.as_(await api.user(supplier=await api.supplier("s")), roles=["BuyerReader"])
    await checked(supplier.get("/v1/buyers/b2/sellers"), 404)
    await checked(api.seller.put("/v1/suppliers/s/buyers/b2"), 204)
    await checked(supplier.get("/v1/buyers/b2/sellers"), 200)
