"""Subscriptions and their items: whose they are, what they say, what they would cost (SBS-1)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, User, codes
from tests.api.shop import Shop, open_shop

MINE = "/v1/me/subscriptions"
ALL = "/v1/subscriptions"
ROLES = ("Shopper", "MeSubscriptionAdmin", "MeAddressAdmin", "MeCreditCardAdmin", "MeAdmin")
TERMS = {"Frequency": 1, "Interval": "Months", "NextOrderDate": "2099-01-31T08:00:00+00:00"}


async def subscriber(api: Api) -> tuple[Shop, User, httpx.AsyncClient]:
    """A shop, and a shopper with the subscription S."""
    shop = await open_shop(api)
    user, http = await shop.shopper(roles=ROLES)
    assert (await http.post(MINE, json={"ID": "S", **TERMS})).status_code == 201
    return shop, user, http


async def add(http: httpx.AsyncClient, product: str, quantity: int = 1, **body: Any) -> httpx.Response:
    return await http.post(f"{MINE}/S/items", json={"ProductID": product, "Quantity": quantity, **body})


async def projected(http: httpx.AsyncClient, url: str = f"{MINE}/S") -> float:
    found: float = (await http.get(url)).json()["ProjectedSubtotal"]
    return found


async def test_a_subscription_of_ones_own(api: Api) -> None:
    """SBS-1: the caller's own, to the marketplace owner; PUT replaces, PATCH changes, DELETE removes."""
    shop = await open_shop(api)
    user, http = await shop.shopper(roles=ROLES)
    answer = await http.post(MINE, json={**TERMS, "FromUserID": "admin", "xp": {"a": 1}})
    made = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (
        201,
        f"{api.server.settings.base_url}{MINE}/{made['ID']}",
    )
    wanted = {
        **TERMS,
        "Active": True,
        "FromCompanyID": "B",
        "FromUserID": user.id,
        "ToCompanyID": api.marketplace,
        "LastOrderDate": None,
        "NotificationDate": None,
        "EndDate": None,
        "Payment": None,
        "ProjectedSubtotal": 0,
        "xp": {"a": 1},
    }
    assert {name: made[name] for name in wanted} == wanted
    url = f"{MINE}/{made['ID']}"
    changed = (await http.patch(url, json={"ID": "S", "Frequency": 2, "Active": False})).json()
    assert (changed["ID"], changed["Frequency"], changed["Active"], changed["xp"]) == (
        "S",
        2,
        False,
        {"a": 1},
    )
    replaced = await http.put(f"{MINE}/s", json=TERMS)
    assert (replaced.status_code, replaced.json()["Active"], replaced.json()["xp"]) == (200, True, None)
    assert (await http.put(f"{MINE}/T", json=TERMS)).json()["ID"] == "T"
    assert [item["ID"] for item in (await http.get(MINE)).json()["Items"]] == ["S", "T"]
    assert (await http.delete(f"{MINE}/S")).status_code == 204
    assert (await http.get(f"{MINE}/S")).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Frequency": 0}, "ValidationFailure"),
        ({"Interval": "Years"}, "ValidationFailure"),
        ({"BillingAddressID": "none"}, "NotFound"),
        ({"ShippingAddressID": "none"}, "NotFound"),
        ({"ToCompanyID": "none"}, "NotFound"),
        ({"Payment": {"Type": "PurchaseOrder", "CreditCardID": "c"}}, "Payment.CannotSetCreditCard"),
        ({"Payment": {"Type": "SpendingAccount"}}, "Payment.SpendingAccountIdMissing"),
        ({"Payment": {"Type": "CreditCard", "CreditCardID": "none"}}, "NotFound"),
    ],
)
async def test_what_is_refused(api: Api, body: dict[str, Any], code: str) -> None:
    """SBS-1, PAY-1, ADR-2: of a subscription what would be refused of its orders."""
    shop = await open_shop(api)
    _, http = await shop.shopper(roles=ROLES)
    answer = await http.post(MINE, json={**TERMS, **body})
    assert codes(answer) == [code]


