"""A small shop for tests of orders: a buyer with shoppers, products at prices, suppliers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from tests.api.marketplace import Api, User
from tests.api.uniform.subjects import checked

ME = ("Shopper", "MeAdmin")


@dataclass
class Shop:
    """A buyer B with the catalog C, in which every product of the test is."""

    api: Api

    @property
    def seller(self) -> httpx.AsyncClient:
        """The marketplace owner's administrator."""
        return self.api.seller

    async def put(self, path: str, **body: Any) -> None:
        """PUT as the seller; the name is the ID where the body has none."""
        named = {"Name": path.rpartition("/")[2], "Active": True, **body}
        await checked(self.seller.put(f"/v1/{path}", json=named), 200)

    async def post(self, path: str, **row: Any) -> None:
        """POST of an assignment as the seller."""
        await checked(self.seller.post(f"/v1/{path}", json=row), 204)

    async def schedule(self, schedule_id: str, *breaks: tuple[int, float], **facts: Any) -> None:
        """A price schedule with these breaks."""
        rows = [{"Quantity": quantity, "Price": price} for quantity, price in breaks]
        await self.put(f"priceschedules/{schedule_id}", PriceBreaks=rows, **facts)

    async def product(self, product_id: str, *breaks: tuple[int, float], **facts: Any) -> None:
        """A product of the catalog with a price schedule of its own, of the same ID."""
        terms = facts.pop("terms", {})
        if breaks:
            await self.schedule(product_id, *breaks, **terms)
            facts.setdefault("DefaultPriceScheduleID", product_id)
        await self.put(f"products/{product_id}", **facts)
        if facts.get("ParentID") is None:
            await self.post("catalogs/productassignments", CatalogID="C", ProductID=product_id)

    async def shopper(
        self, *groups: str, buyer: str = "B", roles: tuple[str, ...] = ME
    ) -> tuple[User, httpx.AsyncClient]:
        """A user of the buyer in these groups, and its calls."""
        user = await self.api.user(buyer=buyer)
        for group in groups:
            await self.post(f"buyers/{buyer}/usergroups/assignments", UserID=user.id, UserGroupID=group)
        return user, self.api.as_(user, roles=roles)


async def open_shop(api: Api) -> Shop:
    """The buyer and its catalog, in which it sees everything."""
    shop = Shop(api)
    await shop.put("catalogs/C")
    await shop.put("buyers/B", DefaultCatalogID="C")
    await shop.post(
        "catalogs/assignments", CatalogID="C", BuyerID="B", ViewAllCategories=True, ViewAllProducts=True
    )
    return shop


async def order_of(http: httpx.AsyncClient, direction: str = "Outgoing", **body: Any) -> dict[str, Any]:
    """A new order."""
    answer = await checked(http.post(f"/v1/orders/{direction}", json=body), 201)
    order: dict[str, Any] = answer.json()
    return order


async def line_of(
    http: httpx.AsyncClient, order: str, product: str, quantity: int = 1, **body: Any
) -> dict[str, Any]:
    """A new line of an outgoing order."""
    sent = {"ProductID": product, "Quantity": quantity, **body}
    answer = await checked(http.post(f"/v1/orders/Outgoing/{order}/lineitems", json=sent), 201)
    line: dict[str, Any] = answer.json()
    return line


async def get_order(http: httpx.AsyncClient, order: str, direction: str = "Outgoing") -> dict[str, Any]:
    """The order as it stands."""
    found: dict[str, Any] = (await checked(http.get(f"/v1/orders/{direction}/{order}"), 200)).json()
    return found


async def submitted(http: httpx.AsyncClient, order: str, direction: str = "Outgoing") -> dict[str, Any]:
    """The order after its submit."""
    answer = await checked(http.post(f"/v1/orders/{direction}/{order}/submit"), 201)
    found: dict[str, Any] = answer.json()
    return found


async def ids(http: httpx.AsyncClient, url: str) -> list[str]:
    """The IDs of a list, in order."""
    page = (await checked(http.get(url), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [item["ID"] for item in page["Items"]]
