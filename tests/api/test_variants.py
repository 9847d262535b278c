"""Variants of products (VAR-1 to VAR-8, INV-2)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from tests.api.company import ADDRESS
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import XP, checked

from entrepot.kernel.clock import parse_datetime

VARIANTS = "/v1/products/SHIRT/variants"
CHOICE = {"DefinesVariant": True, "Required": True}
SIX = "SHIRT-Blue-Large SHIRT-Blue-Small SHIRT-Blue-XL SHIRT-Red-Large SHIRT-Red-Small SHIRT-Red-XL"
PROPERTIES = [
    "ID",
    "Name",
    "Description",
    "Active",
    "ShipWeight",
    "ShipHeight",
    "ShipWidth",
    "ShipLength",
    "Inventory",
    "Specs",
    "xp",
]


async def give(api: Api, spec: str, options: list[str], product: str = "SHIRT", **more: Any) -> None:
    """A spec that defines variants, with options in this order, given to a product."""
    http = api.seller
    await checked(http.post("/v1/specs", json={"ID": spec, "Name": spec, **CHOICE, **more}), 201)
    for position, option in enumerate(options):
        body = {"ID": option, "Value": f"{option} value", "ListOrder": position}
        await checked(http.post(f"/v1/specs/{spec}/options", json=body), 201)
    row = {"SpecID": spec, "ProductID": product}
    await checked(http.post("/v1/specs/productassignments", json=row), 204)


async def shirt(api: Api, **more: Any) -> None:
    """A product with 2 colors and 3 sizes, and a spec that defines no variants."""
    http = api.seller
    body = {"ID": "SHIRT", "Name": "Shirt", "Active": True, **more}
    await checked(http.post("/v1/products", json=body), 201)
    await give(api, "size", ["Small", "Large", "XL"], ListOrder=2)
    await give(api, "color", ["Red", "Blue"], ListOrder=1)
    await give(api, "engraving", ["A", "B"], DefinesVariant=False)


async def generate(
    http: httpx.AsyncClient, query: str = "", product: str = "SHIRT", status: int = 201, **send: Any
) -> httpx.Response:
    return await checked(http.post(f"/v1/products/{product}/variants/generate?{query}", **send), status)


async def ids(http: httpx.AsyncClient, query: str = "", url: str = VARIANTS) -> list[str]:
    page = (await checked(http.get(f"{url}?pageSize=100&{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [item["ID"] for item in page["Items"]]


async def test_generate(api: Api) -> None:
    """VAR-1, VAR-3, VAR-6: 2 x 3 options are 6 variants; the answer is the product with its new VariantCount."""
    await shirt(api)
    http = api.seller
    made = (await generate(http, product="shirt")).json()
    assert (made["ID"], made["VariantCount"], made["SpecCount"]) == ("SHIRT", 6, 3)
    assert made == (await http.get("/v1/products/SHIRT")).json()
    assert await ids(http) == SIX.split()
    variant = (await checked(http.get(f"{VARIANTS}/shirt-red-small"), 200)).json()
    assert variant == {
        **dict.fromkeys(PROPERTIES),
        "ID": "SHIRT-Red-Small",
        "Name": "SHIRT Red value Small value",
        "Active": True,
        "Specs": [
            {
                "SpecID": spec,
                "Name": spec,
                "OptionID": option,
                "Value": f"{option} value",
                "PriceMarkupType": None,
                "PriceMarkup": None,
            }
            for spec, option in (("color", "Red"), ("size", "Small"))
        ],
    }
    assert list(variant) == PROPERTIES
    assert variant in (await http.get(VARIANTS)).json()["Items"]


async def test_list(api: Api) -> None:
    """Search, sort and filters, into Specs too; 404 for a missing product."""
    await shirt(api)
    http = api.seller
    await generate(http)
    await checked(http.patch(f"{VARIANTS}/SHIRT-Red-XL", json={"Name": "a", "xp": {"a": 1}}), 200)
    for query, expected in {
        "search=XL": "SHIRT-Red-XL SHIRT-Blue-XL",
        "search=RED value&searchOn=Name": "SHIRT-Red-Small SHIRT-Red-Large",
        "ID=*small": "SHIRT-Blue-Small SHIRT-Red-Small",
        "Specs.OptionID=red&sortBy=!ID": "SHIRT-Red-XL SHIRT-Red-Small SHIRT-Red-Large",
        "Specs.Value=XL value": "SHIRT-Blue-XL SHIRT-Red-XL",
        "sortBy=Name&Specs.OptionID=XL": "SHIRT-Red-XL SHIRT-Blue-XL",
        "xp.a=1": "SHIRT-Red-XL",
        "Active=false": "",
    }.items():
        found = await ids(http, query)
        if query.startswith("search"):
            assert sorted(found) == sorted(expected.split()), query
        else:
            assert found == expected.split(), query
    await checked(http.get("/v1/products/nope/variants"), 404)


async def test_specs_are_as_they_are_now(api: Api) -> None:
    """VAR-6, SPC-5: names, values and markups of specs and options follow their changes; what is deleted is left out."""
    await shirt(api)
    http = api.seller
    await generate(http)
    markup = {"Value": "crimson", "PriceMarkupType": "Percentage", "PriceMarkup": 2.50, "ID": "Ruby"}
    await checked(http.patch("/v1/specs/color/options/Red", json=markup), 200)
    await checked(http.patch("/v1/specs/color", json={"ID": "hue", "Name": "Hue", "ListOrder": 9}), 200)
    url = f"{VARIANTS}/SHIRT-Red-Small"
    specs = (await checked(http.get(url), 200)).json()["Specs"]
    assert [each["SpecID"] for each in specs] == ["size", "hue"]
    assert specs[1] == {
        "SpecID": "hue",
        "Name": "Hue",
        "OptionID": "Ruby",
        "Value": "crimson",
        "PriceMarkupType": "Percentage",
        "PriceMarkup": 2.5,
    }
    assert (await generate(http)).json()["VariantCount"] == 6
    await checked(http.delete("/v1/specs/hue/options/Ruby"), 204)
    assert [each["SpecID"] for each in (await http.get(url)).json()["Specs"]] == ["size"]
    await checked(http.delete("/v1/specs/size"), 204)
    assert (await http.get(url)).json()["Specs"] == []
    assert (await http.get("/v1/products/SHIRT")).json()["VariantCount"] == 6


async def test_missing_ones_are_added(api: Api) -> None:
    """VAR-4: combinations count, not IDs; what is there stays as it is, of removed specs too."""
    await shirt(api)
    http = api.seller
    await generate(http)
    kept = {"ID": "mine", "Name": "Mine", "xp": XP, "Active": False}
    await checked(http.patch(f"{VARIANTS}/SHIRT-Red-Small", json=kept), 200)
    body = {"ID": "Green", "Value": "Green"}
    await checked(http.post("/v1/specs/color/options", json=body), 201)
    assert (await generate(http, "overwriteExisting=false")).json()["VariantCount"] == 9
    names = ["mine", *(each for each in SIX.split() if each != "SHIRT-Red-Small")]
    names += ["SHIRT-Green-Large", "SHIRT-Green-Small", "SHIRT-Green-XL"]
    assert await ids(http) == sorted(names, key=str.lower)
    assert (await http.get(f"{VARIANTS}/mine")).json().items() >= kept.items()
    await checked(http.delete("/v1/specs/size/productassignments/SHIRT"), 204)
    assert (await generate(http)).json()["VariantCount"] == 12
    assert await ids(http, "ID=SHIRT-Red|SHIRT-Blue|SHIRT-Green") == [
        "SHIRT-Blue",
        "SHIRT-Green",
        "SHIRT-Red",
    ]


async def test_overwriting(api: Api) -> None:
    """VAR-4: all are deleted and made anew; without specs nothing is left."""
    await shirt(api)
    http = api.seller
    await generate(http)
    await checked(http.patch(f"{VARIANTS}/SHIRT-Red-Small", json={"ID": "mine", "xp": XP}), 200)
    assert (await generate(http, "overwriteExisting=true")).json()["VariantCount"] == 6
    assert await ids(http) == SIX.split()
    assert (await http.get(f"{VARIANTS}/SHIRT-Red-Small")).json()["xp"] is None
    for spec in ("size", "color"):
        await checked(http.delete(f"/v1/specs/{spec}/productassignments/SHIRT"), 204)
    assert (await generate(http)).json()["VariantCount"] == 6
    assert (await generate(http, "overwriteExisting=1")).json()["VariantCount"] == 0
    assert await ids(http) == []


@pytest.mark.parametrize(
    ("active", "send", "expected"),
    [
        (True, {}, True),
        (False, {}, False),
        (False, {"json": {}}, True),
        (False, {"json": {"Active": True}}, True),
        (True, {"json": {"active": False}}, False),
    ],
)
async def test_activity(active: bool, send: dict[str, Any], expected: bool, api: Api) -> None:
    """VAR-5: of the body, where it is true by default; without one, the product's."""
    await shirt(api, Active=active)
    await generate(api.seller, **send)
    assert len(await ids(api.seller, f"Active={expected}")) == 6


