"""Orders.Repeat: a new order with the lines of an old one, and the lines that it lacks with their errors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import Shop, get_order, line_of, open_shop, order_of
from tests.api.test_order_lists import become
from tests.api.test_submit import counted
from tests.api.uniform.subjects import checked

STOCK = {"Enabled": True, "QuantityAvailable": 10, "OrderCanExceed": False}


async def repeated(http: httpx.AsyncClient, order: str, direction: str = "Outgoing", **body: Any) -> Any:
    """The answer of a repeat."""
    answer = await checked(http.post(f"/v1/orders/{direction}/{order}/repeat", json=body), 201)
    new = answer.json()["Order"]["ID"]
    assert answer.headers["Location"].endswith(f"/v1/orders/{direction}/{new}")
    return answer.json()


async def lines_of(http: httpx.AsyncClient, order: str, direction: str = "Outgoing") -> list[Any]:
    """All lines of an order."""
    page = await checked(http.get(f"/v1/orders/{direction}/{order}/lineitems?pageSize=100"), 200)
    lines: list[Any] = page.json()["Items"]
    return lines


def taken(line: Any) -> tuple[Any, ...]:
    """What a line is of."""
    return line["ProductID"], line["Quantity"], line["UnitPrice"], line["xp"], line["CostCenter"]


async def ordered(api: Api) -> tuple[Shop, Any, httpx.AsyncClient]:
    """A submitted order O: two desks at 10, three shirts with a choice, five pens."""
    shop = await open_shop(api)
    await shop.product("desk", (1, 10))
    await shop.product("pen", (1, 2), Inventory=STOCK)
    await shop.product("shirt", (1, 4))
    await shop.put("specs/size", Required=True)
    for option in ("s", "l"):
        await shop.put(f"specs/size/options/{option}", Value=option.upper())
    await shop.post("specs/productassignments", SpecID="size", ProductID="shirt")
    user, http = await shop.shopper()
    await order_of(http, ID="O", Comments="old", xp={"old": 1})
    await line_of(http, "O", "desk", 2, xp={"n": 1}, CostCenter="c")
    await line_of(http, "O", "shirt", 3, Specs=[{"SpecID": "size", "OptionID": "l"}])
    await line_of(http, "O", "pen", 5)
    await become(api, "O", "Open", submitted=True)
    return shop, user, http


async def test_repeat(api: Api) -> None:
    """The lines at today's prices; of the order itself only what the body says."""
    shop, user, http = await ordered(api)
    await shop.schedule("desk", (1, 11))
    answer = await repeated(http, "O", ID="N", Comments="new")
    order = answer["Order"]
    assert answer["UnavailableItems"] == []
    assert (order["ID"], order["Status"], order["FromUserID"]) == ("N", "Unsubmitted", user.id)
    assert (order["Comments"], order["xp"], order["LineItemCount"], order["Total"]) == ("new", None, 3, 44)
    assert await get_order(http, "N") == order
    lines = await lines_of(http, "N")
    assert [taken(line) for line in lines] == [
        ("desk", 2, 11, {"n": 1}, "c"),
        ("shirt", 3, 4, None, None),
        ("pen", 5, 2, None, None),
    ]
    assert [spec["OptionID"] for spec in lines[1]["Specs"]] == ["l"]
    assert not {line["ID"] for line in lines} & {line["ID"] for line in await lines_of(http, "O")}
    assert (await get_order(http, "O"))["Total"] == 42, "the old order stays as it is"
    again = await repeated(http, "N")
    assert again["Order"]["Total"] == 44
    assert codes(await http.post("/v1/orders/Outgoing/O/repeat", json={"ID": "n"})) == ["IdExists"]