async def test_items_and_what_they_would_cost(api: Api) -> None:
    """SBS-1, MON-3: items are priced at SubscriptionPrice; ProjectedSubtotal follows current prices."""
    shop, _, http = await subscriber(api)
    await shop.put(
        "priceschedules/P",
        PriceBreaks=[
            {"Quantity": 1, "Price": 10, "SubscriptionPrice": 8},
            {"Quantity": 10, "Price": 9, "SubscriptionPrice": None},
        ],
    )
    await shop.put("products/P", DefaultPriceScheduleID="P")
    await shop.post("catalogs/productassignments", CatalogID="C", ProductID="P")
    await shop.product("Q", (1, 5))
    made = await add(http, "P", 2, ID="i1", xp={"k": "v"})
    item = made.json()
    assert made.status_code == 201
    assert made.headers["Location"].endswith(f"{MINE}/S/items/i1")
    assert (item["UnitPrice"], item["LineSubtotal"], item["Product"]["ID"]) == (8, 16, "P")
    await add(http, "Q", 3, ID="i2")
    assert await projected(http) == 31
    assert (await http.patch(f"{MINE}/S/items/I1", json={"Quantity": 10})).json()["LineSubtotal"] == 90
    assert await projected(http) == 105
    await shop.schedule("Q", (1, 6))
    assert await projected(http) == 108
    assert (await http.get(MINE)).json()["Items"][0]["ProjectedSubtotal"] == 105
    await shop.seller.patch("/v1/products/Q", json={"Active": False})
    assert await projected(http) == 90
    listed = (await http.get(f"{MINE}/S/items?sortBy=!ID")).json()["Items"]
    assert [each["ID"] for each in listed] == ["i2", "i1"]
    assert (await http.get(f"{MINE}/S/items/i1")).json()["xp"] == {"k": "v"}
    renamed = await http.put(f"{MINE}/S/items/i1", json={"ID": "i3", "ProductID": "P", "Quantity": 1})
    assert (renamed.json()["ID"], renamed.json()["LineSubtotal"], renamed.json()["xp"]) == ("i3", 8, None)
    assert (await http.delete(f"{MINE}/S/items/i3")).status_code == 204
    assert [each["ID"] for each in (await http.get(f"{MINE}/S/items")).json()["Items"]] == ["i2"]
    assert await projected(http) == 0


async def test_xp_of_an_item_that_python_takes_for_equal(api: Api) -> None:
    """1 is not true in JSON: what a PATCH answers stays."""
    shop, _, http = await subscriber(api)
    await shop.product("Q", (1, 5))
    await add(http, "Q", ID="i1", xp={"a": 1})
    changed = await http.patch(f"{MINE}/S/items/i1", json={"xp": {"a": True}})
    assert changed.json()["xp"]["a"] is True
    assert (await http.get(f"{MINE}/S/items/i1")).json()["xp"]["a"] is True


@pytest.mark.parametrize(
    ("product", "body", "code"),
    [
        ("none", {}, "NotFound"),
        ("hidden", {}, "NotFound"),
        ("P", {"Quantity": 1}, "PriceSchedule.CannotBeLessThanMin"),
        ("P", {"ShippingAddressID": "none"}, "NotFound"),
        ("P", {"InventoryRecordID": "none"}, "NotFound"),
        ("P", {"DateNeeded": "2020-01-01"}, "LineItem.DateNeededMustBeGreaterThanDateAdded"),
        ("P", {"UnitPrice": 1}, "Auth.InsufficientRoles"),
        ("free", {}, "PriceSchedule.MissingOrConflicting"),
    ],
)
async def test_items_are_checked_like_lines(api: Api, product: str, body: dict[str, Any], code: str) -> None:
    """SBS-1, LI-1: what is refused of a line is refused of an item."""
    shop, _, http = await subscriber(api)
    await shop.product("P", (1, 10), terms={"MinQuantity": 2})
    await shop.product("hidden", (1, 10), Active=False)
    await shop.product("free")
    answer = await add(http, product, **{"Quantity": 2, **body})
    assert codes(answer) == [code]
    assert (await http.get(f"{MINE}/S/items")).json()["Items"] == []


