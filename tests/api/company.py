"""A buyer with two users in two groups, for what is assigned within it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from tests.api.marketplace import Api, User
from tests.api.uniform.subjects import checked

ADDRESS = {"Street1": "Main Street 1", "City": "Berlin", "Country": "DE"}


@dataclass
class Company:
    """Buyer `b` with `ann` in group `g1`, `bob` in `g2`; the other buyer `b2` has things with the same IDs."""

    api: Api
    ann: User
    bob: User

    @property
    def http(self) -> httpx.AsyncClient:
        return self.api.seller

    def me(self, user: User, *roles: str) -> httpx.AsyncClient:
        return self.api.as_(user, roles=roles or ["Shopper", "MeAddressAdmin", "MeCreditCardAdmin"])

    async def make(self, things: str, *ids: str, buyer: str = "b", **body: Any) -> None:
        for each in ids:
            await checked(self.http.post(f"/v1/buyers/{buyer}/{things}", json={**body, "ID": each}), 201)

    async def assign(self, things: str, buyer: str = "b", **body: Any) -> None:
        answer = await checked(self.http.post(f"/v1/buyers/{buyer}/{things}/assignments", json=body), 204)
        assert answer.content == b""


async def company(api: Api) -> Company:
    for buyer in ("b", "b2"):
        await api.buyer(buyer)
        for group in ("g1", "g2"):
            made = api.seller.post(f"/v1/buyers/{buyer}/usergroups", json={"ID": group, "Name": group})
            await checked(made, 201)
    ann, bob = await api.user(buyer="b", id="ann"), await api.user(buyer="b", id="bob")
    await api.user(buyer="b2", id="cid")
    for user, group in ((ann, "g1"), (bob, "g2")):
        body = {"UserID": user.id, "UserGroupID": group}
        await checked(api.seller.post("/v1/buyers/b/usergroups/assignments", json=body), 204)
    return Company(api, ann, bob)


async def ids(http: httpx.AsyncClient, url: str) -> list[str]:
    """The IDs of a list, in order."""
    page = (await checked(http.get(url), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [item["ID"] for item in page["Items"]]
