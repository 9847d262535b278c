"""Incrementors: who uses one, and where its numbers end (ID-3)."""

from __future__ import annotations

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
        assert (await api.seller.get(f"/v1/incrementors/{name}")).json()["LastNumber"] == 0
    refused = await checked(api.seller.post("/v1/suppliers", json={"ID": "{last}", "Name": "S"}), 400)
    assert refused.json()["Errors"][0]["Message"] == "Incrementor last has reached its last number."
    made = await checked(api.seller.post("/v1/suppliers", json={"ID": "x{negative}", "Name": "S"}), 201)
    assert made.json()["ID"] == "x-4"
