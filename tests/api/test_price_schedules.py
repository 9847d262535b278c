"""Price schedules, their breaks and sales (PS-1, PS-2, PS-6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

PATH = "/v1/priceschedules"


def price(quantity: int, amount: float, **others: float | None) -> dict[str, Any]:
    """A price break as it is shown."""
    blank = {"SalePrice": None, "SubscriptionPrice": None, "BundlePrice": None}
    return {"Quantity": quantity, "Price": amount, **blank, **others}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"MinQuantity": 5, "MaxQuantity": 4}, "PriceSchedule.MinGreaterThanMax"),
        ({"MaxQuantity": 0}, "PriceSchedule.MinGreaterThanMax"),
        ({"MinQuantity": None, "MaxQuantity": 0}, "PriceSchedule.MinGreaterThanMax"),
        ({"MinQuantity": 0}, "ValidationFailure"),
        ({"PriceBreaks": [price(1, 2), price(1, 3)]}, "PriceSchedule.DuplicatePriceBreaks"),
        ({"PriceBreaks": [price(0, 2), price(0, 3)]}, "PriceSchedule.DuplicatePriceBreaks"),
        ({"PriceBreaks": [price(0, 2)]}, "PriceSchedule.MinQtyMustBePositive"),
        ({"PriceBreaks": [price(-1, 2)]}, "ValidationFailure"),
        ({"PriceBreaks": [{"Quantity": 1}]}, "ValidationFailure"),
        ({"SaleStart": "2026-01-02", "SaleEnd": "2026-01-01"}, "PriceSchedule.InvalidSaleStartOrSaleEnd"),
        ({"SaleStart": "2026-01-02", "SaleEnd": "2026-01-02"}, "PriceSchedule.InvalidSaleStartOrSaleEnd"),
    ],
)
async def test_refused(body: dict[str, Any], code: str, api: Api) -> None:
    """PS-1, PS-6: by every verb, and nothing is written."""
    http = api.seller
    made = (await checked(http.put(f"{PATH}/p", json={"Name": "P"}), 200)).json()
    for verb, url in (("POST", ""), ("PUT", "/new"), ("PUT", "/p"), ("PATCH", "/p")):
        refused = await checked(http.request(verb, PATH + url, json={"Name": "P", **body}), 400)
        assert codes(refused) == [code]
    assert (await checked(http.get(f"{PATH}/p"), 200)).json() == made
    await checked(http.get(f"{PATH}/new"), 404)


async def test_allowed(api: Api) -> None:
    """PS-1: the edges, breaks in ascending order, prices without trailing zeros, PATCH replaces the array whole."""
    http = api.seller
    bodies: list[dict[str, Any]] = [
        {"MinQuantity": 4, "MaxQuantity": 4},
        {"MinQuantity": None, "MaxQuantity": 1},
        {"PriceBreaks": []},
        {"PriceBreaks": [price(0, 2), price(1, 1)]},
        {"SaleStart": "2026-01-01T00:00:00.000+00:00", "SaleEnd": "2026-01-01T00:00:00.001+00:00"},
        {"SaleEnd": "2020-01-01T00:00:00+00:00"},
    ]
    for body in bodies:
        made = (await checked(http.post(PATH, json={"Name": "P", **body}), 201)).json()
        if "SaleStart" not in body:
            assert {name: made[name] for name in body} == body
    raw = b'{"Name": "P", "PriceBreaks": [{"Quantity": 10, "Price": 4.50, "pricE": 9}, {"Quantity": 1, "Price": "5.00"}]}'
    answer = await checked(http.put(f"{PATH}/p", content=raw), 200)
    assert answer.json()["PriceBreaks"] == [price(1, 5), price(10, 4.5)]
    assert b'"Price":5,' in answer.content
    assert b'"Price":4.5,' in answer.content
    patched = await checked(http.patch(f"{PATH}/p", json={"PriceBreaks": [price(3, 2)]}), 200)
    assert patched.json()["PriceBreaks"] == [price(3, 2)]
    found = (await checked(http.get(f"{PATH}?PriceBreaks.Quantity=3"), 200)).json()["Items"]
    assert [item["ID"] for item in found] == ["p"]


async def test_single_breaks(api: Api) -> None:
    """PS-2: POST upserts by quantity and shows the whole; DELETE of an unknown quantity is 404."""
    http = api.seller
    breaks = f"{PATH}/P/PriceBreaks"
    await checked(http.post(PATH, json={"ID": "P", "Name": "P", "xp": {"b": 1, "a": 2}}), 201)
    shown: dict[str, Any] = {}
    for quantity, amount, expected in (
        (10, 8, [price(10, 8)]),
        (1, 10, [price(1, 10), price(10, 8)]),
        (10, 7.25, [price(1, 10), price(10, 7.25)]),
    ):
        answer = await checked(http.post(breaks, json={"Quantity": quantity, "Price": amount}), 201)
        shown = answer.json()
        assert shown["PriceBreaks"] == expected
        assert (await http.get(f"{PATH}/P")).json() == shown
    answers = await asyncio.gather(
        *(http.post(breaks, json={"Quantity": quantity, "Price": 1}) for quantity in range(20, 26))
    )
    assert {answer.status_code for answer in answers} == {201}
    for quantity in range(20, 26):
        await checked(http.delete(f"{breaks}?quantity={quantity}"), 204)
    assert (await http.get(f"{PATH}/P")).json() == shown, "no break is lost, and none stays"
    for query, status, code in (
        ("?quantity=7", 404, "PriceSchedule.QtyNotFound"),
        ("", 400, "ValidationFailure"),
        ("?quantity=x", 400, "List.InvalidType"),
    ):
        assert codes(await checked(http.delete(breaks + query), status)) == [code]
    for body, code in (
        ({"Price": 1}, "ValidationFailure"),
        ({"Quantity": -1, "Price": 1}, "ValidationFailure"),
        (None, "Request.InvalidRequestBody"),
    ):
        assert codes(await checked(http.post(breaks, json=body), 400)) == [code]
    for verb in ("POST", "DELETE"):
        missing = await checked(http.request(verb, f"{PATH}/x/PriceBreaks?quantity=1", json=price(1, 1)), 404)
        assert missing.json()["Errors"][0]["Data"] == {"ObjectType": "PriceSchedule", "ObjectID": "x"}
    await checked(http.post(breaks, json={"Quantity": 0, "Price": 1}), 201)
    await checked(http.delete(f"{breaks}?quantity=1"), 204)
    assert codes(await checked(http.delete(f"{breaks}?quantity=10"), 400)) == [
        "PriceSchedule.MinQtyMustBePositive"
    ]
    await checked(http.delete(f"{breaks}?quantity=0"), 204)
    await checked(http.delete(f"{breaks}?quantity=10"), 204)
    assert (await http.get(f"{PATH}/P")).json() == {**shown, "PriceBreaks": []}


async def test_suppliers_breaks(api: Api) -> None:
    """ORG-4"""
    for name, owner in (
        ("own", await api.supplier("S")),
        ("theirs", await api.supplier("T")),
        ("sellers", None),
    ):
        await checked(api.seller.post(PATH, json={"ID": name, "Name": name, "OwnerID": owner}), 201)
        await checked(api.seller.post(f"{PATH}/{name}/PriceBreaks", json=price(1, 1)), 201)
    http = api.as_(await api.user(supplier="S"), roles=["PriceScheduleAdmin"])
    for name, status, code in (
        ("own", 201, None),
        ("sellers", 403, "PriceSchedule.CannotModify"),
        ("theirs", 404, "NotFound"),
    ):
        answer = await checked(http.post(f"{PATH}/{name}/PriceBreaks", json=price(2, 1)), status)
        assert code is None or codes(answer) == [code]
        await checked(http.delete(f"{PATH}/{name}/PriceBreaks?quantity=1"), 204 if status == 201 else status)


async def test_sale(api: Api) -> None:
    """PS-6: from SaleStart until just before SaleEnd, both open where null, and only where a break has a sale price."""
    http, now = api.seller, api.server.clock()
    sale = [price(1, 5), price(10, 4, SalePrice=3)]
    at = {
        name: (now + timedelta(hours=hours)).isoformat()
        for name, hours in {"past": -1, "soon": 1, "later": 2}.items()
    }
    cases: list[tuple[list[dict[str, Any]], str | None, str | None, bool, bool]] = [
        # breaks, start, end, on sale now, on sale in an hour
        (sale, None, None, True, True),
        ([price(1, 5)], None, None, False, False),
        ([], None, None, False, False),
        (sale, "past", None, True, True),
        (sale, "soon", None, False, True),
        (sale, "soon", "later", False, True),
        (sale, None, "soon", True, False),
        (sale, "past", "soon", True, False),
        (sale, None, "past", False, False),
    ]
    for number, (breaks, start, end, *_) in enumerate(cases):
        body = {
            "ID": str(number),
            "Name": "P",
            "PriceBreaks": breaks,
            "SaleStart": start and at[start],
            "SaleEnd": end and at[end],
        }
        made = (await checked(http.post(PATH, json=body), 201)).json()
        assert made["IsOnSale"] is cases[number][3], body

    async def on_sale() -> list[bool]:
        items = (await checked(http.get(f"{PATH}?sortBy=ID"), 200)).json()["Items"]
        return [item["IsOnSale"] for item in items]

    assert await on_sale() == [case[3] for case in cases]
    api.server.clock.advance(hours=1)
    assert await on_sale() == [case[4] for case in cases]
    refused = await checked(http.get(f"{PATH}?IsOnSale=true"), 400)
    assert codes(refused) == ["List.InvalidProperty"]
    moved = await checked(http.patch(f"{PATH}/1", json={"SaleStart": "2031-05-01T02:00:00+02:00"}), 200)
    assert moved.json()["SaleStart"] == "2031-05-01T00:00:00+00:00"