async def test_limit(api: Api) -> None:
    """VAR-2: 3^6 = 729 pass; 4^6 = 4096 do not, and nothing is made or deleted."""
    http = api.seller
    await checked(http.post("/v1/products", json={"ID": "p", "Name": "P"}), 201)
    for spec in range(6):
        await give(api, f"s{spec}", ["a", "b", "c"], "p")
    assert (await generate(http, product="p")).json()["VariantCount"] == 729
    for spec in range(6):
        await checked(http.post(f"/v1/specs/s{spec}/options", json={"ID": "d", "Value": "d"}), 201)
    for query in ("", "overwriteExisting=true"):
        assert codes(await generate(http, query, "p", 400)) == ["Variant.ExceededLimit"]
    assert (await http.get("/v1/products/p")).json()["VariantCount"] == 729
    assert (await http.get("/v1/products/p/variants")).json()["Meta"]["TotalCount"] == 729


@pytest.mark.parametrize(
    ("product", "code"),
    [
        ("parent", "Product.ParentChildProductsCannotHaveVariants"),
        ("child", "Product.ParentChildProductsCannotHaveVariants"),
        ("bundle", "Product.BundleProductCannotHaveVariants"),
    ],
)
async def test_who_cannot_have_variants(product: str, code: str, api: Api) -> None:
    """VAR-7"""
    http = api.seller
    for body in ({"ID": "parent", "IsParent": True}, {"ID": "child", "ParentID": "parent"}, {"ID": "bundle"}):
        await checked(http.post("/v1/products", json={"Name": "P", **body}), 201)
    await api.execute(
        """UPDATE products SET "IsBundle" = true WHERE marketplace_id = $1 AND "ID" = 'bundle'"""
    )
    assert codes(await generate(http, product=product, status=400)) == [code]


