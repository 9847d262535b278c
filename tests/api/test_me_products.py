"""What a shopper sees of products, and at which price (VIS, PRC, SHP-3 to SHP-6)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.uniform.subjects import checked

pytestmark = pytest.mark.usefixtures("truly")

PRODUCTS = "/v1/me/products"


async def put(api: Api, *things: tuple[str, dict[str, Any]]) -> None:
    """PUT each; the ID is in the path, and the name, too, where the body has none."""
    for path, body in things:
        named = {"Name": path.rpartition("/")[2], "Active": True, **body}
        await checked(api.seller.put(f"/v1/{path}", json=named), 200)


async def post(api: Api, *rows: tuple[str, dict[str, Any]]) -> None:
    for path, row in rows:
        await checked(api.seller.post(f"/v1/{path}", json=row), 204)


async def priced(api: Api, schedule: str, price: float, **more: Any) -> None:
    body = {"PriceBreaks": [{"Quantity": 1, "Price": price}], **more}
    await put(api, (f"priceschedules/{schedule}", body))


async def shop(
    api: Api, *products: str, buyer: str = "B", catalog: str = "C", all_products: bool = True, **facts: Any
) -> None:
    """A catalog with products, assigned to a buyer."""
    await put(api, (f"catalogs/{catalog}", {}))
    await put(api, (f"buyers/{buyer}", {"DefaultCatalogID": catalog}))
    row = {"CatalogID": catalog, "BuyerID": buyer, "ViewAllCategories": True, "ViewAllProducts": all_products}
    await post(api, ("catalogs/assignments", row))
    for product in products:
        await put(api, (f"products/{product}", facts))
        await post(api, ("catalogs/productassignments", {"CatalogID": catalog, "ProductID": product}))


async def shopper(api: Api, *groups: str, buyer: str = "B") -> httpx.AsyncClient:
    user = await api.user(buyer=buyer)
    for group in groups:
        row = {"UserID": user.id, "UserGroupID": group}
        await post(api, (f"buyers/{buyer}/usergroups/assignments", row))
    return api.as_(user, roles=["Shopper"])


RECORDS = {
    "InventoryRecords.AddressID=w": True,
    "InventoryRecords.AddressID=nowhere": False,
    "InventoryRecords.AddressID=w|x&InventoryRecords.QuantityAvailable=>9": True,
    "InventoryRecords.QuantityAvailable=>10": False,
    "InventoryRecords.AllowAllBuyers=true": True,
    "InventoryRecords.ID=!W1": False,
    "InventoryRecords.xp.Dock=*": False,
    "InventoryRecords=*": True,
    "InventoryRecords=!*": False,
    "inventoryrecords.ID=W1": False,
}
"""Filters that find the product of IRC-6 for each of its buyers, or for none."""


async def seen(http: httpx.AsyncClient, query: str = "") -> list[str]:
    page = (await checked(http.get(f"{PRODUCTS}?{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return [item["ID"] for item in page["Items"]]


async def price(http: httpx.AsyncClient, product: str = "P", query: str = "") -> float | None:
    """The price of one, the same by GET and in the list."""
    item = (await checked(http.get(f"{PRODUCTS}/{product}?{query}"), 200)).json()
    page = (await checked(http.get(f"{PRODUCTS}?ID={product}&{query}"), 200)).json()
    assert page["Items"] == [item]
    schedule = item["PriceSchedule"]
    return None if schedule is None else schedule["PriceBreaks"][0]["Price"]


async def test_the_whole_object(api: Api) -> None:
    """SHP-4: all properties of BuyerProduct in the contract's order, with its price schedule."""
    await priced(
        api,
        "ps",
        10.5,
        xp={"b": 1, "a": [2]},
        SaleStart="2020-01-01T00:00:00.1Z",
        Currency=None,
        MaxQuantity=7,
    )
    await shop(api, "P", DefaultPriceScheduleID="ps", xp={"Facets": {"Color": ["red"]}})
    http = await shopper(api)
    page = (await checked(http.get(PRODUCTS), 200)).json()
    (item,) = page["Items"]
    assert item == (await checked(http.get(f"{PRODUCTS}/p"), 200)).json()
    admins = (await checked(api.seller.get("/v1/priceschedules/ps"), 200)).json()
    assert item["PriceSchedule"] == admins
    assert list(item["PriceSchedule"]) == list(admins)
    assert list(item["PriceSchedule"]["xp"]) == ["b", "a"]
    of_admin = (await checked(api.seller.get("/v1/products/P"), 200)).json()
    hidden = ("OwnerID", "DefaultPriceScheduleID", "AutoForward")
    shown = [name for name in of_admin if name not in hidden]
    assert [name for name in item if name != "PriceSchedule"] == shown
    assert {name: item[name] for name in shown} == {name: of_admin[name] for name in shown}
    assert page["Meta"]["Facets"] == []
    assert page["Meta"]["ItemRange"] == [1, 1]


