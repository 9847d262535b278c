"""Premium search over the products themselves (SRCH-4, PRD-8); the engine's own tests are in tests/storage/listing."""

from __future__ import annotations

import pytest
from tests.api.marketplace import Api
from tests.domain.listing.goods import SHIRTS, WORKED

PRODUCTS = "/v1/products"


@pytest.fixture
async def shirts(api: Api) -> Api:
    for shirt in SHIRTS:
        made = await api.seller.put(f"{PRODUCTS}/{shirt['ID']}", json={"Name": shirt["Name"]})
        assert made.status_code == 200
    return api


async def found(api: Api, query: str) -> list[str]:
    answer = await api.seller.get(f"{PRODUCTS}?{query}")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [item["ID"] for item in page["Items"]]


async def test_worked_examples(shirts: Api) -> None:
    assert {query: await found(shirts, query) for query in WORKED} == WORKED


async def test_writes_are_found_at_once(shirts: Api, other: Api) -> None:
    """PRD-8: what a write makes of a product is what the next search finds, and renames and deletes with it."""
    http = shirts.seller
    await http.patch(
        f"{PRODUCTS}/1", json={"Name": "Trousers", "Description": "Never a shirt", "xp": {"Cut": "slim"}}
    )
    assert await found(shirts, "search=shirt") == ["2", "3", "1"]
    assert await found(shirts, "search=trouser") == ["1"]
    assert await found(shirts, "search=slim") == []
    assert await found(shirts, "search=slim&searchOn=xp.Cut") == ["1"]
    await http.patch(f"{PRODUCTS}/1", json={"ID": "slacks-7", "Description": None})
    assert await found(shirts, "search=SLACKS") == ["slacks-7"]
    assert await found(shirts, "search=shirts") == ["2", "3"]
    await http.delete(f"{PRODUCTS}/2")
    assert await found(shirts, "search=shirts") == ["3"]
    assert await found(other, "search=shirts") == []


async def test_what_a_child_shows_is_what_it_is_found_by(api: Api) -> None:
    """PRD-6: a child without a description is found by its parent's, and by the new one when that changes."""
    http = api.seller
    await http.put(
        f"{PRODUCTS}/parent", json={"Name": "Chair", "Description": "made of oak", "IsParent": True}
    )
    await http.put(f"{PRODUCTS}/child", json={"Name": "Red one", "ParentID": "parent"})
    assert await found(api, "search=oak") == ["child", "parent"]
    await http.patch(f"{PRODUCTS}/parent", json={"Description": "made of elm"})
    assert await found(api, "search=oak") == []
    assert await found(api, "search=elm red") == ["child", "parent"]