async def test_changing(api: Api) -> None:
    """VAR-6: PUT and PATCH change what is there, the ID too, but make nothing; Specs stay."""
    await shirt(api)
    http = api.seller
    await generate(http)
    url = f"{VARIANTS}/SHIRT-Red-Small"
    before = (await http.get(url)).json()
    body = {"Name": "N", "Description": "D", "ShipWeight": 1.5, "xp": XP, "Specs": []}
    saved = (await checked(http.put(url, json=body), 200)).json()
    assert saved == {**before, **body, "Specs": before["Specs"], "Active": False}
    patched = (await checked(http.patch(url, json={"ID": "mine", "Specs": None, "Active": True}), 200)).json()
    assert patched == {**saved, "ID": "mine", "Active": True}
    await checked(http.get(url), 404)
    assert codes(await checked(http.patch(f"{VARIANTS}/mine", json={"ID": "SHIRT-red-XL"}), 409)) == [
        "IdExists"
    ]
    for verb, status in (("PUT", 404), ("PATCH", 404), ("GET", 404), ("DELETE", 405), ("POST", 405)):
        path = VARIANTS if verb == "POST" else f"{VARIANTS}/new"
        answer = await checked(http.request(verb, path, json={"Name": "N"}), status)
        if status == 404:
            assert answer.json()["Errors"][0]["Data"] == {"ObjectType": "Variant", "ObjectID": "new"}
    await checked(http.patch("/v1/products/SHIRT", json={"ID": "TEE"}), 200)
    assert "mine" in await ids(http, url="/v1/products/TEE/variants")
    assert (await http.get("/v1/products/TEE")).json()["VariantCount"] == 6
    await checked(http.delete("/v1/products/TEE"), 204)
    await checked(http.get("/v1/products/TEE/variants"), 404)


async def test_whose(api: Api, other: Api) -> None:
    """ORG-4: a supplier writes the variants of its own products, and sees those of what it sells."""
    await api.supplier("s1")
    await shirt(api, AllSuppliersCanSell=True)
    await generate(api.seller)
    own = api.as_(await api.user(supplier="s1"), roles=["FullAccess"])
    await checked(own.post("/v1/products", json={"ID": "mine", "Name": "M"}), 201)
    await checked(api.seller.post("/v1/products", json={"ID": "hidden", "Name": "H"}), 201)
    assert (await generate(own, product="mine")).json()["VariantCount"] == 0
    assert codes(await generate(own, status=403)) == ["Product.CannotModify"]
    assert await ids(own) == SIX.split()
    for verb in ("PUT", "PATCH"):
        refused = await checked(own.request(verb, f"{VARIANTS}/SHIRT-Red-XL", json={"Name": "N"}), 403)
        assert codes(refused) == ["Product.CannotModify"]
    await generate(own, product="hidden", status=404)
    for http, status in (
        (other.seller, 404),
        (api.as_(await api.user(buyer=await api.buyer()), roles=["FullAccess"]), 403),
        (api.as_(api.admin, roles=["ProductReader"]), 403),
    ):
        await generate(http, status=status)
    await checked(other.seller.get(f"{VARIANTS}/SHIRT-Red-XL"), 404)
    assert len(await ids(api.as_(api.admin, roles=["ProductReader"]))) == 6