async def test_prices_by_party(api: Api) -> None:
    """PRC-E1: the group before the buyer before the default; a row without a price schedule is passed over."""
    for schedule, amount in (("ten", 10), ("nine", 9), ("eight", 8)):
        await priced(api, schedule, amount)
    await shop(api, "P", DefaultPriceScheduleID="ten")
    await shop(api, buyer="X")
    await put(api, *((f"buyers/B/usergroups/{group}", {}) for group in ("GOLD", "NEW")))
    rows = (
        {"PriceScheduleID": "nine"},
        {"UserGroupID": "GOLD", "PriceScheduleID": "eight"},
        {"UserGroupID": "NEW"},
    )
    await post(api, *(("products/assignments", {"ProductID": "P", "BuyerID": "B", **row}) for row in rows))
    for groups, buyer, expected in ((["GOLD"], "B", 8), (["NEW"], "B", 9), ([], "B", 9), ([], "X", 10)):
        assert await price(await shopper(api, *groups, buyer=buyer)) == expected


async def test_prices_by_seller(api: Api) -> None:
    """PRC-E2, PRC-3: sellerID changes prices only; on a GET the seller must sell the product. SHP-6: who does."""
    for schedule, amount in (("ten", 10), ("nine", 9), ("eight", 8), ("eight-50", 8.5)):
        await priced(api, schedule, amount)
    await put(api, *((f"suppliers/{each}", {"AllBuyersCanOrder": True}) for each in ("S1", "S2", "S3")))
    await shop(api, "P", DefaultPriceScheduleID="ten", AllSuppliersCanSell=True)
    await shop(api, buyer="X")
    for path in ("products/P/suppliers/S1?defaultPriceScheduleID=eight-50", "products/P/suppliers/S2"):
        await checked(api.seller.put(f"/v1/{path}"), 204)
    for row in ({"PriceScheduleID": "nine"}, {"PriceScheduleID": "eight", "SellerID": "S1"}):
        await post(api, ("products/assignments", {"ProductID": "P", "BuyerID": "B", **row}))
    ours, others = await shopper(api), await shopper(api, buyer="X")
    for http, seller, expected in (
        (ours, "", 9),
        (ours, api.marketplace, 9),
        (ours, "S1", 8),
        (others, "s1", 8.5),
        (ours, "S2", 10),
        (others, "", 10),
    ):
        assert await price(http, query=f"sellerID={seller}") == expected
    assert (await ours.get(f"{PRODUCTS}/P?sellerID=S3")).status_code == 404
    assert await seen(ours, "sellerID=S3") == ["P"]
    sellers = (await checked(others.get(f"{PRODUCTS}/P/sellers"), 200)).json()["Items"]
    prices = {each["ID"]: each["PriceSchedule"]["PriceBreaks"][0]["Price"] for each in sellers}
    assert prices == {api.marketplace: 10, "S1": 8.5, "S2": 10}
    await checked(api.seller.patch("/v1/suppliers/S1", json={"AllBuyersCanOrder": False}), 200)
    assert (await ours.get(f"{PRODUCTS}/P?sellerID=S1")).status_code == 404
    await checked(api.seller.put("/v1/suppliers/S1/buyers/B"), 204)
    assert await price(ours, query="sellerID=S1") == 8


async def test_a_suppliers_own_product(api: Api) -> None:
    """PRC-1: without a sellerID its prices are those of its owner."""
    await put(api, ("suppliers/S", {"AllBuyersCanOrder": True}))
    await priced(api, "own", 4, OwnerID="S")
    await shop(api, "P", OwnerID="S")
    http = await shopper(api)
    assert await price(http) is None
    await post(
        api,
        (
            "products/assignments",
            {"ProductID": "P", "BuyerID": "B", "SellerID": "S", "PriceScheduleID": "own"},
        ),
    )
    assert await price(http) == 4
    assert await price(http, query=f"sellerID={api.marketplace}") is None


