"""A shop whose goods come back, for tests of returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from tests.api.marketplace import Api, User
from tests.api.outbox import told
from tests.api.shop import Shop, line_of, open_shop, order_of, submitted
from tests.api.uniform.subjects import checked

RETURNS = "/v1/orderreturns"


@dataclass
class Returning(Shop):
    """A shopper with the completed order O: L1 one pair of shoes of 75, L2 four socks of 10, L3 one gift of 5 that is
    not Returnable. Total 120.
    """

    user: User
    http: httpx.AsyncClient

    async def make(self, *items: Any, http: httpx.AsyncClient | None = None, **body: Any) -> dict[str, Any]:
        """A new return R of O; items are line IDs, or pairs of line ID and quantity, or objects."""
        sent = {"ID": "R", "OrderID": "O", "ItemsToReturn": [item_of(item) for item in items], **body}
        answer = await checked((http or self.http).post(RETURNS, json=sent), 201)
        made: dict[str, Any] = answer.json()
        return made

    async def do(
        self, what: str, body: Any = None, *, http: httpx.AsyncClient | None = None, name: str = "R"
    ) -> httpx.Response:
        """POST /orderreturns/R/{what}"""
        return await (http or self.seller).post(f"{RETURNS}/{name}/{what}", json=body)

    async def get(self, name: str = "R") -> dict[str, Any]:
        found: dict[str, Any] = (await checked(self.seller.get(f"{RETURNS}/{name}"), 200)).json()
        return found

    async def approvers(self, group: str, company: str = "") -> tuple[User, httpx.AsyncClient]:
        """A group of the seller or of a supplier, with one member, who may do what administrators of orders may."""
        path = f"suppliers/{company}/" if company else ""
        await self.put(f"{path}usergroups/{group}")
        user = await (self.api.user(supplier=company) if company else self.api.user())
        await self.post(f"{path}usergroups/assignments", UserID=user.id, UserGroupID=group)
        return user, self.api.as_(user, roles=["OrderAdmin"])

    async def rule(self, name: str, expression: str, group: str, **facts: Any) -> None:
        body = {"ApprovalType": "OrderReturn", "ApprovingGroupID": group, "RuleExpression": expression}
        await self.put(f"approvalrules/{name}", **body, **facts)

    async def approvals(self) -> list[tuple[str, str]]:
        listed = (await self.seller.get(f"{RETURNS}/R/approvals")).json()
        return [(each["ApprovalRuleID"], each["Status"]) for each in listed["Items"]]

    async def messages(self) -> list[tuple[str, str]]:
        """Since the last time: type and recipient."""
        return await told(self.api)


async def open_returning(api: Api, *, complete: bool = True) -> Returning:
    shop = await open_shop(api)
    await shop.product("shoes", (1, 75), Returnable=True)
    await shop.product("socks", (1, 10), Returnable=True)
    await shop.product("gift", (1, 5))
    returning = Returning(api, *await shop.shopper())
    await order_of(returning.http, ID="O")
    for line, product, quantity in (("L1", "shoes", 1), ("L2", "socks", 4), ("L3", "gift", 1)):
        await line_of(returning.http, "O", product, quantity, ID=line)
    await submitted(returning.http, "O")
    if complete:
        await checked(shop.seller.post("/v1/orders/Incoming/O/complete"), 201)
    await returning.messages()
    return returning


def item_of(item: Any) -> Any:
    if isinstance(item, dict):
        return item
    line, quantity = item if isinstance(item, tuple) else (item, 1)
    return {"LineItemID": line, "Quantity": quantity}