async def test_stock_is_no_matter_of_items(api: Api) -> None:
    """What there is today says nothing about the day of an order; LI-1: the product of an item stays."""
    shop, _, http = await subscriber(api)
    await shop.product("P", (1, 10), Inventory={"Enabled": True, "QuantityAvailable": 1})
    await shop.product("Q", (1, 10))
    assert (await add(http, "P", 5, ID="i")).status_code == 201
    answer = await http.patch(f"{MINE}/S/items/i", json={"ProductID": "Q"})
    assert codes(answer) == ["LineItem.CannotChangeProductID"]


async def test_bundles(api: Api) -> None:
    """LI-7 for items: the head without a price, components at BundlePrice; they go together."""
    shop, _, http = await subscriber(api)
    for product in ("P", "Q"):
        breaks = [{"Quantity": 1, "Price": 10, "BundlePrice": 7}]
        await shop.put(f"priceschedules/{product}", PriceBreaks=breaks)
        await shop.put(f"products/{product}", DefaultPriceScheduleID=product)
        await shop.post("catalogs/productassignments", CatalogID="C", ProductID=product)
    await shop.put("bundles/K")
    await shop.post(
        "bundles/productassignments", BundleID="K", ProductID="P", Required=True, DefaultQuantity=2
    )
    await shop.post("bundles/productassignments", BundleID="K", ProductID="Q", Required=False)
    await shop.post("catalogs/bundleassignments", CatalogID="C", BundleID="K")
    made = await http.post(f"{MINE}/S/items/bundles/K")
    assert made.status_code == 201, made.text
    head = made.json()
    assert (head["IsBundle"], head["UnitPrice"], await projected(http)) == (True, 0, 14)
    items = (await http.get(f"{MINE}/S/items")).json()["Items"]
    part = next(item for item in items if item["BundleItemID"] == head["ID"])
    refused = await http.delete(f"{MINE}/S/items/{part['ID']}")
    assert codes(refused) == ["LineItem.CannotRemoveRequiredBundleItem"]
    assert codes(await http.delete(f"{MINE}/S/items/{head['ID']}")) == ["LineItem.CannotRemoveBundle"]
    assert (await http.delete(f"{MINE}/S/items/bundles/Q/{head['ID']}")).status_code == 404
    assert (await http.delete(f"{MINE}/S/items/bundles/K/{head['ID']}")).status_code == 204
    assert (await http.get(f"{MINE}/S/items")).json()["Items"] == []
    url = f"{ALL}/S/bundles/K"
    wanted = {"LineItems": [{"ProductID": "P", "Quantity": 1}, {"ProductID": "Q", "Quantity": 1}]}
    head = (await shop.seller.post(url, json=wanted)).json()
    assert await projected(http) == 14
    assert (await shop.seller.delete(f"{url}/{head['ID']}")).status_code == 204


async def test_on_behalf(api: Api) -> None:
    """SBS-1: FromCompanyID and FromUserID, and both roles; the marketplace owner changes what it sees."""
    shop, user, http = await subscriber(api)
    body = {**TERMS, "ID": "T", "FromCompanyID": "b", "FromUserID": user.id}
    some = api.as_(api.admin, roles=["SubscriptionAdmin", "OrderAdmin"])
    assert codes(await some.post(ALL, json=body)) == ["Auth.InsufficientRoles"]
    both = api.as_(api.admin, roles=["SubscriptionAdmin", "OrderAdmin", "UnsubmittedOrderReader"])
    for missing in ("FromCompanyID", "FromUserID"):
        lacking = {name: value for name, value in body.items() if name != missing}
        assert codes(await both.post(ALL, json=lacking)) == ["Subscription.CreateRequiresFromUser"]
    assert codes(await both.post(ALL, json={**body, "FromUserID": "none"})) == ["Buyer.UserNotFound"]
    made = await both.post(ALL, json=body)
    assert (made.status_code, made.json()["FromCompanyID"], made.json()["FromUserID"]) == (201, "B", user.id)
    assert codes(await both.post(ALL, json=body)) == ["IdExists"]
    assert (await http.get(f"{MINE}/T")).json() == made.json()
    assert (await both.patch(f"{ALL}/t", json={"Frequency": 3})).json()["Frequency"] == 3
    await shop.product("P", (1, 10))
    assert (await both.post(f"{ALL}/T/items", json={"ProductID": "P"})).json()["LineSubtotal"] == 10
    await shop.seller.patch(f"/v1/buyers/B/users/{user.id}", json={"ID": "renamed"})
    assert (await both.get(f"{ALL}/T")).json()["FromUserID"] == "renamed"
    found = (await both.get(f"{ALL}?FromUserID=renamed&ID=T")).json()["Items"]
    assert [each["ID"] for each in found] == ["T"]
    assert (await shop.seller.delete(f"/v1/buyers/B/users/{user.id}x")).status_code == 404
    assert (await shop.seller.delete("/v1/buyers/B/users/renamed")).status_code == 204
    assert (await both.get(ALL)).json()["Items"] == []