async def test_a_product_has_its_owners_prices(api: Api) -> None:
    """PRC-1, behaviour A2: where no seller is named it is the owner, on every read; an order says for itself."""
    await put(api, ("suppliers/S", {"AllBuyersCanOrder": True}))
    await priced(api, "ten", 10, OwnerID="S")
    await priced(api, "eight", 8, OwnerID="S")
    await priced(api, "seven", 7, OwnerID="S")
    await priced(api, "nine", 9)
    await shop(api, "P", OwnerID="S", DefaultPriceScheduleID="ten")
    await put(api, ("buyers/B/usergroups/GOLD", {}))
    http = await shopper(api, "GOLD")
    collection = (await checked(http.post("/v1/me/productcollections", json={"Name": "mine"}), 201)).json()[
        "ID"
    ]
    products = f"/v1/me/productcollections/{collection}/products"
    await checked(http.post(products, json={"ProductID": "P"}), 204)
    mine: dict[str, Any] = {"ProductID": "P", "BuyerID": "B", "PriceScheduleID": "nine"}
    supplier = {**mine, "SellerID": "S", "PriceScheduleID": "eight"}
    related = "/v1/products/P/suppliers/S?defaultPriceScheduleID=seven"

    async def prices() -> tuple[float | None, ...]:
        page = (await checked(http.get(products), 200)).json()
        (entry,) = page["Items"]
        lines = []
        for company in (api.marketplace, "S"):
            order = await checked(http.post("/v1/orders/Outgoing", json={"ToCompanyID": company}), 201)
            added = f"/v1/orders/Outgoing/{order.json()['ID']}/lineitems"
            line = await checked(http.post(added, json={"ProductID": "P", "Quantity": 1}), 201)
            lines.append(line.json()["UnitPrice"])
        found = await price(http)
        assert entry["PriceSchedule"]["PriceBreaks"][0]["Price"] == found
        named = [await price(http, query=f"sellerID={seller}") for seller in (api.marketplace, "S")]
        return found, *named, *lines

    assert await prices() == (10, 10, 10, 10, 10)
    await post(api, ("products/assignments", mine))
    assert await prices() == (10, 9, 10, 9, 10)
    await post(api, ("products/assignments", {**mine, "UserGroupID": "GOLD"}))
    assert await prices() == (10, 9, 10, 9, 10)
    await checked(api.seller.put(related), 204)
    assert await prices() == (7, 9, 7, 9, 7)
    await post(api, ("products/assignments", supplier))
    assert await prices() == (8, 9, 8, 9, 8)


async def test_prices_by_currency(api: Api) -> None:
    """PRC-E3: only prices in the currency of the shopper's locale; the product stays visible without one."""
    for schedule, amount, currency in (("usd", 9, "USD"), ("b", 11.99, "CAD"), ("g", 12.99, "CAD")):
        await priced(api, schedule, amount, Currency=currency)
    await shop(api, "P", DefaultPriceScheduleID="usd")
    await put(api, ("buyers/B/usergroups/CA", {}))
    for locale, currency, row in (("de", "CAD", {}), ("fr", "CAD", {"UserGroupID": "CA"})):
        body = {"Currency": currency, "Language": f"{locale}-CA"}
        await put(api, (f"locales/{locale}", body))
        await post(api, ("locales/assignments", {"LocaleID": locale, "BuyerID": "B", **row}))
    rows = ({"PriceScheduleID": "b"}, {"UserGroupID": "CA", "PriceScheduleID": "g"})
    await post(api, *(("products/assignments", {"ProductID": "P", "BuyerID": "B", **row}) for row in rows))
    http = await shopper(api, "CA")
    assert await price(http) == 12.99
    await checked(api.seller.delete("/v1/products/P/assignments/B?userGroupID=CA"), 204)
    assert await price(http) == 11.99
    await checked(api.seller.delete("/v1/products/P/assignments/B"), 204)
    assert await price(http) is None
    for query in ("buyerID=B&userGroupID=CA", "buyerID=B"):
        assert await price(http) is None
        await checked(
            api.seller.delete(f"/v1/locales/{'fr' if 'CA' in query else 'de'}/assignments?{query}"), 204
        )
    await checked(api.seller.patch("/v1/priceschedules/usd", json={"Currency": None}), 200)
    assert await price(http) == 9


