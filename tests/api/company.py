"""A buyer with two users in two groups, for what is assigned within it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from tests.api.marketplace import Api, User
from tests.api.shop import Shop
from tests.api.uniform.subjects import checked

ADDRESS = {"Street1": "Main Street 1", "City": "Berlin", "Country": "DE"}


@dataclass
class Company(Shop):
    """Buyer `b` with `ann` in group `g1`, `bob` in `g2`; the other buyer `b2` has things with the same IDs."""

    ann: User
    bob: User

    def me(self, user: User, *roles: str) -> httpx.AsyncClient:
        return self.api.as_(user, roles=roles or ["Shopper", "MeAddressAdmin", "MeCreditCardAdmin"])

    async def make(self, things: str, *ids: str, buyer: str = "b", **body: Any) -> None:
        for each in ids:
            await checked(self.seller.post(f"/v1/buyers/{buyer}/{things}", json={**body, "ID": each}), 201)

    async def assign(self, things: str, buyer: str = "b", **body: Any) -> None:
        answer = await checked(self.seller.post(f"/v1/buyers/{buyer}/{things}/assignments", json=body), 204)
        assert answer.content == b""


async def company(api: Api) -> Company:
    shop = Shop(api)
    for buyer in ("b", "b2"):
        await api.buyer(buyer)
        for group in ("g1", "g2"):
            await shop.put(f"buyers/{buyer}/usergroups/{group}")
    ann, bob = await api.user(buyer="b", id="ann"), await api.user(buyer="b", id="bob")
    await api.user(buyer="b2", id="cid")
    for user, group in ((ann, "g1"), (bob, "g2")):
        await shop.post("buyers/b/usergroups/assignments", UserID=user.id, UserGroupID=group)
    return Company(api, ann, bob)
