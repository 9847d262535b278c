"""Why a user sees a product at a price: what is explained is what happens, over marketplaces drawn at random, and walk by walk."""

from __future__ import annotations

import inspect
import re
import threading
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.api.audience_world import CATALOGS, CHILDREN, PRODUCTS, some, tables, write
from tests.api.marketplace import Api, Server, User

from entrepot.features.catalog.explaining import facts, operations, showing
from entrepot.features.registry import build_registry
from entrepot.http.routing import mounted

REGISTRY = build_registry()
IDS = (*PRODUCTS, *CHILDREN)


async def explained(http: httpx.AsyncClient, user: User, product: str, **query: Any) -> dict[str, Any]:
    answer = await http.get(
        f"/entrepot/v1/explain/buyers/{user.company}/users/{user.id}/products/{product}", params=query
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def steps(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["Step"]: each for each in found["Steps"]}


def deciding(step: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["Type"], row["ID"]) for row in step["Rows"] if row["Decides"]]


async def agree(
    api: Api, shopper: httpx.AsyncClient, user: User, product: str, **query: str
) -> dict[str, str]:
    """What is explained against what Me.GetProduct and Me.ListProducts answer; a path of each operation that shows rows."""
    found = await explained(api.seller, user, product, **query)
    if "catalogID" in query:
        listed = (await shopper.get("/v1/me/products", params={**query, "ID": product})).json()["Items"]
        item = listed[0] if listed else None
    else:
        got = await shopper.get(f"/v1/me/products/{product}", params=query)
        assert got.status_code in (200, 404), got.text
        item = got.json() if got.status_code == 200 else None
    assert found["Visible"] is (item is not None), found
    told = steps(found)
    assert "Audience" not in told, "the rules and the tokens disagree"
    assert found["Reason"] in [each["Message"] for each in found["Steps"] if each["Decides"]]
    price = told["PriceSchedule"]
    held = [each for _, each in deciding(price)]
    assert held == ([found["PriceScheduleID"]] if found["PriceScheduleID"] else []), price
    assert (price["Outcome"] == "Passed") is bool(held)
    if item is not None:
        schedule = item["PriceSchedule"]
        assert found["PriceScheduleID"] == (schedule and schedule["ID"]), found
    return {row["Operation"]: row["Path"] for each in found["Steps"] for row in each["Rows"] if row["Path"]}


@settings(max_examples=40)
@given(data=st.data())
async def test_what_is_explained_is_what_happens(server: Server, data: st.DataObject) -> None:
    """VIS and PRC over marketplaces drawn at random, for each user and product, within a catalog and with a seller; and what rows are
    said to be shown by shows them.
    """
    drawn = data.draw(tables())
    async with Api.create(server) as api:
        await write(api, drawn)
        users = [await api.user(buyer=buyer) for buyer in ("A", "A", "B")]
        for user in users[1:]:
            body = {"UserID": user.id, "UserGroupID": "g"}
            await api.seller.post(f"/v1/buyers/{user.company}/usergroups/assignments", json=body)
        paths: dict[str, str] = {}
        for user in users:
            shopper = api.as_(user, roles=["Shopper"])
            for product in IDS:
                paths |= await agree(api, shopper, user, product)
            asked = {"sellerID": data.draw(some(api.marketplace, "S", "T"))}
            if data.draw(st.booleans()):
                asked["catalogID"] = data.draw(some(*CATALOGS))
            paths |= await agree(api, shopper, user, data.draw(some(*IDS)), **asked)
        for name, path in paths.items():
            answer = await api.seller.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert answer.json().get("Items", True), (name, path)


