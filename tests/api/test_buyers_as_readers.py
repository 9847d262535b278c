"""What buyers' users read with the roles of administrators' readers (AUTH-53, behaviour D7)."""

from __future__ import annotations

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

BREAKS = [{"Quantity": 1, "Price": 10}]


async def make(http: httpx.AsyncClient, path: str, **body: object) -> None:
    answer = await http.put(f"/v1/{path}", json={"Name": "Name", "Active": True, **body})
    assert answer.status_code in (200, 201), answer.text


async def post(http: httpx.AsyncClient, path: str, **body: object) -> None:
    answer = await http.post(f"/v1/{path}", json=body)
    assert answer.status_code in (201, 204), answer.text


@pytest.fixture
async def shop(api: Api) -> Api:
    """For each of buyers a and b: a product of its own in a catalog of its own, with category, spec, options, price, variant,
    stock, bundle and promotion, each named after it.
    """
    http = api.seller
    await checked(
        http.post("/v1/addresses", json={"ID": "wh", "Street1": "S", "City": "C", "Country": "DE"}), 201
    )
    for name in ("a", "b"):
        await make(http, f"catalogs/c{name}")
        await make(http, f"buyers/{name}", DefaultCatalogID=f"c{name}")
        await post(http, "catalogs/assignments", CatalogID=f"c{name}", BuyerID=name, ViewAllCategories=True)
        await make(http, f"catalogs/c{name}/categories/k{name}")
        await make(http, f"priceschedules/ps{name}", PriceBreaks=BREAKS)
        await make(http, f"products/p{name}", Inventory={"Enabled": True})
        await make(http, f"bundles/u{name}")
        for thing in (f"p{name}", f"u{name}"):
            place = {"ProductID": thing, "CategoryID": f"k{name}"}
            await post(http, f"catalogs/c{name}/categories/productassignments", **place)
        await post(
            http, "products/assignments", ProductID=f"p{name}", BuyerID=name, PriceScheduleID=f"ps{name}"
        )
        await post(http, "bundles/assignments", BundleID=f"u{name}", BuyerID=name)
        await post(
            http, "bundles/productassignments", BundleID=f"u{name}", ProductID=f"p{name}", Required=True
        )
        await make(http, f"specs/s{name}", Required=True, DefinesVariant=True)
        await post(http, f"specs/s{name}/options", ID="o", Value="O")
        await post(http, "specs/productassignments", SpecID=f"s{name}", ProductID=f"p{name}")
        await checked(http.post(f"/v1/products/p{name}/variants/generate"), 201)
        record = {"AddressID": "wh", "AllowAllBuyers": False}
        await checked(http.put(f"/v1/products/p{name}/inventoryrecords/r{name}", json=record), 200)
        row = {"InventoryRecordID": f"r{name}", "BuyerID": name}
        await post(http, f"products/p{name}/inventoryrecords/assignments", **row)
        await make(
            http, f"promotions/m{name}", Code=f"m{name}", EligibleExpression="true", ValueExpression="1"
        )
        await post(http, "promotions/assignments", PromotionID=f"m{name}", BuyerID=name)
    return api


READS = (
    ("ProductReader", "products", "p{}"),
    ("ProductReader", "products/p{}/variants", "p{}-o"),
    ("ProductReader", "products/p{}/specs", "s{}"),
    ("ProductReader", "products/p{}/inventoryrecords", "r{}"),
    ("ProductReader", "specs", "s{}"),
    ("ProductReader", "specs/s{}/options", "o"),
    ("CategoryReader", "catalogs/c{}/categories", "k{}"),
    ("PriceScheduleReader", "priceschedules", "ps{}"),
    ("PromotionReader", "promotions", "m{}"),
    ("BundleReader", "bundles", "u{}"),
)
ASSIGNMENTS: tuple[tuple[str, str, str, list[str]], ...] = (
    ("ProductReader", "products/assignments", "ProductID", ["p{}", "u{}"]),
    ("ProductReader", "specs/productassignments", "ProductID", ["p{}"]),
    ("ProductReader", "products/p{}/inventoryrecords/assignments", "InventoryRecordID", ["r{}"]),
    ("CategoryReader", "catalogs/c{}/categories/productassignments", "ProductID", ["p{}", "u{}"]),
    ("CategoryReader", "catalogs/c{}/categories/assignments", "BuyerID", []),
    ("PromotionReader", "promotions/assignments", "BuyerID", ["{}"]),
    ("BundleReader", "bundles/assignments", "BuyerID", ["{}"]),
    ("BundleReader", "bundles/productassignments", "BundleID", ["u{}"]),
)


