"""Orders on their way to a submit, and what submits draw on: stock and spending accounts."""

from __future__ import annotations

from typing import Any

import httpx
from tests.api.marketplace import Api, User
from tests.api.shop import Shop, line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

STOCK = {"Enabled": True, "QuantityAvailable": 10}


async def submit(http: httpx.AsyncClient, order: str = "O", direction: str = "Outgoing") -> httpx.Response:
    return await http.post(f"/v1/orders/{direction}/{order}/submit")


async def placed(api: Api, *quantities: int, **facts: Any) -> tuple[Shop, User, httpx.AsyncClient]:
    """A shop with product P at 10, and a shopper's order O of lines of it."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10), **facts)
    user, http = await shop.shopper()
    await order_of(http, ID="O")
    for number, quantity in enumerate(quantities, 1):
        await line_of(http, "O", "P", quantity, ID=f"L{number}")
    return shop, user, http


async def left(api: Api, product: str = "P") -> int:
    """What a product has in stock."""
    found: int = (await api.seller.get(f"/v1/products/{product}")).json()["Inventory"]["QuantityAvailable"]
    return found


async def account(
    shop: Shop, user: User, balance: float, account_id: str = "A", *, exceeds: bool = False
) -> None:
    """A spending account of the user."""
    await shop.put(f"buyers/B/spendingaccounts/{account_id}", Balance=balance, AllowAsPaymentMethod=True)
    await shop.post(
        "buyers/B/spendingaccounts/assignments",
        SpendingAccountID=account_id,
        UserID=user.id,
        AllowExceed=exceeds,
    )


async def balance(api: Api, account_id: str = "A") -> float:
    found: float = (await api.seller.get(f"/v1/buyers/B/spendingaccounts/{account_id}")).json()["Balance"]
    return found


async def pay(http: httpx.AsyncClient, amount: float | None, account_id: str = "A", order: str = "O") -> None:
    body = {"Type": "SpendingAccount", "SpendingAccountID": account_id, "Amount": amount}
    await checked(http.post(f"/v1/orders/Outgoing/{order}/payments", json=body), 201)


async def sized(shop: Shop, product: str, quantity: int) -> None:
    """A product of one variant, which is counted."""
    await shop.product(product, (1, 10), Inventory={"Enabled": True, "VariantLevelTracking": True})
    await shop.put("specs/size", DefinesVariant=True, Required=True)
    seller = shop.seller
    await checked(seller.post("/v1/specs/size/options", json={"ID": "L", "Value": "L"}), 201)
    await shop.post("specs/productassignments", SpecID="size", ProductID=product)
    await checked(seller.post(f"/v1/products/{product}/variants/generate"), 201)
    variant = {"Active": True, "Inventory": {"QuantityAvailable": quantity}}
    await checked(seller.patch(f"/v1/products/{product}/variants/{product}-L", json=variant), 200)


async def kept(shop: Shop, product: str, quantity: int) -> None:
    """A product whose stock is the inventory record R."""
    await shop.put("addresses/A", Street1="1", City="C", Country="GB", State="S", Zip="1")
    await shop.product(product, (1, 10), Inventory=STOCK)
    record = {"ID": "R", "AddressID": "A", "QuantityAvailable": quantity}
    await checked(shop.seller.post(f"/v1/products/{product}/inventoryrecords", json=record), 201)
