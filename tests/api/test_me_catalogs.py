"""Catalogs that a shopper may shop in (SHP-2, CTG-1, BUY-7)."""

from __future__ import annotations

import httpx
import pytest
from tests.api.marketplace import Api
from tests.api.test_me_products import post, put, shopper
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

CATALOGS = "/v1/me/catalogs"


async def seen(http: httpx.AsyncClient, query: str = "") -> list[str]:
    page = (await checked(http.get(f"{CATALOGS}?{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [item["ID"] for item in page["Items"]]


async def test_active_and_assigned(api: Api, other: Api) -> None:
    """SHP-2: to the buyer or its group, whoever owns it; each change shows at once."""
    await put(other, ("buyers/theirs", {}))
    await put(
        api, ("suppliers/S", {}), ("buyergroups/G", {}), ("buyers/B", {"GroupID": "G"}), ("buyers/X", {})
    )
    await put(api, ("catalogs/mine", {"Description": "shelf"}), ("catalogs/chain", {"OwnerID": "S"}))
    await put(api, ("catalogs/asleep", {"Active": False}))
    http = await shopper(api)
    assert await seen(http) == ["B"]
    for row in ({"CatalogID": "mine", "BuyerID": "B"}, {"CatalogID": "chain", "BuyerGroupID": "G"}):
        await post(api, ("catalogs/assignments", row))
    await post(api, ("catalogs/assignments", {"CatalogID": "asleep", "BuyerID": "B"}))
    assert sorted(await seen(http)) == ["B", "chain", "mine"]
    assert await seen(http, "sellerID=s") == ["chain"]
    assert await seen(http, f"sellerID={api.marketplace}&sortBy=!ID") == ["mine", "B"]
    assert await seen(http, "search=shelf") == ["mine"]
    assert await seen(http, "Name=m*") == ["mine"]
    assert (await checked(http.get(f"{CATALOGS}/MINE"), 200)).json() == (
        await checked(api.seller.get("/v1/catalogs/mine"), 200)
    ).json()
    for unseen in ("X", "asleep", "theirs", "nope"):
        assert (await http.get(f"{CATALOGS}/{unseen}")).status_code == 404
    await checked(api.seller.patch("/v1/buyers/B", json={"GroupID": None}), 200)
    await checked(api.seller.patch("/v1/catalogs/asleep", json={"Active": True}), 200)
    await checked(api.seller.patch("/v1/catalogs/mine", json={"ID": "ours"}), 200)
    assert sorted(await seen(http)) == ["B", "asleep", "ours"]
    await checked(api.seller.delete("/v1/catalogs/ours"), 204)
    assert sorted(await seen(http)) == ["B", "asleep"]