async def test_lines_that_cannot_be_had(api: Api) -> None:
    """Each with its error; the others are ordered (LI-1, LI-3, MON-6, INV-1)."""
    shop, _, http = await ordered(api)
    await shop.product("gone", (1, 1))
    await shop.product("few", (1, 1))
    await order_of(http, ID="M")
    for product in ("gone", "few", "few", "pen", "pen", "desk"):
        await line_of(http, "M", product, 4)
    await line_of(http, "M", "shirt", 1, Specs=[{"SpecID": "size", "OptionID": "s"}])
    await checked(shop.seller.delete("/v1/products/gone"), 204)
    await shop.schedule("few", (1, 1), MaxQuantity=3)
    await checked(shop.seller.patch("/v1/products/pen", json={"Inventory": {"QuantityAvailable": 7}}), 200)
    await checked(shop.seller.delete("/v1/specs/size/options/s"), 204)
    answer = await repeated(http, "M", ID="N")
    refused = [(item["ProductID"], item["Error"]["ErrorCode"]) for item in answer["UnavailableItems"]]
    assert sorted(refused) == [
        ("few", "PriceSchedule.CannotExceedMax"),
        ("few", "PriceSchedule.CannotExceedMax"),
        ("gone", "NotFound"),
        ("pen", "Inventory.Insufficient"),
        ("shirt", "Spec.OptionNotFound"),
    ]
    errors = {item["ProductID"]: item["Error"] for item in answer["UnavailableItems"]}
    assert errors["gone"]["Data"] == {"ObjectType": "Product", "ObjectID": "gone"}
    assert (errors["pen"]["Data"]["QuantityAvailable"], errors["pen"]["Data"]["QuantityRequested"]) == (7, 8)
    assert errors["few"]["Message"]
    assert [taken(line)[:2] for line in await lines_of(http, "N")] == [("pen", 4), ("desk", 4)]
    assert (answer["Order"]["LineItemCount"], answer["Order"]["Total"]) == (2, 48)


async def test_bundles(api: Api) -> None:
    """LI-7: a bundle is repeated as one; where a part of it cannot be had, nothing of it is."""
    shop = await open_shop(api)
    for product in ("head", "tail", "extra"):
        await shop.product(product, (1, 10))
    for bundle in ("set", "kit"):
        await shop.put(f"bundles/{bundle}")
        await shop.post("catalogs/bundleassignments", CatalogID="C", BundleID=bundle)
        for product in ("head", "tail"):
            await shop.post(
                "bundles/productassignments",
                BundleID=bundle,
                ProductID=product,
                Required=True,
                DefaultQuantity=1,
            )
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    for bundle in ("set", "kit"):
        await checked(http.post(f"/v1/orders/Outgoing/O/bundles/{bundle}", json={}), 201)
    await shop.post("bundles/productassignments", BundleID="kit", ProductID="extra", Required=True)
    answer = await repeated(http, "O", ID="N")
    head, *parts = await lines_of(http, "N")
    assert (head["IsBundle"], head["ProductID"], answer["Order"]["LineItemCount"]) == (True, "set", 2)
    assert [(part["ProductID"], part["BundleItemID"]) for part in parts] == [
        ("head", head["ID"]),
        ("tail", head["ID"]),
    ]
    refused = [(item["ProductID"], item["Error"]["ErrorCode"]) for item in answer["UnavailableItems"]]
    assert refused == [(product, "Bundle.RequiredBundleItemMissing") for product in ("kit", "head", "tail")]


async def test_who_repeats(api: Api) -> None:
    """ORD-3, ORD-12: whoever sees the order; the seller for the buyer's user, anybody else for oneself."""
    shop, user, http = await ordered(api)
    colleague, stranger = await shop.shopper()
    assert (await stranger.post("/v1/orders/Outgoing/O/repeat", json={})).status_code == 404
    own = await repeated(api.as_(colleague, roles=["OrderAdmin"]), "O")
    assert own["Order"]["FromUserID"] == colleague.id
    for direction in ("Incoming", "All"):
        served = await repeated(shop.seller, "O", direction)
        assert (served["Order"]["FromUserID"], served["Order"]["FromCompanyID"]) == (user.id, "B")
    named = await repeated(shop.seller, "O", "Incoming", FromUserID=colleague.id)
    assert named["Order"]["FromUserID"] == colleague.id
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    await order_of(http, ID="D", ToCompanyID="S")
    assert (await repeated(http, "D"))["Order"]["ToCompanyID"] == "S"
    supplier = api.as_(await api.user(supplier="S"), roles=["FullAccess"])
    refused = await supplier.post("/v1/orders/Incoming/D/repeat", json={})
    assert refused.status_code == 403
    assert (await http.post("/v1/orders/Outgoing/nope/repeat")).status_code == 404
    assert (await http.post("/v1/orders/Outgoing/O/repeat")).status_code == 201, "without a body"


@pytest.mark.parametrize("times", [1, 12])
async def test_statements(api: Api, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """As many statements for twelve times the lines."""
    _, _, http = await ordered(api)
    await order_of(http, ID="M")
    for _ in range(times):
        await line_of(http, "M", "desk", 1)
    with counted(monkeypatch) as sent:
        await repeated(http, "M")
    assert len(sent) <= 9, "\n".join(sent)
