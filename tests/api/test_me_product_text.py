"""A shopper's product is, byte for byte, what the process would write of its columns, and what the list shows (SHP-3, SHP-4)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.company import ADDRESS
from tests.api.marketplace import Api, User
from tests.api.shop import Shop, open_shop
from tests.api.test_catalog_plans import recorded
from tests.api.uniform.subjects import checked

from entrepot.engine.rows import renderer
from entrepot.engine.wire.json import encode, load
from entrepot.features.catalog.products.resources import SHIP_FROM
from entrepot.features.catalog.shopping.models import BuyerProduct
from entrepot.features.catalog.shopping.prices import Seller, price
from entrepot.features.catalog.shopping.sources import OWN
from entrepot.features.catalog.shopping.stock import QUANTITY, show_quantity
from entrepot.kernel.sql import Sql

pytestmark = pytest.mark.usefixtures("truly")

PATH = "/v1/me/products"
TEXT = 'é ☃ 😀 \u2028 \u007f " \\ / \t\n\r\b\f <&>'
STOCK = {"Enabled": True, "QuantityAvailable": 50, "NotificationPoint": 5}
DEEP: Any = 1
for _ in range(20):
    DEEP = {"a": [DEEP]}
PRODUCTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no-quantities": {"QuantityMultiplier": None, "Inventory": None, "Description": ""},
    "text": {"Name": TEXT, "Description": TEXT, "xp": {TEXT: [TEXT, ""]}},
    "xp-deep": {"xp": {"deep": DEEP}},
    "xp-numbers": {"xp": {"b": 1, "a": [0.1, 1e5, -0, 12345678901234567890, 1.50, True, None]}},
    "xp-empty": {"xp": {"": {}, "list": []}},
    "sizes": {"ShipWeight": 0.10, "ShipHeight": 100, "ShipWidth": 0.000001, "ShipLength": 12345678.9},
    "flags": {"Returnable": True, "AllSuppliersCanSell": True, "IsParent": True, "QuantityMultiplier": 7},
    "stock": {"Inventory": STOCK | {"OrderCanExceed": True}},
    "no-stock": {"Inventory": {"Enabled": False}},
    "from": {"ShipFromAddressID": "W"},
    "default-supplier": {"DefaultSupplierID": "S"},
}
SCHEDULES: dict[str, dict[str, Any]] = {
    "plain": {},
    "breaks": {"breaks": [(1, 10.5), (5, 9), (100, 0.0001)], "MinQuantity": 2, "MaxQuantity": 500},
    "restricted": {"breaks": [(1, 3), (6, 2)], "RestrictedQuantity": True},
    "cumulative": {"UseCumulativeQuantity": True, "ApplyTax": True, "ApplyShipping": True},
    "on-sale": {"SaleStart": "2020-01-01T00:00:00.120Z", "SaleEnd": "2099-12-31T23:59:59Z"},
    "sale-past": {"SaleEnd": "2020-01-01T00:00:00Z"},
    "sale-to-come": {"SaleStart": "2099-01-01T00:00:00.001Z"},
    "texts": {"Name": TEXT, "xp": {TEXT: TEXT}},
}
"""Of each a product that has it by default."""
OWN_STOCK = ("record", "records-of-others", "variants", "variants-of-others")
OTHERS = ("assigned", "assigned-to-group", "bundle", "parent", "child", "child-with-price", "supplied")
HIDDEN = ("inactive", "not-in-catalog", "in-hidden-category", "bundle-of-hidden", "nowhere")
BEFORE = """
SELECT {own}, ({price}) AS "PriceSchedule", ({ship_from}) AS "ShipFromAddressID", ({quantity}) AS _quantity
FROM products t WHERE t.marketplace_id = :marketplace_id AND t."ID" = CAST(:product AS citext)
"""


async def stocked(shop: Shop) -> None:
    """OWN_STOCK: products and variants whose records are meant for the buyer, and for others alone."""
    await shop.put("buyers/X")
    for product in OWN_STOCK:
        tracking = product.startswith("variants")
        inventory = {"Enabled": True, "VariantLevelTracking": tracking, "OrderCanExceed": True}
        await shop.product(product, (1, 4), Inventory=inventory, xp={"of": [product, 1.5]})
        path = f"products/{product}"
        if tracking:
            spec = {"DefinesVariant": True, "Required": True}
            await shop.put(f"specs/{product}", **spec)
            for option in "12":
                await shop.put(f"specs/{product}/options/{option}", Value=option)
            await shop.post("specs/productassignments", SpecID=product, ProductID=product)
            await checked(shop.seller.post(f"/v1/{path}/variants/generate"), 201)
            path += f"/variants/{product}-1"
        others = product.endswith("of-others")
        record = {"AddressID": "W", "QuantityAvailable": 9, "AllowAllBuyers": not others}
        await shop.put(f"{path}/inventoryrecords/R-{product}", **record)
        if others:
            row = {"InventoryRecordID": f"R-{product}", "BuyerID": "X"}
            await shop.post(f"{path}/inventoryrecords/assignments", **row)


async def related(shop: Shop) -> None:
    """OTHERS: prices by assignment, by parents and by suppliers, and a bundle."""
    await shop.product("assigned", (1, 20))
    await shop.product("assigned-to-group", (1, 20))
    for product, row in (("assigned", {}), ("assigned-to-group", {"UserGroupID": "G"})):
        await shop.schedule(f"for-{product}", (1, 15))
        given = {"ProductID": product, "BuyerID": "B", "PriceScheduleID": f"for-{product}", **row}
        await shop.post("products/assignments", **given)
    await shop.put("bundles/bundle")
    await shop.post("catalogs/productassignments", CatalogID="C", ProductID="bundle")
    await shop.post("bundles/productassignments", BundleID="bundle", ProductID="plain", Required=True)
    await shop.product("parent", (1, 30), IsParent=True, Description="Of the parent", xp={"p": 1})
    await shop.product("child", ParentID="parent")
    await shop.product("child-with-price", (1, 31), ParentID="parent", Description="Of the child")
    await shop.product("supplied", (1, 40), OwnerID="S")
    await shop.schedule("of-supplier", (1, 39))
    row = {"ProductID": "supplied", "BuyerID": "B", "SellerID": "S", "PriceScheduleID": "of-supplier"}
    await shop.post("products/assignments", **row)


async def hidden(shop: Shop) -> None:
    """HIDDEN, but for what there is not; and a category that hides what is in it."""
    await shop.product("inactive", Active=False)
    await shop.put("products/not-in-catalog")
    for category in ("K", "L"):
        await shop.put(f"catalogs/C/categories/{category}")
    await shop.product("in-hidden-category")
    await shop.product("in-both")
    for category, product in (("K", "in-hidden-category"), ("K", "in-both"), ("L", "in-both")):
        row = {"CategoryID": category, "ProductID": product}
        await shop.post("catalogs/C/categories/productassignments", **row)
    given: dict[str, Any] = {"CategoryID": "K", "BuyerID": "B", "Visible": False, "ViewAllProducts": False}
    await shop.post("catalogs/C/categories/assignments", **given)
    await shop.put("bundles/bundle-of-hidden")
    await shop.post("catalogs/productassignments", CatalogID="C", ProductID="bundle-of-hidden")
    given = {"BundleID": "bundle-of-hidden", "ProductID": "inactive", "Required": True}
    await shop.post("bundles/productassignments", **given)


async def filled(api: Api) -> tuple[Shop, User, httpx.AsyncClient]:
    """A shop with all of these, and a shopper of the group G."""
    shop = await open_shop(api)
    await shop.put("buyers/B/usergroups/G")
    await shop.put("addresses/W", **ADDRESS, AddressName="Warehouse")
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    for product, facts in PRODUCTS.items():
        await shop.product(product, **facts)
    for name, facts in SCHEDULES.items():
        breaks = [
            {"Quantity": quantity, "Price": amount, "SalePrice": amount / 2 if "sale" in name else None}
            for quantity, amount in facts.get("breaks", [(1, 8)])
        ]
        terms = {key: value for key, value in facts.items() if key != "breaks"}
        await shop.put(f"priceschedules/{name}", PriceBreaks=breaks, **terms)
        await shop.product(name, DefaultPriceScheduleID=name)
    await stocked(shop)
    await related(shop)
    await hidden(shop)
    user, http = await shop.shopper("G")
    return shop, user, http


async def written(api: Api, user: User, product: str, seller: str | None) -> dict[str, Any]:
    """The product as the process would write it of its columns."""
    whose: Seller = "owner" if seller is None else "marketplace" if seller == api.marketplace else "supplier"
    own = ", ".join(f't."{column.name}"' for column in OWN)
    sql = Sql(BEFORE.format(own=own, price=price(whose), ship_from=SHIP_FROM, quantity=QUANTITY))
    groups = await api.rows(
        "SELECT group_key FROM user_group_members WHERE marketplace_id = $1 AND user_key = $2", user.key
    )
    text, names = sql.numbered()
    values = {
        "marketplace_id": api.marketplace_id,
        "product": product,
        "marketplace": api.marketplace,
        "seller": seller,
        "buyer": "B",
        "groups": [group["group_key"] for group in groups],
        "currency": None,
        "now": api.server.clock(),
    }
    (row,) = await api.server.database.fetch(text, *(values[name] for name in names))
    item = renderer(BuyerProduct).render(row)
    show_quantity(item, row)
    return item


async def listed(http: httpx.AsyncClient, query: str = "") -> dict[str, Any]:
    """The products of a list by their IDs."""
    page = (await checked(http.get(f"{PATH}?pageSize=100&{query}"), 200)).json()
    assert page["Meta"]["TotalCount"] == len(page["Items"])
    return {item["ID"]: item for item in page["Items"]}


async def test_by_id_as_in_lists(api: Api) -> None:
    """Of every product that is seen, whoever sells it; twice, since what is remembered of the first time is the same."""
    shop, user, http = await filled(api)
    shown = (*PRODUCTS, *SCHEDULES, *OWN_STOCK, *OTHERS, "in-both")
    for seller in (None, api.marketplace, "S"):
        query = "" if seller is None else f"sellerID={seller}"
        items = await listed(http, query)
        assert {*items} == {*shown}
        sold = ("supplied", "default-supplier") if seller == "S" else shown
        for product in (*sold, *reversed(sold)):
            answer = await checked(http.get(f"{PATH}/{product.upper()}?{query}"), 200)
            assert answer.content == encode(await written(api, user, product, seller)), product
            assert answer.json() == items[product]
            assert list(answer.json()) == list(items[product]) == list(BuyerProduct.__columns__)
        for product in HIDDEN:
            assert (await http.get(f"{PATH}/{product}?{query}")).status_code == 404, product
    prices = {
        ID: items["PriceSchedule"]["ID"]
        for ID in OTHERS
        if (items := (await listed(http))[ID])["PriceSchedule"]
    }
    assert prices == {
        "assigned": "for-assigned",
        "assigned-to-group": "for-assigned-to-group",
        "parent": "parent",
        "child": "parent",
        "child-with-price": "child-with-price",
        "supplied": "of-supplier",
    }
    quantities = {
        product: item["Inventory"]["QuantityAvailable"]
        for product, item in (await listed(http)).items()
        if product in OWN_STOCK
    }
    assert quantities == {"record": 9, "records-of-others": 0, "variants": 9, "variants-of-others": 0}
    del shop


async def test_with_discounts(api: Api) -> None:
    """DSC-2: prices with discounts taken off, in the list and by ID; nothing else is another."""
    shop, user, http = await filled(api)
    breaks = [{"Quantity": 1, "Amount": 10}, {"Quantity": 5, "Amount": 12.5}]
    await shop.put("discounts/D", DiscountBreaks=breaks, Description="Ten")
    await shop.post("discounts/assignments", DiscountID="D", BuyerID="B")
    items = await listed(http)
    for product, item in items.items():
        got = await checked(http.get(f"{PATH}/{product}"), 200)
        assert got.json() == item
        answer = load(got.content)
        schedule = answer["PriceSchedule"]
        assert (schedule is None) is (product not in {*SCHEDULES, *OWN_STOCK, *OTHERS} - {"bundle"})
        if schedule is not None:
            assert schedule.pop("Discount") == {"ID": "D", "Description": "Ten"}
            for row in schedule["PriceBreaks"]:
                assert row.pop("Discounted")["Percent"] == (12.5 if row["Quantity"] >= 5 else 10)
        assert encode(answer) == encode(load(encode(await written(api, user, product, None))))


async def test_statements(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for a product; one more when a bundle, a child, a supplier's or one with records of stock is first asked for. What it has
    become since is read at once.
    """
    shop, _, http = await filled(api)
    await listed(http)
    involved = {*OWN_STOCK, "bundle", "child", "child-with-price", "supplied"}
    for product in (*PRODUCTS, *SCHEDULES, *OWN_STOCK, *OTHERS):
        for expected in (2 if product in involved else 1, 1):
            with recorded(monkeypatch) as sent:
                await checked(http.get(f"{PATH}/{product}"), 200)
            assert len([sql for sql, _ in sent if "products t" in sql]) == expected, product
    record = {"AddressID": "W", "QuantityAvailable": 77, "AllowAllBuyers": True}
    await shop.put("products/stock/inventoryrecords/R-late", **record)
    await checked(shop.seller.patch("/v1/products/child", json={"ParentID": None}), 200)
    await shop.post("catalogs/productassignments", CatalogID="C", ProductID="child")
    items = await listed(http)
    for product in ("stock", "child"):
        assert (await checked(http.get(f"{PATH}/{product}"), 200)).json() == items[product]
    assert items["stock"]["Inventory"]["QuantityAvailable"] == 77
    assert items["child"]["PriceSchedule"] is None
