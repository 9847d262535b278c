"""A marketplace whose every change is synchronized to a receiver of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.api.dispatching import Post, posting
from tests.api.marketplace import Api
from tests.api.receiver import HASH_KEY, Receiver

ENTITIES = {
    "adminusers": "AdminUsers",
    "buyers/users": "BuyerUsers",
    "buyers": "Buyers",
    "catalogs": "Catalogs",
    "categories": "Categories",
    "products/inventoryrecords": "InventoryRecords",
    "suppliers/users": "SupplierUsers",
    "suppliers": "Suppliers",
    "buyers/usergroups": "BuyerUserGroups",
}
PREFIX = "sitecore.ordercloud.messages."


class Synchronized:
    """What the receiver has been sent since somebody last looked."""

    def __init__(self, api: Api, post: Post, receiver: Receiver) -> None:
        self.api, self.post, self.receiver = api, post, receiver
        self.seen = 0

    async def write(self, verb: str, path: str, body: Any = None, client: Any = None) -> Any:
        """The answer to a request that succeeds."""
        answer = await (client or self.api.seller).request(
            verb, f"/v1/{path}", **({} if body is None else {"json": body})
        )
        assert answer.status_code < 300, (verb, path, answer.text)
        return answer.json() if answer.content else None

    async def sent(self) -> list[Any]:
        """The bodies of new messages, each of them signed; by their types and things, since those of one keep their order alone."""
        await self.post.settle()
        new, self.seen = self.receiver.received[self.seen :], len(self.receiver.received)
        assert all(each.is_signed for each in new)
        return sorted((each.body for each in new), key=_thing)

    async def told(self) -> list[str]:
        """The new messages as `product.updated p1`."""
        return [named(body) for body in await self.sent()]

    async def settings(self, **values: Any) -> None:
        """Change settings of all synchronizations of entities and of products."""
        paths = [*(f"integrations/entitysync/{path}" for path in ENTITIES), "integrations/productsync"]
        for path in paths:
            await self.write("PATCH", path, values)


def _thing(body: Any) -> tuple[str, str, str]:
    payload = body["Payload"]
    return (body["Headers"]["type"], payload.get("ProductID") or "", payload.get("ID") or "")


def named(body: Any) -> str:
    """`entitysync.buyer.updated b1`"""
    payload = body["Payload"]
    return f"{body['Headers']['type'].removeprefix(PREFIX)} {payload.get('ProductID') if 'product.' in body['Headers']['type'] else payload['ID']}"


@asynccontextmanager
async def synchronizing(
    api: Api, receiver: Receiver, *, inventory: bool = False
) -> AsyncIterator[Synchronized]:
    """Everything is synchronized by one delivery configuration with an HTTP target."""
    receiver.answers["/sync"] = {}
    async with posting(api) as post:
        world = Synchronized(api, post, receiver)
        target = {"Endpoint": f"{receiver.url}/sync", "Secret": HASH_KEY}
        config = {"Name": "C", "Enabled": True, "DeliveryTargets": {"Http": target}}
        await world.write("PUT", "integrations/deliveryconfig/c", config)
        both = {"SyncEntityChanged": True, "SyncEntityDeleted": True, "DeliveryConfigID": "c"}
        for path in ENTITIES:
            await world.write("PUT", f"integrations/entitysync/{path}", both)
        products = {"SyncProductChanged": True, "SyncProductDeleted": True, "DeliveryConfigID": "c"}
        await world.write("PUT", "integrations/productsync", products)
        await world.write("PUT", "integrations/OrderSync", {"DeliveryConfigID": "c"})
        if inventory:
            await world.write("PUT", "integrations/inventory", {"DeliveryConfigID": "c"})
        yield world