async def test_visibility(api: Api) -> None:
    """VIS-E1 and VIS-E2 through the API, each write seen by the next request (PRD-8)."""
    await shop(api, "P1", "P2", "P3")
    await put(api, ("buyers/B/usergroups/VIP", {}))
    for category, parent in (("Root", None), ("Shoes", "Root"), ("Boots", "Shoes")):
        await put(api, (f"catalogs/C/categories/{category}", {"ParentID": parent}))
    links, rows = "catalogs/C/categories/productassignments", "catalogs/C/categories/assignments"
    await post(
        api, *((links, {"CategoryID": c, "ProductID": p}) for c, p in (("Boots", "P1"), ("Shoes", "P2")))
    )
    anybody, vip = await shopper(api), await shopper(api, "VIP")
    assert await seen(anybody) == await seen(vip) == ["P1", "P2", "P3"]
    no, yes = ({"Visible": each, "ViewAllProducts": each} for each in (False, True))
    await post(api, (rows, {"CategoryID": "Shoes", "BuyerID": "B", **no}))
    assert await seen(anybody) == await seen(vip) == ["P3"]
    assert (await vip.get(f"{PRODUCTS}/P1")).status_code == 404
    await post(api, (rows, {"CategoryID": "Boots", "BuyerID": "B", "UserGroupID": "VIP", **yes}))
    assert (await seen(anybody), await seen(vip)) == (["P3"], ["P1", "P3"])
    await post(api, ("products/assignments", {"ProductID": "P2", "BuyerID": "B"}))
    assert (await seen(anybody), await seen(vip)) == (["P2", "P3"], ["P1", "P2", "P3"])
    assert await price(anybody, "P2") is None
    for change, expected in (
        (api.seller.patch("/v1/catalogs/C/categories/Boots", json={"Active": False}), ["P2", "P3"]),
        (api.seller.patch("/v1/catalogs/C/categories/Boots", json={"Active": True}), ["P1", "P2", "P3"]),
        (api.seller.delete("/v1/catalogs/C/categories/Shoes"), ["P1", "P2", "P3"]),
        (api.seller.patch("/v1/products/P3", json={"Active": False}), ["P1", "P2"]),
        (api.seller.patch("/v1/catalogs/C", json={"Active": False}), []),
        (api.seller.patch("/v1/catalogs/C", json={"ID": "D", "Active": True}), ["P1", "P2"]),
        (api.seller.delete("/v1/catalogs/D/productassignments/P1"), ["P2"]),
        (api.seller.delete("/v1/catalogs/D/assignments?buyerID=B"), []),
    ):
        assert (await change).status_code in (200, 204)
        assert await seen(vip) == expected


async def test_catalogs_categories_and_depth(api: Api) -> None:
    """SHP-3, VIS step 2, CTY-7: what catalogID, categoryID and depth keep, and the order in a category."""
    await shop(api, "P1", "P2", "P3", "loose")
    await shop(api, "elsewhere", catalog="D")
    await put(api, ("catalogs/hidden", {}))
    await put(api, ("buyers/B", {"DefaultCatalogID": "C"}))
    for category, parent in (("top", None), ("mid", "top"), ("low", "mid"), ("dark", None)):
        await put(
            api, (f"catalogs/C/categories/{category}", {"ParentID": parent, "Active": category != "dark"})
        )
    links = "catalogs/C/categories/productassignments"
    for category, product, order in (("top", "P3", 2), ("mid", "P2", 1), ("top", "P1", 3), ("low", "P1", 0)):
        await post(api, (links, {"CategoryID": category, "ProductID": product, "ListOrder": order}))
    http = await shopper(api)
    for query, expected in {
        "": "elsewhere loose P1 P2 P3",
        "catalogID=c": "loose P1 P2 P3",
        "catalogID=D": "elsewhere",
        "catalogID=hidden": "",
        "catalogID=nope": "",
        "categoryID=top": "P1 P2 P3",
        "categoryID=TOP&catalogID=C&depth=all": "P1 P2 P3",
        "categoryID=top&depth=1": "P3 P1",
        "categoryID=top&depth=2": "P2 P3 P1",
        "categoryID=mid&depth=1": "P2",
        "categoryID=top&catalogID=D": "",
        "categoryID=dark": "",
        "categoryID=nope": "",
        "catalogID=C&depth=1": "loose P3 P1",
        "catalogID=C&depth=2": "loose P2 P3 P1",
        "categoryID=top&sortBy=!ID": "P3 P2 P1",
        "categoryID=top&ID=P1|P2": "P1 P2",
    }.items():
        assert await seen(http, query) == expected.split(), query
    for path in (f"{PRODUCTS}?depth=0", f"{PRODUCTS}?depth=x"):
        assert codes(await http.get(path)) == ["Category.InvalidDepth"]
    await put(api, ("catalogs/empty", {}), ("buyergroups/G", {}))
    await checked(api.seller.patch("/v1/buyers/B", json={"DefaultCatalogID": None}), 200)
    assert codes(await http.get(f"{PRODUCTS}?categoryID=top")) == ["Product.CategoryFilterRequiresCatalogID"]


