"""Readers of another party see those that it serves or is served by, and nobody else (ORG-2, security 16)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api
from tests.api.uniform.subjects import checked

from entrepot.app.registry import registry
from entrepot.http.routing import mounted
from entrepot.kernel.user_types import UserType

READS = [operation for operation in registry().operations.values() if operation.verb == "GET"]
OF_BUYERS = [
    operation.path
    for operation in READS
    if operation.path.startswith("/buyers/{buyerID}")
    and UserType.SUPPLIER in operation.user_types
    and operation.path_parameters == ("buyerID",)
]
OF_SUPPLIERS = [
    operation.path
    for operation in READS
    if operation.path.startswith("/suppliers/{supplierID}")
    and UserType.BUYER in operation.user_types
    and operation.path_parameters == ("supplierID",)
]


async def statuses(http: httpx.AsyncClient, paths: list[str], **ids: str) -> dict[str, int]:
    """What these paths answer."""
    return {path: (await http.get(mounted(path.format(**ids)))).status_code for path in paths}


def all_of(paths: list[str], status: int) -> dict[str, int]:
    return dict.fromkeys(paths, status)


async def names(http: httpx.AsyncClient, path: str) -> list[str]:
    page = (await checked(http.get(f"/v1/{path}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [item["ID"] for item in page["Items"]]


def test_there_are_such_paths() -> None:
    """Else the loops prove nothing."""
    assert len(OF_BUYERS) > 12
    assert len(OF_SUPPLIERS) > 4


async def _relate(api: Api) -> None:
    await checked(api.seller.put("/v1/suppliers/s/buyers/b"), 204)


async def _open(api: Api) -> None:
    await checked(api.seller.patch("/v1/suppliers/s", json={"AllBuyersCanOrder": True}), 200)


async def _trade(api: Api) -> None:
    """An order, after which the relation ends."""
    await _relate(api)
    shopper = api.as_(await api.user(buyer="b"), roles=["Shopper"])
    await checked(shopper.post("/v1/orders/outgoing", json={"ToCompanyID": "s"}), 201)
    await checked(api.seller.delete("/v1/suppliers/s/buyers/b"), 204)


@pytest.mark.parametrize("become", [_relate, _open, _trade])
async def test_only_served_buyers_and_serving_suppliers(api: Api, other: Api, become: Any) -> None:
    """Both ways and in every list below a company: by assignment, by a supplier open to all, by orders between them."""
    for each in (api, other):
        for company in ("b", "b2"):
            await each.buyer(company)
        for company in ("s", "s2"):
            await each.supplier(company)
    await checked(other.seller.put("/v1/suppliers/s/buyers/b2"), 204)
    await checked(api.seller.put("/v1/suppliers/s2/buyers/b2"), 204)
    supplier = api.as_(await api.user(supplier="s"), roles=["FullAccess"])
    buyer = api.as_(await api.user(buyer="b"), roles=["FullAccess"])
    assert await statuses(supplier, OF_BUYERS, buyerID="b") == all_of(OF_BUYERS, 404)
    assert await statuses(buyer, OF_SUPPLIERS, supplierID="s") == all_of(OF_SUPPLIERS, 404)
    assert (await names(supplier, "buyers"), await names(buyer, "suppliers")) == ([], [])
    await become(api)
    assert await statuses(supplier, OF_BUYERS, buyerID="B") == all_of(OF_BUYERS, 200)
    assert await statuses(buyer, OF_SUPPLIERS, supplierID="S") == all_of(OF_SUPPLIERS, 200)
    assert await names(buyer, "suppliers") == ["s"]
    served = ["b", "b2"] if become is _open else ["b"]
    assert await names(supplier, "buyers") == served
    assert await statuses(supplier, OF_BUYERS, buyerID="b2") == all_of(
        OF_BUYERS, 200 if "b2" in served else 404
    )
    assert await statuses(buyer, OF_SUPPLIERS, supplierID="s2") == all_of(OF_SUPPLIERS, 404)