async def test_inventory(api: Api) -> None:
    """VAR-8, INV-1, INV-2: only with VariantLevelTracking; the product shows the sum over its variants."""
    await shirt(api)
    http = api.seller
    await generate(http)

    async def put(variant: str, status: int = 200, **inventory: Any) -> httpx.Response:
        body = {"Inventory": inventory or None}
        return await checked(http.patch(f"{VARIANTS}/SHIRT-{variant}", json=body), status)

    async def total() -> int | None:
        found: int | None = (await http.get("/v1/products/SHIRT")).json()["Inventory"]["QuantityAvailable"]
        return found

    for wrong in (
        None,
        {"Enabled": True},
        {"Enabled": False, "VariantLevelTracking": True, "QuantityAvailable": None},
    ):
        await checked(http.patch("/v1/products/SHIRT", json={"Inventory": wrong}), 200)
        refused = await put("Red-XL", 400, QuantityAvailable=4)
        assert codes(refused) == ["Variant.MustEnableInventory"]
        # Behaviour D3: an export says nothing at all of variants that count nothing.
        await put("Red-XL", 200, QuantityAvailable=0, NotificationPoint=0)
    tracked = {"Enabled": True, "VariantLevelTracking": True}
    await checked(http.patch("/v1/products/SHIRT", json={"Inventory": tracked}), 200)
    assert await total() == 0
    steps: list[tuple[str, dict[str, Any], int | None, int]] = [
        ("Red-XL", {"QuantityAvailable": 4}, 4, 4),
        ("Red-Small", {"QuantityAvailable": 6, "NotificationPoint": 1}, 6, 10),
        ("Blue-XL", {"NotificationPoint": 2}, 0, 10),
        ("Red-XL", {"QuantityAvailable": -1}, -1, 5),
        ("Red-Small", {"NotificationPoint": 9}, 6, 5),
        ("Red-XL", {}, None, 6),
    ]
    for variant, written, quantity, expected in steps:
        shown = (await put(variant, **written)).json()["Inventory"]
        assert (shown and shown["QuantityAvailable"]) == quantity, (variant, written)
        assert await total() == expected, (variant, written)
    first = (await http.get(f"{VARIANTS}/SHIRT-Red-Small")).json()["Inventory"]
    assert (first["NotificationPoint"], first["LastUpdated"] is not None) == (9, True)
    api.server.clock.advance(minutes=5)
    await put("Red-Small", QuantityAvailable=6)
    assert (await http.get(f"{VARIANTS}/SHIRT-Red-Small")).json()["Inventory"] == first
    moved = (await put("Red-Small", QuantityAvailable=7)).json()["Inventory"]["LastUpdated"]
    assert moved != first["LastUpdated"]
    of_product = (await http.get("/v1/products/SHIRT")).json()["Inventory"]["LastUpdated"]
    assert parse_datetime(of_product) >= parse_datetime(moved)
    await generate(http, "overwriteExisting=true")
    assert await total() == 0


async def test_inventory_with_records(api: Api) -> None:
    """IRC-3, INV-2: what is written while there are records waits until they are gone; sums are shown meanwhile."""
    await shirt(api, Inventory={"Enabled": True, "VariantLevelTracking": True})
    http = api.seller
    await generate(http)
    await checked(http.post("/v1/addresses", json={**ADDRESS, "ID": "store"}), 201)
    url = f"{VARIANTS}/SHIRT-Red-XL"
    await checked(http.patch(url, json={"Inventory": {"QuantityAvailable": 5}}), 200)
    record = {"ID": "r", "AddressID": "store", "QuantityAvailable": 3}
    await checked(http.post(f"{url}/inventoryrecords", json=record), 201)

    async def shown() -> tuple[int | None, ...]:
        items = [(await http.get(each)).json()["Inventory"] for each in (url, "/v1/products/SHIRT")]
        return items[0]["QuantityAvailable"], items[0]["NotificationPoint"], items[1]["QuantityAvailable"]

    assert await shown() == (3, None, 3)
    written = (await checked(http.patch(url, json={"Inventory": {"QuantityAvailable": 8}}), 200)).json()
    assert written["Inventory"]["QuantityAvailable"] == 3
    await checked(http.patch(url, json={"Inventory": {"NotificationPoint": 1}}), 200)
    assert await shown() == (3, 1, 3)
    await checked(http.delete(f"{url}/inventoryrecords/r"), 204)
    assert await shown() == (8, 1, 8)


async def test_counted_at_the_same_time(api: Api) -> None:
    """VariantCount, and no combination twice, when several make variants at once."""
    await shirt(api)
    http = api.seller
    made = await asyncio.gather(*(generate(http) for _ in range(4)))
    assert [each.json()["VariantCount"] for each in made] == [6] * 4
    assert await ids(http) == SIX.split()