async def test_paging_and_filters(api: Api) -> None:
    """LIST-2 on a list whose total is remembered; filters on what the shopper sees; SRCH-6."""
    await shop(api, *(f"P{number:02}" for number in range(25)))
    await priced(api, "ps", 3)
    await checked(
        api.seller.patch("/v1/products/P03", json={"DefaultPriceScheduleID": "ps", "Name": "A"}), 200
    )
    http = await shopper(api)
    first = (await checked(http.get(f"{PRODUCTS}?pageSize=20"), 200)).json()
    assert [item["ID"] for item in first["Items"]][:3] == ["P03", "P00", "P01"]
    for page, size, total, items in ((1, 20, 25, 20), (2, 20, 25, 5), (3, 20, 25, 0), (1, 25, 25, 25)):
        found = (await checked(http.get(f"{PRODUCTS}?page={page}&pageSize={size}"), 200)).json()
        assert (found["Meta"]["TotalCount"], len(found["Items"])) == (total, items)
    assert await seen(http, "PriceSchedule.ID=ps") == ["P03"]
    assert await seen(http, "Name=P2*&sortBy=!ID") == ["P24", "P23", "P22", "P21", "P20"]
    await checked(api.seller.delete("/v1/products/P03"), 204)
    assert (await checked(http.get(PRODUCTS), 200)).json()["Meta"]["TotalCount"] == 24


async def test_a_remembered_page_follows_every_change(api: Api) -> None:
    """LIST-2, SHP-4: which products are on a page is remembered; what they are, and what changes the page, is not."""
    await priced(api, "ps", 5)
    await shop(api, "a", "b", "c", "d", DefaultPriceScheduleID="ps", Inventory={"Enabled": True})
    http = await shopper(api)
    other_buyers = await _another_shopper(api)
    queries = (
        "pageSize=2",
        "pageSize=2&page=2",
        "pageSize=3&sortBy=!Name",
        "search=b",
        "sortBy=PriceSchedule.ID",
    )

    async def pages(http: httpx.AsyncClient = http) -> list[str]:
        found = []
        for query in queries:
            for _ in range(3):
                page = (await checked(http.get(f"{PRODUCTS}?{query}"), 200)).json()
                ids = "".join(item["ID"] for item in page["Items"])
            found.append(f"{ids}/{page['Meta']['TotalCount']}")
        return found

    async def first() -> dict[str, Any]:
        page = (await checked(http.get(f"{PRODUCTS}?pageSize=2"), 200)).json()
        return dict(page["Items"][0])

    assert await pages() == ["ab/4", "cd/4", "dcb/4", "b/1", "abcd/4"]
    assert await pages(other_buyers) == ["/0"] * 5
    await put(api, ("products/a", {"Name": "zz", "DefaultPriceScheduleID": "ps"}))
    assert await pages() == ["bc/4", "da/4", "adc/4", "b/1", "abcd/4"]
    await checked(api.seller.patch("/v1/products/c", json={"Active": False}), 200)
    assert await pages() == ["bd/3", "a/3", "adb/3", "b/1", "abd/3"]
    assert (await first())["PriceSchedule"]["PriceBreaks"][0]["Price"] == 5
    await checked(
        api.seller.patch("/v1/priceschedules/ps", json={"PriceBreaks": [{"Quantity": 1, "Price": 6}]}), 200
    )
    assert (await first())["PriceSchedule"]["PriceBreaks"][0]["Price"] == 6
    inventory = {"Enabled": True, "QuantityAvailable": 7}
    await checked(api.seller.patch("/v1/products/b", json={"Inventory": inventory}), 200)
    assert (await first())["Inventory"]["QuantityAvailable"] == 7
    await checked(api.seller.delete("/v1/products/b"), 204)
    assert await pages() == ["da/2", "/2", "ad/2", "/0", "ad/2"]


