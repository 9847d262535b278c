"""The order of the worked examples of promotions section 10, made through the API: Subtotal 100, Total 120.50."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from tests.api.marketplace import Api, User
from tests.api.shop import Shop, line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

ORDER = "/v1/orders/Outgoing/O"
BIKE = "item.ProductID = 'ABC'"
EVERY = "item.Quantity >= 1"


@dataclass
class Sale(Shop):
    """A shop with promotions. `http` is the shopper whose order O is."""

    user: User
    http: httpx.AsyncClient

    async def promotion(
        self, promotion_id: str, value: str | None, eligible: str = "true", **facts: Any
    ) -> None:
        """A promotion for everybody, whose code is its ID."""
        body = {
            "Code": promotion_id,
            "EligibleExpression": eligible,
            "ValueExpression": value,
            "AllowAllBuyers": True,
            "CanCombine": True,
            **facts,
        }
        await checked(self.seller.put(f"/v1/promotions/{promotion_id}", json=body), 200)

    async def add(self, code: str, order: str = "O") -> httpx.Response:
        """AddPromotion by the shopper."""
        return await self.http.post(f"/v1/orders/Outgoing/{order}/promotions/{code}")

    async def added(self, *codes: str) -> None:
        """These codes are added."""
        for code in codes:
            await checked(self.add(code), 201)

    async def order(self, order: str = "O") -> dict[str, Any]:
        """The order as it stands."""
        found: dict[str, Any] = (await checked(self.http.get(f"/v1/orders/Outgoing/{order}"), 200)).json()
        return found

    async def lines(self, order: str = "O") -> dict[str, dict[str, Any]]:
        """Its lines by ID."""
        answer = await checked(self.http.get(f"/v1/orders/Outgoing/{order}/lineitems"), 200)
        return {line["ID"]: line for line in answer.json()["Items"]}

    async def rows(self, order: str = "O") -> str:
        """`P A 3.00, P 5.00`: the promotions of an order, with their lines and amounts."""
        answer = await checked(
            self.http.get(f"/v1/orders/Outgoing/{order}/promotions?sortBy=DateApplied,ID&pageSize=100"), 200
        )
        return spelled(answer.json()["Items"])

    async def count(self, promotion_id: str) -> int:
        """RedemptionCount."""
        found: int = (await self.seller.get(f"/v1/promotions/{promotion_id}")).json()["RedemptionCount"]
        return found


def spelled(rows: list[dict[str, Any]]) -> str:
    """`P A 3.00, P 5.00`"""
    return ", ".join(
        " ".join((row["ID"], *([row["LineItemID"]] if row["LineItemID"] else ()), f"{row['Amount']:.2f}"))
        for row in rows
    )


async def open_sale(api: Api) -> Sale:
    """The fixture of section 10."""
    shop = await open_shop(api)
    seller = api.seller
    await shop.put("suppliers/S1", AllBuyersCanOrder=True)
    await shop.put("suppliers/S2", AllBuyersCanOrder=True)
    await shop.product("ABC", (1, 10), DefaultSupplierID="S1", xp={"OnSale": True, "Tags": ["tag1", "red"]})
    await shop.product(
        "XYZ", (1, 20), DefaultSupplierID="S2", xp={"OnSale": True, "Tags": ["red"], "NumberArray": [20, 23]}
    )
    await shop.product("Q1", (1, 30), DefaultSupplierID="S1", xp={})
    await shop.put("catalogs/C/categories/Bikes")
    await shop.put("catalogs/C/categories/Gear")
    await shop.put("catalogs/C/categories/Helmets", ParentID="Gear")
    await shop.post("catalogs/C/categories/productassignments", CategoryID="Bikes", ProductID="ABC")
    await shop.post("catalogs/C/categories/productassignments", CategoryID="Helmets", ProductID="XYZ")
    user, http = await shop.shopper()
    xp = {"FirstOrder": True, "Tier": "Gold"}
    await checked(seller.patch(f"/v1/buyers/B/users/{user.id}", json={"xp": xp}), 200)
    order_xp = {
        "Tags": ["tag1", "tag2", "tag3"],
        "Nums": [1, 23],
        "Channel": "Web",
        "Points": "150",
        "Flag": True,
        "Name": "O'Neil",
    }
    await order_of(http, ID="O", xp=order_xp)
    await line_of(http, "O", "ABC", 3, ID="A", CostCenter="CC1", xp={"Gift": True})
    await line_of(http, "O", "XYZ", 2, ID="B", CostCenter="CC2", xp={})
    await line_of(http, "O", "Q1", 1, ID="C", CostCenter="CC1", xp={})
    address = {"Street1": "1 Main St", "City": "St Paul", "State": "MN", "Zip": "55101", "Country": "US"}
    await checked(http.put(f"{ORDER}/billto", json=address), 200)
    costs = {"ShippingCost": 12.5, "TaxCost": 8}
    await checked(seller.patch("/v1/orders/Incoming/O", json=costs), 200)
    return Sale(api, user, http)
