"""The cart (CART-1 to CART-3)."""

import asyncio

from tests.api.marketplace import Api, codes
from tests.api.shop import get_order, open_shop, order_of

from entrepot.kernel.ids import new_id

ADDRESS = {"Street1": "1", "City": "Hull", "Country": "GB"}


MONEY = (
    "Subtotal", "ShippingCost", "TaxCost", "Gratuity", "Fees", "PromotionDiscount", "BaseDiscount", "Total",
)  # fmt: skip
WORKSHEET = (
    "Order", "LineItems", "OrderPromotions", "Subscription", "ShipEstimateResponse", "OrderCalculateResponse",
    "OrderSubmitResponse", "OrderSubmitForApprovalResponse", "OrderApprovedResponse",
    "SubscriptionIntegrationResponse",
)  # fmt: skip
"""All that a worksheet has, in its order."""


async def test_without_a_cart(api: Api) -> None:
    """CART-2, behaviour C2, applications F2: reads are empty, changes of a line are 404, deletes do nothing, and none of these makes a cart."""
    shop = await open_shop(api)
    _, http = await shop.shopper()
    empty = (await http.get("/v1/cart")).json()
    # behaviour C2: what may not be null has the value that typed clients know as none.
    assert {name: value for name, value in empty.items() if value is not None} == {
        "LineItemCount": 0,
        "Status": "Unsubmitted",
        "LastUpdated": "0001-01-01T00:00:00+00:00",
        **dict.fromkeys(MONEY, 0),
        "IsSubmitted": False,
    }
    worksheet = await http.get("/v1/cart/worksheet")  # applications F2
    assert (worksheet.status_code, worksheet.json()) == (200, dict.fromkeys(WORKSHEET))
    for verb in ("GET", "PATCH", "DELETE"):
        answer = await http.request(verb, "/v1/cart/lineitems/L", json={})
        assert (answer.status_code, answer.json()["Errors"][0]["Data"]["ObjectType"]) == (404, "LineItem")
    assert (await http.delete("/v1/cart")).status_code == 204
    count = "SELECT count(*) FROM orders WHERE marketplace_id = $1"
    assert await api.server.database.fetchval(count, api.marketplace_id) == 0


async def test_first_writes_make_a_cart(api: Api) -> None:
    """CART-2, and the cart is an outgoing order like any other."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    for verb, path, body in (
        ("POST", "lineitems", {"ProductID": "P", "Quantity": 2}),
        ("PUT", "lineitems/L", {"ProductID": "P"}),
        ("PUT", "", {"Comments": "c"}),
        ("PATCH", "", {"Comments": "c"}),
        ("PUT", "shipto", ADDRESS),
        ("PUT", "billto", ADDRESS),
        ("PATCH", "fromuser", {"FirstName": "G"}),
    ):
        _, http = await shop.shopper()
        answer = await http.request(verb, f"/v1/cart/{path}".rstrip("/"), json=body)
        assert answer.status_code in (200, 201), (path, answer.text)
        cart = (await http.get("/v1/cart")).json()
        assert cart == await get_order(http, cart["ID"])
    assert cart["FromUser"]["FirstName"] == "G"


async def test_which_order_is_the_cart(api: Api) -> None:
    """CART-1 and CART-3: the newest unsubmitted one, unless another is designated; never somebody else's."""
    shop = await open_shop(api)
    _, http = await shop.shopper()
    _, other = await shop.shopper()
    for name in ("A", "B", "C"):
        await order_of(http, ID=name)
    await order_of(other, ID="D")

    async def cart() -> str:
        found: str = (await http.get("/v1/cart")).json()["ID"]
        return found

    assert await cart() == "C"
    assert (await http.put("/v1/cart/a")).status_code == 204
    assert await cart() == "A"
    for foreign in ("D", "none"):
        refused = await http.put(f"/v1/cart/{foreign}")
        assert (refused.status_code, codes(refused)) == (404, ["NotFound"])
    assert await cart() == "A"
    assert (await http.delete("/v1/cart")).status_code == 204
    assert await cart() == "C"


async def test_two_first_lines_make_one_cart(api: Api) -> None:
    """HTTP-4 for the cart."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    _, http = await shop.shopper()
    answers = await asyncio.gather(
        *(http.post("/v1/cart/lineitems", json={"ProductID": "P"}) for _ in range(6))
    )
    assert {answer.status_code for answer in answers} == {201}
    cart = (await http.get("/v1/cart")).json()
    assert (cart["LineItemCount"], cart["Total"]) == (6, 60)


async def test_guests_and_others(api: Api) -> None:
    """CART-1: a guest's cart is the order of its token; sellers and suppliers have none."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    user, _ = await shop.shopper()
    order = new_id()
    guest = api.as_(user, roles=["Shopper"], order_id=order)
    assert (await guest.post("/v1/cart/lineitems", json={"ProductID": "P"})).status_code == 201
    assert (await guest.get("/v1/cart")).json()["ID"] == order
    assert (await guest.put(f"/v1/cart/{order}")).status_code == 204
    assert (await api.as_(user, roles=["Shopper"]).get("/v1/cart")).json()["ID"] is None
    assert (await api.seller.get("/v1/cart")).status_code == 403


async def test_checkout(api: Api) -> None:
    """CART-2 and CART-3: submit and validate act on the cart, which is none afterwards; without one 404 Order."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    _, http = await shop.shopper()
    for verb in ("validate", "submit"):
        missing = await http.post(f"/v1/cart/{verb}")
        assert (missing.status_code, missing.json()["Errors"][0]["Data"]["ObjectType"]) == (404, "Order")
    assert (await http.post("/v1/cart/lineitems", json={"ProductID": "P"})).status_code == 201
    assert (await http.post("/v1/cart/validate")).status_code == 204
    submitted = await http.post("/v1/cart/submit")
    assert (submitted.status_code, submitted.json()["Status"]) == (201, "Open")
    assert (await http.get("/v1/cart")).json()["ID"] is None
