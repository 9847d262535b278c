"""The suppliers that sell a product (SUP-3)."""

from __future__ import annotations

from typing import Any

from tests.api.marketplace import Api, codes
from tests.api.test_products import PATH, make
from tests.api.uniform.subjects import checked


async def suppliers(api: Api) -> None:
    """Suppliers S and T, price schedules of each and of the seller, by the names of their owners in lower case."""
    for supplier in ("S", "T"):
        await api.supplier(supplier)
    for price, owner in (("s", "S"), ("t", "T"), ("m", None)):
        body = {"ID": price, "Name": price, "OwnerID": owner}
        await checked(api.seller.post("/v1/priceschedules", json=body), 201)


async def test_list(api: Api) -> None:
    """SUP-3: suppliers with their default price, with search, sort and filters; a supplier sees itself (ORG-2)."""
    http = api.seller
    await suppliers(api)
    await make(http, OwnerID="S")
    await checked(http.patch("/v1/suppliers/T", json={"Name": "Zed", "xp": {"a": 1}}), 200)
    await checked(http.put(f"{PATH}/p/suppliers/t?defaultPriceScheduleID=T"), 204)
    await checked(http.put(f"{PATH}/P/suppliers/S"), 204)

    async def rows(query: str = "", caller: Any = http) -> list[dict[str, Any]]:
        page = (await checked(caller.get(f"{PATH}/P/suppliers?{query}"), 200)).json()
        assert page["Meta"]["TotalCount"] == len(page["Items"])
        return list(page["Items"])

    first, second = await rows()
    supplier = (await http.get("/v1/suppliers/T")).json()
    assert second == {"DefaultPriceScheduleID": "t", **supplier}
    assert list(second) == ["DefaultPriceScheduleID", *supplier]
    assert (first["ID"], first["DefaultPriceScheduleID"]) == ("S", None)
    for query, expected in (
        ("sortBy=!Name", ["T", "S"]),
        ("search=Zed", ["T"]),
        ("DefaultPriceScheduleID=t", ["T"]),
        ("xp.a=1", ["T"]),
        ("ID=nope", []),
    ):
        assert [row["ID"] for row in await rows(query)] == expected, query
    own = api.as_(await api.user(supplier="S"), roles=["ProductReader"])
    assert [row["ID"] for row in await rows(caller=own)] == ["S"]
    await checked(http.get(f"{PATH}/nope/suppliers"), 404)
    await make(http, "hidden")
    await checked(own.get(f"{PATH}/hidden/suppliers"), 404)


async def test_save(api: Api) -> None:
    """SUP-3: an upsert; the price schedule is the supplier's, or the seller's where the seller calls."""
    http = api.seller
    await suppliers(api)
    await make(http, AllSuppliersCanSell=True)
    supplier = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    cases: tuple[tuple[Any, str, int, str], ...] = (
        (http, "?defaultPriceScheduleID=m", 204, ""),
        (http, "?defaultPriceScheduleID=s", 204, ""),
        (http, "?defaultPriceScheduleID=t", 400, "PriceSchedule.InvalidDefaultPriceScheduleID"),
        (http, "?defaultPriceScheduleID=nope", 404, "NotFound"),
        (supplier, "?defaultPriceScheduleID=s", 204, ""),
        (supplier, "?defaultPriceScheduleID=m", 400, "PriceSchedule.InvalidDefaultPriceScheduleID"),
        (supplier, "?defaultPriceScheduleID=t", 404, "NotFound"),
        (supplier, "", 204, ""),
        (http, "", 204, ""),
    )
    for caller, query, status, code in cases:
        before = (await http.get(f"{PATH}/P/suppliers")).json()["Items"]
        answer = await checked(caller.put(f"{PATH}/P/suppliers/S{query}"), status)
        assert codes(answer) == [code] if code else answer.content == b""
        after = (await http.get(f"{PATH}/P/suppliers")).json()["Items"]
        if code:
            assert after == before
        else:
            assert [(row["ID"], row["DefaultPriceScheduleID"]) for row in after] == [
                ("S", query.rpartition("=")[2] or None)
            ]
    for url in (f"{PATH}/nope/suppliers/S", f"{PATH}/P/suppliers/nope"):
        for verb in ("PUT", "DELETE"):
            await checked(http.request(verb, url), 404)


async def test_who_may(api: Api) -> None:
    """SUP-3, ORG-2: a supplier relates itself, to what is offered to all, or what it owns or sells already."""
    http = api.seller
    await suppliers(api)
    await make(http, "offered", AllSuppliersCanSell=True)
    await make(http, "related")
    await checked(http.put(f"{PATH}/related/suppliers/S"), 204)
    await make(http, "own", OwnerID="S")
    await make(http, "sellers")
    await make(http, "theirs", OwnerID="T")
    supplier = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    for product, status, code in (
        ("offered", 204, None),
        ("related", 204, None),
        ("own", 204, None),
        ("sellers", 403, "Product.CannotModify"),
        ("theirs", 404, "NotFound"),
        ("nope", 404, "NotFound"),
    ):
        answer = await checked(supplier.put(f"{PATH}/{product}/suppliers/S"), status)
        assert code is None or codes(answer) == [code]
        await checked(
            supplier.put(f"{PATH}/{product}/suppliers/T"), 404 if code != "Product.CannotModify" else 403
        )
        await checked(supplier.delete(f"{PATH}/{product}/suppliers/S"), 204 if code is None else 404)


async def test_remove(api: Api) -> None:
    """SUP-3: it clears DefaultSupplierID if that named the supplier; 404 for what is not there (CONV-6)."""
    http = api.seller
    await suppliers(api)
    await make(http, DefaultSupplierID="S")
    await checked(http.put(f"{PATH}/P/suppliers/T"), 204)
    for supplier, left in (("T", "S"), ("s", None)):
        await checked(http.delete(f"{PATH}/P/suppliers/{supplier}"), 204)
        assert (await http.get(f"{PATH}/P")).json()["DefaultSupplierID"] == left
        await checked(http.delete(f"{PATH}/P/suppliers/{supplier}"), 404)


async def test_rename_and_delete(api: Api) -> None:
    """ASG-4: rows follow what they name, and go with it; but a price schedule leaves the row."""
    http = api.seller
    await suppliers(api)
    await make(http)
    await checked(http.put(f"{PATH}/P/suppliers/S?defaultPriceScheduleID=s"), 204)
    for path in ("products/P", "suppliers/S", "priceschedules/s"):
        await checked(http.patch(f"/v1/{path}", json={"ID": f"{path[-1]}9"}), 200)

    async def rows() -> list[tuple[str, str | None]]:
        items = (await checked(http.get(f"{PATH}/P9/suppliers"), 200)).json()["Items"]
        return [(item["ID"], item["DefaultPriceScheduleID"]) for item in items]

    assert await rows() == [("S9", "s9")]
    await checked(http.delete("/v1/priceschedules/s9"), 204)
    assert await rows() == [("S9", None)]
    await checked(http.delete("/v1/suppliers/S9"), 204)
    assert await rows() == []