async def test_who_sees_which(api: Api, other: Api) -> None:
    """ORG-2, AUTH-52: own ones under /me, the company's for its administrators, all for the marketplace owner."""
    shop, _, http = await subscriber(api)
    await shop.product("P", (1, 10))
    assert (await add(http, "P", ID="i")).status_code == 201
    await shop.put("suppliers/V", AllBuyersCanOrder=True)
    assert (await http.post(MINE, json={**TERMS, "ID": "V", "ToCompanyID": "v"})).status_code == 201
    _, colleague = await shop.shopper(roles=(*ROLES, "SubscriptionAdmin"))
    stranger = api.as_(await api.user(buyer=await api.buyer()), roles=(*ROLES, "SubscriptionAdmin"))
    supplier = api.as_(await api.user(supplier="V"), roles=["SubscriptionAdmin"])
    for caller, url, seen in (
        (colleague, MINE, set()),
        (colleague, ALL, {"S", "V"}),
        (stranger, MINE, set()),
        (stranger, ALL, set()),
        (supplier, ALL, {"V"}),
        (shop.seller, ALL, {"S", "V"}),
        (other.seller, ALL, set()),
    ):
        assert {each["ID"] for each in (await caller.get(url)).json()["Items"]} == seen
        for name in ("S", "V"):
            status = 200 if name in seen else 404
            assert (await caller.get(f"{url}/{name}")).status_code == status
            assert (await caller.get(f"{url}/{name}/items")).status_code == status
        if "S" not in seen and caller is not supplier:
            answers = [
                await caller.patch(f"{url}/S", json={"Frequency": 9}),
                await caller.delete(f"{url}/S"),
                await caller.post(f"{url}/S/items", json={"ProductID": "P"}),
                await caller.patch(f"{url}/S/items/i", json={"Quantity": 9}),
                await caller.delete(f"{url}/S/items/i"),
            ]
            assert [answer.status_code for answer in answers] == [404] * 5
    assert codes(await stranger.put(f"{MINE}/S", json=TERMS)) == ["IdExists"]
    assert (await supplier.patch(f"{ALL}/V", json={"Frequency": 9})).status_code == 403
    assert (await api.seller.get(MINE)).json()["Items"] == []
    assert (await api.seller.get(f"{MINE}/S")).status_code == 404
    assert (await api.seller.post(MINE, json=TERMS)).status_code == 403
    guest = api.as_(await api.user(buyer="B"), roles=ROLES, order_id="a" * 22)
    assert codes(await guest.get(MINE)) == ["Auth.AnonUserProhibited"]
    assert (await http.get(f"{MINE}/S")).json()["Frequency"] == 1


async def test_a_colleague_subscribes(api: Api) -> None:
    """SBS-1: a buyer's administrator subscribes for itself without more, for a colleague with both roles."""
    shop, user, _ = await subscriber(api)
    roles = ("SubscriptionAdmin",)
    chief, http = await shop.shopper(roles=roles)
    assert (await http.post(ALL, json=TERMS)).json()["FromUserID"] == chief.id
    assert codes(await http.post(ALL, json={**TERMS, "FromUserID": user.id})) == ["Auth.InsufficientRoles"]
    able = api.as_(chief, roles=(*roles, "OrderAdmin", "UnsubmittedOrderReader"))
    assert (await able.post(ALL, json={**TERMS, "FromUserID": user.id})).json()["FromUserID"] == user.id
    foreign = {**TERMS, "FromCompanyID": await api.buyer(), "FromUserID": user.id}
    assert (await able.post(ALL, json=foreign)).status_code == 404