async def test_reads_what_it_sees_as_a_shopper(shop: Api) -> None:
    """With the one role, or with FullAccess: 200, its own things and none of another buyer; without a role 403."""
    user = await shop.user(buyer="a")
    for role, path, thing in READS:
        for roles in ([role], ["FullAccess"]):
            http = shop.as_(user, roles=roles)
            page = (await checked(http.get(f"/v1/{path.format('a')}"), 200)).json()
            expected = [thing.format("a"), "ua"] if path == "products" else [thing.format("a")]
            assert [item["ID"] for item in page["Items"]] == expected, path
            assert page["Meta"]["TotalCount"] == len(expected), path
            if path != "products/p{}/specs":
                one = f"/v1/{path}/{thing}"
                await checked(http.get(one.format("a", "a")), 200)
                await checked(http.get(one.format("b", "b")), 404)
            if "{}" in path:
                await checked(http.get(f"/v1/{path.format('b')}"), 404)
        refused = await checked(shop.as_(user, roles=["Shopper"]).get(f"/v1/{path.format('a')}"), 403)
        assert codes(refused) == ["Auth.InsufficientRoles"]
    for role, path, key, rows in ASSIGNMENTS:
        http = shop.as_(user, roles=[role])
        page = (await checked(http.get(f"/v1/{path.format('a')}"), 200)).json()
        assert [item[key] for item in page["Items"]] == [row.format("a") for row in rows], path


async def test_reads_only(shop: Api) -> None:
    """Whatever its roles, a buyer's user changes nothing there; and codes that are meant for one each stay unread."""
    http = shop.as_(await shop.user(buyer="a"), roles=["FullAccess"])
    for path, thing in (
        ("products", "pa"),
        ("specs", "sa"),
        ("catalogs/ca/categories", "ka"),
        ("priceschedules", "psa"),
        ("promotions", "ma"),
        ("bundles", "ua"),
    ):
        for verb, url in (
            ("POST", path),
            ("PUT", f"{path}/{thing}"),
            ("PATCH", f"{path}/{thing}"),
            ("DELETE", f"{path}/{thing}"),
        ):
            refused = await checked(http.request(verb, f"/v1/{url}", json={"Name": "New"}), 403)
            assert codes(refused) == ["Auth.UserNotAuthorizedToAdmin"]
    await checked(http.get("/v1/promotions/ma/codes"), 403)


async def test_sees_the_marketplace_change(shop: Api) -> None:
    """As for shoppers: what is switched off or assigned no longer is not there any more."""
    user = await shop.user(buyer="a")
    http = shop.as_(user, roles=["ProductReader", "PromotionReader", "PriceScheduleReader"])
    await checked(shop.seller.patch("/v1/promotions/ma", json={"Active": False}), 200)
    await checked(http.get("/v1/promotions/ma"), 404)
    await checked(shop.seller.delete("/v1/products/pa/assignments/a"), 204)
    for path in ("products/pa", "products/pa/variants", "specs/sa", "priceschedules/psa"):
        await checked(http.get(f"/v1/{path}"), 404)
    await checked(shop.seller.delete("/v1/catalogs/ca/assignments?buyerID=a"), 204)
    assert (await checked(http.get("/v1/products"), 200)).json()["Items"] == []
