"""A checkout for tests: a shop whose shopper's API client has a checkout event at a receiver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from tests.api.marketplace import Api, User, codes
from tests.api.receiver import HASH_KEY, Receiver
from tests.api.shop import Shop, line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

ORDER = "/v1/orders/Outgoing/O"


@dataclass
class Checkout(Shop):
    """A shopper with the order O: line L1 of 2 x 5, line L2 of 1 x 60."""

    user: User
    http: httpx.AsyncClient
    receiver: Receiver

    async def do(self, what: str, body: Any = None, http: httpx.AsyncClient | None = None) -> httpx.Response:
        """POST /orders/Outgoing/O/{what}"""
        return await (http or self.http).post(f"{ORDER}/{what}", json=body)

    async def worksheet(self, what: str = "", body: Any = None) -> dict[str, Any]:
        """The worksheet, after `what` has been done."""
        answer = await (self.do(what, body) if what else self.http.get(f"{ORDER}/worksheet"))
        assert answer.status_code == 200, answer.text
        sheet: dict[str, Any] = answer.json()
        return sheet

    async def failure(self, what: str) -> dict[str, Any]:
        """The response that stays of a question that failed, as the marketplace owner sees it. The shopper learns that it
        failed, not what came from abroad (IE-10, security 6).
        """
        refused = await self.do(what)
        assert (refused.status_code, codes(refused)) == (400, ["IntegrationEvent.BadRequest"]), refused.text
        url = "/v1/orders/Incoming/O/worksheet"
        kept: dict[str, Any] = (await self.api.seller.get(url)).json()[RESPONSES[what]]
        (error,) = refused.json()["Errors"]
        hidden = {"UnhandledErrorBody": NOT_SHOWN}
        assert error["Data"] == {"HttpStatusCode": kept["HttpStatusCode"], **hidden}
        assert (await self.worksheet())[RESPONSES[what]] == kept | hidden
        return kept


RESPONSES = {"estimateshipping": "ShipEstimateResponse", "calculate": "OrderCalculateResponse"}
NOT_SHOWN = "What the integration answered is shown to users of the marketplace owner."


async def set_event(api: Api, url: str, kind: str = "OrderCheckout", **facts: Any) -> None:
    """An integration event of this kind for the client of all users of the test. For one that elevates roles there is a client
    that acts as the administrator (IE-5).
    """
    if facts.get("ElevatedRoles"):
        await api.api_client(allow_seller=True, default_context_user=api.admin.key)
    event = {"Name": kind, "EventType": kind, "CustomImplementationUrl": url, "HashKey": HASH_KEY, **facts}
    await checked(api.seller.put(f"/v1/integrationEvents/{kind}", json=event), 200)
    patch = {f"{kind}IntegrationEventID": kind}
    await checked(api.seller.patch(f"/v1/apiclients/{api.client_id}", json=patch), 200)


async def open_checkout(api: Api, receiver: Receiver, **facts: Any) -> Checkout:
    """The shop, the order and the event; `facts` are the event's."""
    shop = await open_shop(api)
    await shop.product("A", (1, 5))
    await shop.product("B", (1, 60))
    user, http = await shop.shopper()
    await set_event(api, receiver.url, **facts)
    await order_of(http, ID="O")
    await line_of(http, "O", "A", 2, ID="L1")
    await line_of(http, "O", "B", 1, ID="L2")
    return Checkout(api, user, http, receiver)


def methods(*costs: float, estimate: str = "E1", **facts: Any) -> dict[str, Any]:
    """A ship estimate whose methods M1, M2, ... cost this."""
    ways = [
        {"ID": f"M{i}", "Name": f"Way {i}", "Cost": cost, "EstimatedTransitDays": i}
        for i, cost in enumerate(costs, 1)
    ]
    items = [{"LineItemID": "L1", "Quantity": 2}]
    return {"ID": estimate, "ShipMethods": ways, "ShipEstimateItems": items, **facts}


def select(*pairs: tuple[str, str]) -> dict[str, Any]:
    """A body of SelectShipMethods."""
    return {
        "ShipMethodSelections": [
            {"ShipEstimateID": estimate, "ShipMethodID": method} for estimate, method in pairs
        ]
    }


MONEY = ("Subtotal", "ShippingCost", "TaxCost", "Fees", "PromotionDiscount", "Total")


def money(sheet: dict[str, Any]) -> dict[str, float]:
    """The sums of the worksheet's order that are not zero."""
    return {name: sheet["Order"][name] for name in MONEY if sheet["Order"][name]}