async def shop(api: Api) -> User:
    """Catalog C with Root > Shoes > Boots; P1 in Boots, P2 in Shoes, P3 in none (VIS-E1)."""
    seller, user = api.seller, await api.shopper()
    await put(seller, "catalogs/C", {"Name": "C", "Active": True})
    rights = {"ViewAllCategories": True, "ViewAllProducts": True}
    await post(seller, "catalogs/assignments", {"CatalogID": "C", "BuyerID": user.company, **rights})
    for name, parent in (("Root", None), ("Shoes", "Root"), ("Boots", "Shoes")):
        await put(seller, f"catalogs/C/categories/{name}", {"Name": name, "Active": True, "ParentID": parent})
    for name in ("P1", "P2", "P3"):
        await put(seller, f"products/{name}", {"Name": name, "Active": True})
        await post(seller, "catalogs/productassignments", {"CatalogID": "C", "ProductID": name})
    for name, category in (("P1", "Boots"), ("P2", "Shoes")):
        row = {"CategoryID": category, "ProductID": name}
        await post(seller, "catalogs/C/categories/productassignments", row)
    await put(seller, f"buyers/{user.company}/usergroups/VIP", {"Name": "VIP"})
    return user


async def put(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    answer = await http.put(f"/v1/{path}", json=body)
    assert answer.is_success, answer.text


async def post(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    answer = await http.post(f"/v1/{path}", json=body)
    assert answer.is_success, answer.text


async def why(api: Api, user: User, product: str) -> tuple[bool, str, list[tuple[str, str]]]:
    """Whether it is visible, and the step and rows that decide."""
    found = await explained(api.seller, user, product)
    (step,) = [each for each in found["Steps"] if each["Message"] == found["Reason"]]
    return found["Visible"], step["Step"], deciding(step)


async def test_vis_e1_names_the_row_that_decides(api: Api) -> None:
    user = await shop(api)
    company, own = user.company, f"C/{user.company}"
    party = {"BuyerID": company}
    assert await why(api, user, "P1") == (True, "Categories", [("CatalogAssignment", own)])
    row = {"CategoryID": "Shoes", "Visible": False, "ViewAllProducts": False, **party}
    await post(api.seller, "catalogs/C/categories/assignments", row)
    at_shoes = ("CategoryAssignment", f"C/Shoes/{company}")
    assert await why(api, user, "P1") == (False, "Categories", [at_shoes])
    assert await why(api, user, "P2") == (False, "Categories", [at_shoes])
    assert await why(api, user, "P3") == (True, "Categories", [("CatalogAssignment", own)])
    row = {"CategoryID": "Boots", "Visible": True, "ViewAllProducts": True, "UserGroupID": "VIP", **party}
    await post(api.seller, "catalogs/C/categories/assignments", row)
    assert (await why(api, user, "P1"))[0] is False
    await post(
        api.seller, f"buyers/{company}/usergroups/assignments", {"UserID": user.id, "UserGroupID": "VIP"}
    )
    at_boots = ("CategoryAssignment", f"C/Boots/{company}/VIP")
    assert await why(api, user, "P1") == (True, "Categories", [at_boots])
    await api.seller.patch("/v1/catalogs/C/categories/Root", json={"Active": False})
    assert await why(api, user, "P1") == (False, "Categories", [("Category", "C/Root")])
    await post(api.seller, "products/assignments", {"ProductID": "P2", **party})
    assert await why(api, user, "P2") == (
        True,
        "ProductAssignments",
        [("ProductAssignment", f"P2/{company}")],
    )
    await api.seller.patch("/v1/catalogs/C", json={"Active": False})
    assert await why(api, user, "P2") == (False, "Catalogs", [("Catalog", "C")])
    await api.seller.patch("/v1/products/P2", json={"Active": False})
    assert await why(api, user, "P2") == (False, "Product", [("Product", "P2")])


async def test_a_price_is_taken_apart_to_the_unit(api: Api) -> None:
    """PRC-E1, PRC-E4, PS-4, PS-6, DSC-2, IRC-4: schedule, sale, break, discount and stock of one user."""
    user = await shop(api)
    seller, company = api.seller, user.company
    for name, price in (("D", 10), ("B", 9), ("G", 5)):
        breaks: list[dict[str, Any]] = [{"Quantity": 1, "Price": price}]
        if name == "G":
            breaks = [{"Quantity": 1, "Price": 5, "SalePrice": 4}, {"Quantity": 10, "Price": 4.5}]
        await put(seller, f"priceschedules/{name}", {"Name": name, "MaxQuantity": 20, "PriceBreaks": breaks})
    await seller.patch("/v1/products/P3", json={"DefaultPriceScheduleID": "D"})
    found = await explained(seller, user, "P3")
    assert (found["PriceScheduleID"], found["UnitPrice"], found["Quantity"]) == ("D", 10, 1)
    party = {"ProductID": "P3", "BuyerID": company}
    await post(seller, "products/assignments", {**party, "PriceScheduleID": "B"})
    await post(seller, "products/assignments", {**party, "PriceScheduleID": "G", "UserGroupID": "VIP"})
    found = await explained(seller, user, "P3")
    assert found["PriceScheduleID"] == "B"
    assert ("is for a group that the user is not in") in [
        row["Says"] for row in steps(found)["ProductAssignments"]["Rows"]
    ]
    await post(seller, f"buyers/{company}/usergroups/assignments", {"UserID": user.id, "UserGroupID": "VIP"})
    await put(
        seller,
        "discounts/ten",
        {"Name": "ten", "DiscountBreaks": [{"Quantity": 10, "Amount": 10}]},
    )
    await post(seller, "discounts/assignments", {"DiscountID": "ten", "BuyerID": company})
    inventory = {"Inventory": {"Enabled": True}}
    await seller.patch("/v1/products/P3", json=inventory)
    for name, everybody in (("all", True), ("none", False)):
        address = {
            "AddressName": name,
            "Street1": "1",
            "City": "x",
            "State": "MN",
            "Zip": "1",
            "Country": "US",
        }
        await put(seller, f"addresses/{name}", address)
        record = {"AddressID": name, "QuantityAvailable": 7, "AllowAllBuyers": everybody}
        await put(seller, f"products/P3/inventoryrecords/{name}", record)
    found = await explained(seller, user, "P3", quantity=9)
    assert (found["PriceScheduleID"], found["UnitPrice"], found["IsOnSale"]) == ("G", 4, True)
    assert (found["DiscountID"], found["DiscountPercent"], found["QuantityAvailable"]) == ("ten", 0, 7)
    assert deciding(steps(found)["Inventory"]) == [("InventoryRecord", "all")]
    found = await explained(seller, user, "P3", quantity=10)
    assert (found["UnitPrice"], found["DiscountPercent"]) == (4.5, 10)
    assert deciding(steps(found)["Quantity"]) == [("PriceBreak", "G/10")]
    found = await explained(seller, user, "P3", quantity=21)
    assert steps(found)["Quantity"]["Outcome"] == "Failed"
    assert "CannotExceedMax" in steps(found)["Quantity"]["Message"]
    await put(seller, "locales/cad", {"Currency": "CAD", "Language": "en-CA"})
    await post(seller, "locales/assignments", {"LocaleID": "cad", "BuyerID": company})
    found = await explained(seller, user, "P3")
    assert (found["Visible"], found["PriceScheduleID"], found["Currency"]) == (True, None, "CAD")
    assert deciding(steps(found)["Locale"]) == [("LocaleAssignment", f"cad/{company}")]
    held = steps(found)["PriceSchedule"]
    assert [row["ID"] for row in held["Rows"]] == ["G", "B", "D"]
    assert all("its currency is none, and the user's CAD" in row["Says"] for row in held["Rows"])


async def test_bundles_sellers_and_what_is_kept(api: Api) -> None:
    """BND-2, PRC-3; and where the kept audience of a product is wrong, that is said, since it is what counts."""
    user = await shop(api)
    await put(api.seller, "bundles/Set", {"Name": "Set", "Active": True})
    await post(api.seller, "catalogs/bundleassignments", {"CatalogID": "C", "BundleID": "Set"})
    await put(api.seller, "products/Hidden", {"Name": "Hidden", "Active": True})
    for part in ("P3", "Hidden"):
        row = {"BundleID": "Set", "ProductID": part, "Required": True}
        await post(api.seller, "bundles/productassignments", row)
    assert await why(api, user, "Set") == (False, "Bundle", [("Product", "Hidden")])
    await post(api.seller, "catalogs/productassignments", {"CatalogID": "C", "ProductID": "Hidden"})
    assert (await why(api, user, "Set"))[:2] == (True, "Categories")
    found = await explained(api.seller, user, "P3", sellerID="nobody")
    assert (found["Visible"], steps(found)["Seller"]["Decides"]) == (False, True)
    async with api.server.database.acquire() as connection:
        await connection.execute(
            "UPDATE products SET audience = '{}' WHERE marketplace_id = $1 AND \"ID\" = 'P3'",
            api.marketplace_id,
        )
    assert (await why(api, user, "P3"))[:2] == (False, "Audience")


async def test_much_is_explained_beside_requests(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a product in very many places: read and explained in a thread, and to the same end."""
    user = await shop(api)
    threads: list[threading.Thread] = []

    def explain(*given: Any) -> Any:
        threads.append(threading.current_thread())
        return explain_here(*given)

    explain_here = operations._explained
    monkeypatch.setattr(operations, "_explained", explain)
    small = await explained(api.seller, user, "P3")
    monkeypatch.setattr(facts, "OFF_LOOP", 10)
    assert await explained(api.seller, user, "P3") == small
    assert [each is threading.main_thread() for each in threads] == [True, False]


async def test_what_is_cut_is_told(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more rows than are read the rest are left out, which a step says; whether it is seen is the server's own answer."""
    user = await shop(api)
    await put(api.seller, "products/Q", {"Name": "Q", "Active": True})
    for name in ("X", "C", "A"):
        if name != "C":
            await put(api.seller, f"catalogs/{name}", {"Name": name, "Active": name == "X"})
            row = {"CatalogID": name, "BuyerID": user.company, "ViewAllProducts": True}
            await post(api.seller, "catalogs/assignments", row)
        await post(api.seller, "catalogs/productassignments", {"CatalogID": name, "ProductID": "Q"})
    whole = await explained(api.seller, user, "Q")
    assert (whole["Visible"], whole["Complete"]) == (True, True)
    assert "Rows" not in steps(whole)
    monkeypatch.setattr(facts, "READ", 1)
    monkeypatch.setattr(facts, "SHAPED", facts.SHAPED.replace("LIMIT 5001", "LIMIT 2"))
    facts._statement.cache_clear()
    try:
        cut = await explained(api.seller, user, "Q")
    finally:
        facts._statement.cache_clear()
    assert (cut["Visible"], cut["Complete"]) == (True, False)
    assert {row["ID"] for row in steps(cut)["Rows"]["Rows"]} >= {"catalogs", "catalog_rows"}
    # The first catalog alone, which is inactive, would hide it.
    assert (cut["Reason"], steps(cut)["Audience"]["Decides"]) == (steps(cut)["Audience"]["Message"], True)


async def test_others_learn_nothing(api: Api, server: Server) -> None:
    """Nothing of another marketplace, and of this one what is there only to whoever holds FullAccess."""
    user = await shop(api)
    path = f"/entrepot/v1/explain/buyers/{user.company}/users/{user.id}/products/P1"
    async with Api.create(server) as other:
        answer = await other.seller.get(path)
        assert (answer.status_code, answer.json()["Errors"][0]["ErrorCode"]) == (404, "NotFound")
    for broken in (path + "x", path.replace(user.id, "nobody"), path.replace(user.company, "nobody")):
        assert (await api.seller.get(broken)).status_code == 404
    assert (await api.as_(api.admin, roles=["ProductAdmin"]).get(path)).status_code == 403
    assert (await api.as_(user, roles=["FullAccess"]).get(path)).status_code == 403
    assert (await api.seller.get(path.replace(user.company, user.company.upper()))).status_code == 200


def test_what_rows_are_shown_by_is_declared() -> None:
    """Each function of `showing` names an operation, and the path that it stands at."""
    for name, show in inspect.getmembers(showing, inspect.isfunction):
        if show.__module__ != showing.__name__:
            continue
        names = [f"{{{each}}}" for each in inspect.signature(show).parameters]
        found = show(*names)
        declared = REGISTRY.operations[found["Operation"]]
        assert declared.verb == "GET", name
        route = mounted(declared.path)
        shape = re.sub(r"%7B\w+%7D", "{}", found["Path"].split("?")[0])
        assert shape == re.sub(r"{\w+}", "{}", route), name
        asked = {each.split("=")[0] for each in found["Path"].partition("?")[2].split("&") if each}
        assert asked <= {each.name for each in declared.query}, name
