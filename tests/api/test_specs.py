"""Specs and their options (SPC-1, SPC-2, SPC-5)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import XP, checked


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"DefinesVariant": True}, "Spec.MustBeRequired"),
        ({"DefinesVariant": True, "AllowOpenText": True}, "Spec.MustBeRequired"),
        ({"DefinesVariant": True, "Required": True, "AllowOpenText": True}, "Spec.CannotAllowOpenText"),
        ({"DefaultOptionID": "o"}, "Spec.OptionNotFound"),
    ],
)
async def test_refused(body: dict[str, Any], code: str, api: Api) -> None:
    """SPC-1, SPC-2: by every verb."""
    http = api.seller
    for spec in ("s", "other"):
        await checked(http.post("/v1/specs", json={"ID": spec, "Name": "S"}), 201)
    await checked(http.post("/v1/specs/other/options", json={"ID": "o", "Value": "O"}), 201)
    for verb, url in (("POST", ""), ("PUT", "/new"), ("PUT", "/s"), ("PATCH", "/s")):
        refused = await checked(http.request(verb, f"/v1/specs{url}", json={"Name": "S", **body}), 400)
        assert codes(refused) == [code]
    await checked(http.get("/v1/specs/new"), 404)


async def test_what_defines_variants_stays_so(api: Api) -> None:
    """SPC-1: also when the other side changes."""
    http = api.seller
    body = {"ID": "s", "Name": "S", "DefinesVariant": True, "Required": True}
    await checked(http.post("/v1/specs", json=body), 201)
    for change, code in (
        ({"Required": False}, "Spec.MustBeRequired"),
        ({"AllowOpenText": True}, "Spec.CannotAllowOpenText"),
    ):
        assert codes(await checked(http.patch("/v1/specs/s", json=change), 400)) == [code]
    await checked(http.patch("/v1/specs/s", json={"Required": False, "DefinesVariant": False}), 200)


async def test_default_option(api: Api) -> None:
    """SPC-2, SPC-5: set once it exists, spelled as it is, renamed with it, null when it goes."""
    http = api.seller
    for spec in ("s", "t"):
        await checked(http.post("/v1/specs", json={"ID": spec, "Name": "S"}), 201)
        for option in ("Red", "Blue"):
            await checked(http.post(f"/v1/specs/{spec}/options", json={"ID": option, "Value": option}), 201)
        patched = await checked(http.patch(f"/v1/specs/{spec}", json={"DefaultOptionID": "rED"}), 200)
        assert patched.json()["DefaultOptionID"] == "Red"
    kept = await checked(http.put("/v1/specs/s", json={"Name": "S", "DefaultOptionID": "Red"}), 200)
    assert kept.json()["DefaultOptionID"] == "Red"
    await checked(http.patch("/v1/specs/s/options/blue", json={"ID": "Navy"}), 200)

    async def defaults() -> list[str | None]:
        return [(await http.get(f"/v1/specs/{spec}")).json()["DefaultOptionID"] for spec in ("s", "t")]

    assert await defaults() == ["Red", "Red"]
    await checked(http.patch("/v1/specs/s/options/red", json={"ID": "Crimson"}), 200)
    assert await defaults() == ["Crimson", "Red"]
    await checked(http.patch("/v1/specs/s", json={"ID": "Color"}), 200)
    assert (await http.get("/v1/specs/color")).json()["DefaultOptionID"] == "Crimson"
    await checked(http.delete("/v1/specs/color/options/Navy"), 204)
    assert (await http.get("/v1/specs/color")).json()["DefaultOptionID"] == "Crimson"
    await checked(http.delete("/v1/specs/color/options/crimson"), 204)
    assert (await http.get("/v1/specs/color")).json()["DefaultOptionID"] is None
    assert (await http.get("/v1/specs/t")).json()["DefaultOptionID"] == "Red"


async def test_specs_embed_their_options(api: Api) -> None:
    """SPC-5: as their own route shows them, by ListOrder and ID, in every read."""
    http = api.seller
    await checked(http.post("/v1/specs", json={"ID": "s", "Name": "S"}), 201)
    made = (await checked(http.get("/v1/specs/s"), 200)).json()
    assert (made["OptionCount"], made["Options"]) == (0, [])
    for option in (
        {"ID": "c", "Value": "C", "ListOrder": 1, "xp": XP},
        {"ID": "b", "Value": "B", "ListOrder": 2, "PriceMarkupType": "Percentage", "PriceMarkup": 10},
        {"ID": "A", "Value": "A \N{OX}", "ListOrder": 1, "PriceMarkup": -2.50, "IsOpenText": True},
        {"ID": "d", "Value": "D", "ListOrder": 2, "PriceMarkup": 0.0000001},
    ):
        await checked(http.post("/v1/specs/s/options", json=option), 201)
    options = (await checked(http.get("/v1/specs/s/options"), 200)).json()["Items"]
    assert [option["ID"] for option in options] == ["A", "c", "b", "d"]
    answer = await checked(http.get("/v1/specs/s"), 200)
    assert (answer.json()["OptionCount"], answer.json()["Options"]) == (4, options)
    assert b"-2.5," in answer.content
    listed = (await checked(http.get("/v1/specs"), 200)).json()["Items"]
    assert listed == [answer.json()]
    assert list(listed[0]["Options"][0]) == list(options[0])
    assert list(listed[0]["Options"][1]["xp"]) == list(XP)
    ignored = await checked(http.patch("/v1/specs/s", json={"Options": [], "OptionCount": 9}), 200)
    assert ignored.json() == answer.json()
    filtered = (
        await checked(http.get("/v1/specs?OptionCount=>3&Options.PriceMarkupType=Percentage"), 200)
    ).json()
    assert len(filtered["Items"]) == 1
    await checked(http.delete("/v1/specs/s"), 204)
    assert await api.value("SELECT count(*) FROM spec_options WHERE marketplace_id = $1") == 0


async def test_suppliers_options(api: Api) -> None:
    """ORG-4: read with the spec, written by its owner."""
    for name, owner in (
        ("own", await api.supplier("S")),
        ("theirs", await api.supplier("T")),
        ("sellers", None),
    ):
        await checked(api.seller.post("/v1/specs", json={"ID": name, "Name": "N", "OwnerID": owner}), 201)
        await checked(api.seller.post(f"/v1/specs/{name}/options", json={"ID": "o", "Value": "O"}), 201)
    http = api.as_(await api.user(supplier="S"), roles=["ProductAdmin"])
    for name, reads, writes in (("own", 200, 200), ("sellers", 200, 403), ("theirs", 404, 404)):
        path = f"/v1/specs/{name}/options"
        await checked(http.get(path), reads)
        await checked(http.get(f"{path}/o"), reads)
        for verb, url, status in (
            ("POST", "", 201),
            ("PUT", "/n", 200),
            ("PATCH", "/o", 200),
            ("DELETE", "/o", 204),
        ):
            answer = http.request(verb, path + url, json={"Value": "V"})
            refused = await checked(answer, status if writes == 200 else writes)
            if writes == 403:
                assert codes(refused) == ["Auth.UserNotAuthorizedToAdmin"]