async def test_remembered_lists_follow_other_things(api: Api) -> None:
    """SHP-4: what a list is filtered and sorted by may stand elsewhere, or change without looking different to Python."""
    await put(api, ("suppliers/s1", {}), ("suppliers/s2", {}))
    address = {"Street1": "1", "City": "C", "State": "MN", "Zip": "1", "Country": "US", "AddressName": "N"}
    await put(api, ("addresses/a1", address), ("bundles/bu", {}))
    await shop(api, "a", "b", xp={"f": 1})
    await put(api, ("products/a", {"DefaultSupplierID": "s1", "ShipFromAddressID": "a1", "xp": {"f": 1}}))
    await put(api, ("products/b", {"DefaultSupplierID": "s2", "IsParent": True, "xp": {"f": 2}}))
    await put(api, ("products/child", {"ParentID": "b"}))
    await post(api, ("bundles/productassignments", {"BundleID": "bu", "ProductID": "a", "Required": True}))
    http = await shopper(api)
    queries = (
        "DefaultSupplierID=s1",
        "sortBy=DefaultSupplierID,ID&ParentID=!*",
        "ShipFromAddressID=a1",
        "BundleID=bu",
        "xp.f=1",
        "xp.f=2",
    )
    steps: tuple[tuple[str, str, Any, list[list[str]]], ...] = (
        ("PATCH", "products/a", {}, [["a"], ["a", "b"], ["a"], ["a"], ["a"], ["b", "child"]]),
        ("PATCH", "suppliers/s1", {"ID": "s9"}, [[], ["b", "a"], ["a"], ["a"], ["a"], ["b", "child"]]),
        ("PATCH", "addresses/a1", {"ID": "a2"}, [[], ["b", "a"], [], ["a"], ["a"], ["b", "child"]]),
        ("PATCH", "bundles/bu", {"ID": "bv"}, [[], ["b", "a"], [], [], ["a"], ["b", "child"]]),
        ("PATCH", "products/a", {"xp": {"f": True}}, [[], ["b", "a"], [], [], [], ["b", "child"]]),
        ("PATCH", "products/b", {"xp": {"f": 1}}, [[], ["b", "a"], [], [], ["b", "child"], []]),
        ("PATCH", "products/b", {"xp": {"f": True}}, [[], ["b", "a"], [], [], [], []]),
        ("PATCH", "bundles/bv", {"ID": "bu"}, [[], ["b", "a"], [], ["a"], [], []]),
        ("DELETE", "bundles/bu", None, [[], ["b", "a"], [], [], [], []]),
    )
    for verb, path, body, expected in steps:
        answer = await api.seller.request(verb, f"/v1/{path}", json=body)
        assert answer.is_success, answer.text
        for _ in range(3):
            assert [await seen(http, query) for query in queries] == expected, (verb, path)


async def test_pages_are_counted_alike(api: Api) -> None:
    """LIST-2: Meta of the first request, which counts facets, and of those that follow."""
    await put(api, ("productfacets/color", {}))
    await shop(api, "a", "b", "c", xp={"color": "red"})
    http = await shopper(api)
    metas = [(await checked(http.get(f"{PRODUCTS}?pageSize=2"), 200)).json()["Meta"] for _ in range(3)]
    assert metas[0] == metas[1] == metas[2]
    assert (metas[0]["TotalCount"], metas[0]["TotalPages"], metas[0]["ItemRange"]) == (3, 2, [1, 2])


async def _another_shopper(api: Api) -> httpx.AsyncClient:
    await shop(api, buyer="X", catalog="other")
    return await shopper(api, buyer="X")


