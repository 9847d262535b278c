"""Incrementors: who uses one, and where its numbers end (ID-3)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.marketplace import Api
from tests.api.uniform.subjects import checked


async def test_any_user_may_use_one_and_only_sellers_manage_them(api: Api) -> None:
    """ID-3, AUTH-53"""
    await checked(
        api.seller.post("/v1/incrementors", json={"ID": "i", "LastNumber": 41, "LeftPaddingCount": 0}), 201
    )
    own = api.as_(await api.user(buyer=await api.buyer("b")), roles=["FullAccess"])
    made = await checked(own.post("/v1/buyers/b/usergroups", json={"ID": "G{I}", "Name": "G"}), 201)
    assert made.json()["ID"] == "G42"
    assert made.headers["Location"].endswith("/v1/buyers/b/usergroups/G42")
    await checked(own.get("/v1/incrementors/i"), 403)


async def test_padding_is_a_least_width(api: Api) -> None:
    """ID-3"""
    body = {"ID": "i", "LastNumber": 98, "LeftPaddingCount": 2}
    await checked(api.seller.post("/v1/incrementors", json=body), 201)
    ids = [
        (await checked(api.seller.post("/v1/suppliers", json={"ID": "{i}", "Name": "S"}), 201)).json()["ID"]
        for _ in range(3)
    ]
    assert ids == ["99", "100", "101"]


async def test_an_incrementor_can_be_set_and_named_by_another(api: Api) -> None:
    """It is a resource like the others."""
    for name in ("a", "b"):
        body = {"ID": name, "LastNumber": 0, "LeftPaddingCount": 1}
        await checked(api.seller.post("/v1/incrementors", json=body), 201)
    await checked(api.seller.patch("/v1/incrementors/a", json={"LastNumber": 10}), 200)
    renamed = await checked(api.seller.patch("/v1/incrementors/b", json={"ID": "n{a}"}), 200)
    assert renamed.json()["ID"] == "n11"


async def test_numbers_that_do_not_fit(api: Api) -> None:
    """ID-1: 100 characters; and integers end at 32 bits: refused, never a 5xx."""
    wide = {"ID": "wide", "LastNumber": 0, "LeftPaddingCount": 101}
    last = {"ID": "last", "LastNumber": 2147483647, "LeftPaddingCount": 0}
    endless = {"ID": "endless", "LastNumber": 0, "LeftPaddingCount": 2147483647}
    negative = {"ID": "negative", "LastNumber": -5, "LeftPaddingCount": -3}
    for body in (wide, last, endless, negative):
        await checked(api.seller.post("/v1/incrementors", json=body), 201)
    for name in ("wide", "endless"):
        refused = await checked(
            api.seller.post("/v1/suppliers", json={"ID": f"{{{name}}}", "Name": "S"}), 400
        )
        assert refused.json()["Errors"][0]["Data"] == {"Property": "ID", "MaxLength": 100}
        assert (await api.seller.get(f"/v1/incrementors/{name}")).json()["LastNumber"] == 1
    refused = await checked(api.seller.post("/v1/suppliers", json={"ID": "{last}", "Name": "S"}), 400)
    assert refused.json()["Errors"][0]["Message"] == "Incrementor last has reached its last number."
    made = await checked(api.seller.post("/v1/suppliers", json={"ID": "x{negative}", "Name": "S"}), 201)
    assert made.json()["ID"] == "x-4"


TAKEN: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", "products", {"Name": "P"}),
    ("POST", "suppliers", {"Name": "S"}),
    ("POST", "priceschedules", {"Name": "P", "PriceBreaks": [{"Quantity": 1, "Price": 1}]}),
    ("POST", "orders/Incoming", {"FromCompanyID": "b", "FromUserID": "u"}),
    ("POST", "buyers/b/addresses", {"Street1": "1", "City": "C", "Country": "US", "State": "MN", "Zip": "5"}),
    ("PATCH", "products/renamed", {"Name": "P"}),
)


@pytest.mark.parametrize(("verb", "path", "body"), TAKEN)
async def test_a_number_that_fails_is_used_up(verb: str, path: str, body: dict[str, Any], api: Api) -> None:
    """INC-3, behaviour A7: one that is behind, as after a new seed, gets past the IDs that are taken."""
    buyer = await api.buyer("b")
    await api.user(id="u", buyer=buyer)
    await checked(api.seller.post("/v1/products", json={"ID": "renamed", "Name": "P"}), 201)
    await checked(
        api.seller.post("/v1/incrementors", json={"ID": "i", "LastNumber": 0, "LeftPaddingCount": 3}), 201
    )
    made = "POST" if verb == "PATCH" else verb
    for name in ("X001", "X002"):
        collection = path.removesuffix("/renamed")
        await checked(api.seller.request(made, f"/v1/{collection}", json={"ID": name, **body}), 201)
    answers = [await api.seller.request(verb, f"/v1/{path}", json={"ID": "X{i}", **body}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [409, 409, 200 if verb == "PATCH" else 201]
    assert answers[2].json()["ID"] == "X003"
    assert (await api.seller.get("/v1/incrementors/i")).json()["LastNumber"] == 3


async def test_numbers_are_given_once(api: Api) -> None:
    """ID-3: creates at once, those that fail among them, share no number."""
    await checked(
        api.seller.post("/v1/incrementors", json={"ID": "i", "LastNumber": 0, "LeftPaddingCount": 2}), 201
    )
    await checked(api.seller.post("/v1/suppliers", json={"ID": "S05", "Name": "S"}), 201)
    answers = await asyncio.gather(
        *(api.seller.post("/v1/suppliers", json={"ID": "S{i}", "Name": "S"}) for _ in range(10))
    )
    made = {answer.json()["ID"] for answer in answers if answer.status_code == 201}
    assert made == {f"S{number:02}" for number in range(1, 11)} - {"S05"}
