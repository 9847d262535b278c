"""The parts of catalogs' trees that a shopper sees (CTY-3 to CTY-6, SHP-2)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.test_me_products import post, put, shopper
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

CATEGORIES = "/v1/me/categories"
ROWS = "catalogs/B/categories/assignments"
TREE = (
    ("Root", None),
    ("Shoes", "Root"),
    ("Boots", "Shoes"),
    ("Hats", "Root"),
    ("Caps", "Hats"),
    ("Sale", None),
)


async def seen(http: httpx.AsyncClient, query: str = "depth=all") -> list[str]:
    page = (await checked(http.get(f"{CATEGORIES}?{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [item["ID"] for item in page["Items"]]


async def flags(api: Api, category: str, visible: bool | None, **party: Any) -> None:
    row = {"CategoryID": category, "BuyerID": "B", "Visible": visible, **party}
    await post(api, (ROWS, row))


async def plant(api: Api) -> None:
    await put(api, ("buyers/B", {}), ("buyers/B/usergroups/VIP", {}), ("buyers/X", {}))
    for position, (category, parent) in enumerate(TREE):
        body = {"ParentID": parent, "ListOrder": position}
        await put(api, (f"catalogs/B/categories/{category}", body))


async def test_depth_and_filters(api: Api) -> None:
    """CTY-3: the same tree, order and depth as for admins, as far as it is visible; SHP-2, behaviour D10: productID."""
    await plant(api)
    await put(api, ("products/P", {}))
    row = {"CategoryID": "Boots", "ProductID": "P"}
    await post(api, ("catalogs/B/categories/productassignments", row))
    await put(api, ("catalogs/B/categories/Asleep", {"Active": False}))
    await put(api, ("catalogs/B/categories/Dreaming", {"ParentID": "Asleep"}))
    http = await shopper(api)
    for query, expected in {
        "": "Root Sale",
        "depth=2": "Root Shoes Hats Sale",
        "depth=all": "Root Shoes Boots Hats Caps Sale",
        "ParentID=Root": "Shoes Hats",
        "ParentID=shoes|hats": "Boots Caps",
        "depth=2&ParentID=Root": "Shoes Boots Hats Caps",
        "depth=all&search=s": "Boots Caps Hats Sale Shoes",
        "depth=all&sortBy=!ID": "Shoes Sale Root Hats Caps Boots",
        "depth=all&catalogID=b&Name=C*": "Caps",
        "depth=all&productID=p": "Boots",
        "productID=p": "Boots",
        "productID=p&depth=2": "",
        "productID=p&ParentID=Root": "Boots",
        "productID=p&ParentID=Hats": "",
        "depth=all&catalogID=X": "",
        "depth=all&catalogID=nope": "",
    }.items():
        found = await seen(http, query)
        assert (sorted(found) if "search" in query else found) == expected.split(), query
    assert codes(await http.get(f"{CATEGORIES}?depth=0")) == ["Category.InvalidDepth"]
    assert (await checked(http.get(f"{CATEGORIES}/boots"), 200)).json() == (
        await checked(api.seller.get("/v1/catalogs/B/categories/Boots"), 200)
    ).json()
    for unseen in ("Boots?catalogID=X", "Asleep", "Dreaming", "nope"):
        assert (await http.get(f"{CATEGORIES}/{unseen}")).status_code == 404
    await checked(api.seller.patch("/v1/buyers/B", json={"DefaultCatalogID": None}), 200)
    assert await seen(http) == []
    assert (await http.get(f"{CATEGORIES}/Boots")).status_code == 404
    assert (await http.get(f"{CATEGORIES}/Boots?catalogID=B")).status_code == 200


async def test_visible(api: Api) -> None:
    """VIS-E1 for categories, CTY-4 to CTY-6: the nearest value counts, groups before the buyer."""
    await plant(api)
    anybody, vip, stranger = await shopper(api), await shopper(api, "VIP"), await shopper(api, buyer="X")
    everything = await seen(anybody)
    await flags(api, "Shoes", False)
    rest = [each for each in everything if each not in ("Shoes", "Boots")]
    assert await seen(anybody) == await seen(vip) == rest
    await flags(api, "Boots", True, UserGroupID="VIP")
    assert (await seen(anybody), await seen(vip)) == (rest, ["Root", "Boots", *rest[1:]])
    assert await seen(vip, "") == ["Root", "Sale"]
    assert (await vip.get(f"{CATEGORIES}/Boots")).status_code == 200
    for http, category in ((vip, "Shoes"), (anybody, "Boots"), (stranger, "Root")):
        assert (await http.get(f"{CATEGORIES}/{category}")).status_code == 404
    row = {"CatalogID": "B", "BuyerID": "B", "ViewAllCategories": False}
    await post(api, ("catalogs/assignments", row))
    assert (await seen(anybody), await seen(vip)) == ([], ["Boots"])
    await flags(api, "Root", True)
    await flags(api, "Boots", None, UserGroupID="VIP")
    assert await seen(vip) == ["Root", "Hats", "Caps"]
    await checked(api.seller.patch("/v1/catalogs/B/categories/Hats", json={"Active": False}), 200)
    assert await seen(vip) == ["Root"]