async def test_children(api: Api) -> None:
    """PRD-6, PRD-7: a child is where its parent is, at its parent's price unless it has one."""
    await priced(api, "parents", 5)
    await priced(api, "own", 4)
    await shop(api, "parent", IsParent=True, DefaultPriceScheduleID="parents")
    http = await shopper(api)
    await put(api, ("products/plain", {"ParentID": "parent"}))
    await put(api, ("products/priced", {"ParentID": "parent", "DefaultPriceScheduleID": "own"}))
    await put(api, ("catalogs/C/categories/K", {}))
    await post(api, ("catalogs/C/categories/productassignments", {"CategoryID": "K", "ProductID": "parent"}))
    assert await seen(http) == ["parent", "plain", "priced"]
    assert await seen(http, "categoryID=K&sortBy=ID") == ["parent", "plain", "priced"]
    assert await seen(http, "ParentID=!*") == ["parent"]
    assert [await price(http, each) for each in ("plain", "priced")] == [5, 4]
    await checked(api.seller.patch("/v1/products/parent", json={"Active": False}), 200)
    assert await seen(http) == []


async def test_bundles(api: Api) -> None:
    """BND-1, BND-2: a bundle is listed like a product, as long as all of its products are visible."""
    await shop(api, "pen", "ink")
    await shop(api, catalog="D")
    await put(api, ("bundles/set", {}))
    for product in ("pen", "ink"):
        row = {"BundleID": "set", "ProductID": product, "Required": True}
        await post(api, ("bundles/productassignments", row))
    for catalog in ("C", "D"):
        await post(api, ("catalogs/bundleassignments", {"CatalogID": catalog, "BundleID": "set"}))
    http = await shopper(api)
    assert await seen(http) == ["ink", "pen", "set"]
    assert await seen(http, "IsBundle=true") == ["set"]
    assert await seen(http, "BundleID=Set") == ["ink", "pen"]
    assert await seen(http, "BundleID=other") == []
    assert await seen(http, "BundleID=set&Name=!ink") == ["pen"]
    assert await seen(http, "catalogID=D") == ["set"]
    assert (await http.get(f"{PRODUCTS}/set/specs?catalogID=D")).status_code == 200
    await checked(api.seller.patch("/v1/products/ink", json={"Active": False}), 200)
    assert await seen(http) == ["pen"]
    assert await seen(http, "catalogID=D") == []
    assert (await http.get(f"{PRODUCTS}/set")).status_code == 404


async def test_stock(api: Api) -> None:
    """IRC-6, IRC-7, behaviour D1: shoppers get the sum of the records that are meant for them, see these, and filter by them."""
    await shop(api, "P", Inventory={"Enabled": True})
    for other_buyer in ("X", "O"):
        await shop(api, buyer=other_buyer)
    address = {"AddressName": "W", "Street1": "1", "City": "C", "Country": "NL"}
    await put(api, ("addresses/w", address))
    for record, quantity, open_to_all, buyer in (
        ("W1", 10, True, None),
        ("W2", 7, False, "B"),
        ("W3", 4, False, "X"),
    ):
        body = {"AddressID": "w", "QuantityAvailable": quantity, "AllowAllBuyers": open_to_all}
        await put(api, (f"products/P/inventoryrecords/{record}", body))
        if buyer is not None:
            row = {"InventoryRecordID": record, "BuyerID": buyer}
            await post(api, ("products/P/inventoryrecords/assignments", row))
    for buyer, quantity, records in (("B", 17, ["W1", "W2"]), ("X", 14, ["W1", "W3"]), ("O", 10, ["W1"])):
        http = await shopper(api, buyer=buyer)
        item = (await checked(http.get(f"{PRODUCTS}/P"), 200)).json()
        assert item["Inventory"]["QuantityAvailable"] == quantity
        assert item == (await checked(http.get(PRODUCTS), 200)).json()["Items"][0]
        assert await seen(http, f"Inventory.QuantityAvailable={quantity}") == ["P"]
        page = (await checked(http.get(f"{PRODUCTS}/P/inventoryrecords"), 200)).json()
        assert [each["ID"] for each in page["Items"]] == records
        assert page["Items"][0]["Address"]["Street1"] == "1"
        bare = (await checked(http.get(f"{PRODUCTS}/P/inventoryrecords?includeAddress=false"), 200)).json()
        assert [each["Address"] for each in bare["Items"]] == [None] * len(records)
        for record in ("W1", "W2", "W3"):
            expected = ["P"] if record in records else []
            assert await seen(http, f"InventoryRecords.ID={record}") == expected
            assert await seen(http, f"search=P&InventoryRecords.ID={record}") == expected
        assert await seen(http, f"InventoryRecords.QuantityAvailable={21 - quantity}") == []
        for query, found in RECORDS.items():
            assert (await seen(http, query) == ["P"]) is found, query
    admin = (await checked(api.seller.get("/v1/products/P"), 200)).json()
    assert admin["Inventory"]["QuantityAvailable"] == 21
    await checked(api.seller.patch("/v1/products/P/inventoryrecords/W1", json={"QuantityAvailable": 0}), 200)
    assert await seen(await shopper(api, buyer="O"), "InventoryRecords.QuantityAvailable=>0") == []


