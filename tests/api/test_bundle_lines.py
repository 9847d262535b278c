"""Bundles on orders (LI-7, BND-4)."""

from __future__ import annotations

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import Shop, get_order, open_shop, order_of, submitted
from tests.api.uniform.subjects import checked

BUNDLES = "/v1/orders/Outgoing/O/bundles/KIT"
LINES = "/v1/orders/Outgoing/O/lineitems"


async def kit(api: Api, **quantities: int | None) -> tuple[Shop, httpx.AsyncClient]:
    """A console at 300, 280 in a bundle, with pads at 50, 40 in a bundle; the pads are optional."""
    shop = await open_shop(api)
    for product, price, in_bundle in (("console", 300, 280), ("pad", 50, 40)):
        await shop.put(
            f"priceschedules/{product}",
            PriceBreaks=[{"Quantity": 1, "Price": price, "BundlePrice": in_bundle}],
        )
        await shop.product(product, DefaultPriceScheduleID=product)
    await shop.product("other", (1, 1))
    await checked(api.seller.put("/v1/bundles/KIT", json={"Name": "Kit", "Active": True}), 200)
    await shop.post("catalogs/bundleassignments", CatalogID="C", BundleID="KIT")
    for product, required in (("console", True), ("pad", False)):
        body = {"ProductID": product, "BundleID": "KIT", "Required": required}
        if quantities.get(product) is not None:
            body["DefaultQuantity"] = quantities[product]
        await shop.post("bundles/productassignments", **body)
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    return shop, http


def items(**quantities: int) -> dict[str, object]:
    return {"LineItems": [{"ProductID": name, "Quantity": quantity} for name, quantity in quantities.items()]}


async def test_a_bundle(api: Api) -> None:
    """BND-4: console 280 and pad 40 make 320, not 350; the head has no price and does not count."""
    _, http = await kit(api)
    answer = await http.post(BUNDLES, json=items(console=1, pad=1))
    head = answer.json()
    assert (answer.status_code, head["IsBundle"], head["UnitPrice"], head["LineTotal"]) == (201, True, 0, 0)
    order = await get_order(http, "O")
    assert (order["Total"], order["LineItemCount"]) == (320, 2)
    lines = (await http.get(LINES)).json()["Items"]
    parts = {each["ProductID"]: each for each in lines if not each["IsBundle"]}
    assert {name: (each["BundleItemID"], each["UnitPrice"]) for name, each in parts.items()} == {
        "console": (head["ID"], 280),
        "pad": (head["ID"], 40),
    }
    console, pad = parts["console"]["ID"], parts["pad"]["ID"]
    assert codes(await http.delete(f"{LINES}/{head['ID']}")) == ["LineItem.CannotRemoveBundle"]
    assert codes(await http.delete(f"{LINES}/{console}")) == ["LineItem.CannotRemoveRequiredBundleItem"]
    assert (await http.delete(f"{LINES}/{pad}")).status_code == 204
    assert (await get_order(http, "O"))["Total"] == 280
    assert (await submitted(http, "O"))["Status"] == "Open"


async def test_the_head_of_a_bundle_after_the_submit(api: Api) -> None:
    """SHP-2, SHP-3, LI-7: it is not shipped and keeps the order from nothing; it has no price of its own."""
    _, http = await kit(api, console=2)
    head = (await checked(http.post(BUNDLES), 201)).json()["ID"]
    await submitted(http, "O")
    await checked(api.seller.post("/v1/shipments", json={"ID": "S", "BuyerID": "B"}), 201)
    item = {"OrderID": "O", "LineItemID": head, "QuantityShipped": 1}
    assert codes(await api.seller.post("/v1/shipments/S/items", json=item)) == ["ShipmentItem.CannotBeBundle"]
    url = f"/v1/orders/Incoming/O/lineitems/{head}"
    assert (await checked(api.seller.patch(url, json={"UnitPrice": 5}), 200)).json()["UnitPrice"] == 0
    assert (await get_order(http, "O"))["Total"] == 2 * 280
    shipped = await checked(api.seller.post("/v1/orders/Incoming/O/ship"), 201)
    assert shipped.json()["Status"] == "Completed"


async def test_removing_a_bundle(api: Api) -> None:
    """LI-7: head and components; another bundle's stay."""
    _, http = await kit(api, console=2)
    answers = [await checked(http.post("/v1/cart/bundles/kit"), 201) for _ in range(2)]
    first, second = [answer.json() for answer in answers]
    assert (await get_order(http, "O"))["Total"] == 4 * 280
    assert (await http.delete(f"/v1/orders/Outgoing/O/bundles/other/{first['ID']}")).status_code == 404
    assert (await http.delete(f"{BUNDLES}/{first['ID']}")).status_code == 204
    assert (await http.delete(f"{BUNDLES}/{first['ID']}")).status_code == 404
    assert [each["ID"] for each in (await http.get(LINES)).json()["Items"] if each["IsBundle"]] == [
        second["ID"]
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (items(pad=1), "Bundle.RequiredBundleItemMissing"),
        (items(console=1, other=1), "Bundle.ProductNotAssigned"),
        ({"LineItems": []}, "Bundle.DefaultQuantityMissing"),
        (items(console=0), "LineItem.QuantityMustBePositive"),
    ],
)
async def test_refusals(api: Api, body: dict[str, object], code: str) -> None:
    """LI-7."""
    _, http = await kit(api)
    assert codes(await http.post(BUNDLES, json=body)) == [code]
    assert (await get_order(http, "O"))["LineItemCount"] == 0


async def test_bundles_that_are_not_there(api: Api) -> None:
    """A bundle alone is no product to order, and an unknown one is 404."""
    _, http = await kit(api)
    assert codes(await http.post(LINES, json={"ProductID": "KIT"})) == [
        "LineItem.CannotPurchaseBundleProduct"
    ]
    for bundle in ("none", "other"):
        assert (
            await http.post(f"/v1/orders/Outgoing/O/bundles/{bundle}", json=items(pad=1))
        ).status_code == 404