async def test_sorted_by_price(api: Api) -> None:
    """SRCH-5, SRCH-7, PRC-4, PRC-5, behaviour D11: by what the shopper pays for the least that it may order."""
    sale = {"Quantity": 1, "Price": 9, "SalePrice": 2}
    schedules: dict[str, dict[str, Any]] = {
        "five": {"PriceBreaks": [{"Quantity": 1, "Price": 5}, {"Quantity": 9, "Price": 1}]},
        "sale": {"PriceBreaks": [sale]},
        "past": {"PriceBreaks": [sale], "SaleEnd": "2020-01-01"},
        "least": {"MinQuantity": 10, "PriceBreaks": [{"Quantity": 1, "Price": 20}, {"Quantity": 10, "Price": 1.5}]},
        "fixed": {"RestrictedQuantity": True, "PriceBreaks": [{"Quantity": 5, "Price": 3}, {"Quantity": 9, "Price": 1}]},
        "dozen": {"PriceBreaks": [{"Quantity": 12, "Price": 7}]},
    }  # fmt: skip
    await shop(api, "none")
    for schedule, body in schedules.items():
        await put(api, (f"priceschedules/{schedule}", body))
        await shop(api, schedule, DefaultPriceScheduleID=schedule, Description="thing")
    await put(api, ("priceschedules/mine", {"PriceBreaks": [{"Quantity": 1, "Price": 0.5}]}))
    row = {"ProductID": "dozen", "BuyerID": "B", "UserGroupID": "G", "PriceScheduleID": "mine"}
    await put(api, ("buyers/B/usergroups/G", {}))
    await post(api, ("products/assignments", row))
    anybody, member = await shopper(api), await shopper(api, "G")
    ascending = ["none", "least", "sale", "fixed", "five", "dozen", "past"]
    for _ in range(2):
        assert await seen(anybody, "sortBy=PriceSchedule.PriceBreaks.Price") == ascending
        assert await seen(anybody, "sortBy=!priceschedule.pricebreaks.price,ID") == ascending[::-1]
    assert await seen(member, "sortBy=PriceSchedule.PriceBreaks.Price") == [
        "none", "dozen", "least", "sale", "fixed", "five", "past",
    ]  # fmt: skip
    assert await seen(anybody, "search=thing&sortBy=PriceSchedule.PriceBreaks.Price") == ascending[1:]
    page = await anybody.get(f"{PRODUCTS}?sortBy=PriceSchedule.PriceBreaks.Price&pageSize=2&page=2")
    assert [item["ID"] for item in page.json()["Items"]] == ascending[2:4]
    assert await seen(anybody, "PriceSchedule.PriceBreaks.Price=20&sortBy=ID") == ["least"]
    refused = await anybody.get(f"{PRODUCTS}?sortBy=PriceSchedule.PriceBreaks.Quantity")
    assert (refused.status_code, codes(refused)) == (400, ["List.InvalidSortProperty"])


@pytest.mark.parametrize(
    "part", ["", "/specs", "/specs/s", "/variants", "/variants/v", "/sellers", "/inventoryrecords"]
)
async def test_invisible_products(api: Api, other: Api, part: str) -> None:
    """SHP-5, ORG-2: what is not visible does not exist, in another marketplace either; only buyers' users shop (SHP-1)."""
    await shop(api, "P", all_products=False)
    await shop(other, "P", "Q")
    await put(api, ("products/nowhere", {}))
    http = await shopper(api)
    for product in ("P", "Q", "nowhere", "nope"):
        answer = await http.get(f"{PRODUCTS}/{product}{part}")
        assert (answer.status_code, codes(answer)) == (404, ["NotFound"])
    assert await seen(http) == []
    supplier = api.as_(await api.user(supplier=await api.supplier()), roles=["Shopper"])
    assert (await supplier.get(f"{PRODUCTS}/P{part}")).status_code == 403
