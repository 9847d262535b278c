"""Two buyers that call their things by the same IDs, and whatever names them: orders, carts, subscriptions, shipments, returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.api.marketplace import Api, User
from tests.api.shop import Shop, line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

from entrepot.kernel.user_types import UserType

PLACE = {"Street1": "1 Quay", "City": "Hull", "Country": "GB"}
SHOPPER = ("Shopper", "MeSubscriptionAdmin")
BUYERS = ("B", "BB")
SPECS = [{"SpecID": "SP", "OptionID": "O1"}, {"SpecID": "TX", "Value": '"OptionID":"O1","SpecID":"SP"'}]
LINE: dict[str, Any] = {"Specs": SPECS, "InventoryRecordID": "R", "ShipFromAddressID": "W"}

THINGS: dict[str, str] = {
    "B": "buyers",
    "U": "buyers/B/users",
    "V": "buyers/B/users",
    "G": "buyers/B/usergroups",
    "SHIP": "buyers/B/addresses",
    "BILL": "buyers/B/addresses",
    "CARD": "buyers/B/creditcards",
    "ACC": "buyers/B/spendingaccounts",
    "RULE": "buyers/B/approvalrules",
    "S": "suppliers",
    "W": "suppliers/S/addresses",
    "P": "products",
    "KIT": "bundles",
    "VAR": "products/P/variants",
    "R": "products/P/variants/VAR/inventoryrecords",
    "PS": "priceschedules",
    "SP": "specs",
    "O1": "specs/SP/options",
    "D": "discounts",
    "PR": "promotions",
    "SRULE": "approvalrules",
    "SG": "usergroups",
    "SV": "adminusers",
}
"""What is named: ID and collection."""
NAMESAKES = (
    "addresses/W",
    "suppliers/S2/addresses/W",
    "addresses/SHIP",
    "specs/OTHER/options/O1",
    "products/Q/inventoryrecords/R",
)
"""Things of the same IDs that nothing here means."""


@dataclass
class Named(Shop):
    """The marketplace, and the shopper of each buyer. Both have an open order O, a cart K, a subscription and a return."""

    shoppers: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def rename(self, thing: str, new: str, *, back: bool = False) -> None:
        """PATCH, PUT for variants, of the thing of buyer B or of the marketplace."""
        url, body = f"/v1/{THINGS[thing]}/{new if back else thing}", {"ID": thing if back else new}
        await checked(self.api.seller.patch(url, json=body), 200)


async def open_named(api: Api) -> Named:
    shop = await open_shop(api)
    await _catalog(shop)
    named = Named(api)
    for buyer in BUYERS:
        await _company(shop, buyer)
        shopper = api.as_(await api.user(buyer=buyer, id="U"), roles=SHOPPER)
        named.shoppers[buyer] = shopper
        approver = api.as_(await api.user(buyer=buyer, id="V"), roles=SHOPPER)
        await shop.post(f"buyers/{buyer}/usergroups/assignments", UserID="V", UserGroupID="G")
        await _order(shopper, f"O-{buyer}")
        accepted = api.seller.patch(f"/v1/orders/Incoming/O-{buyer}/payments/PAY", json={"Accepted": True})
        await checked(accepted, 200)
        await checked(shopper.post(f"/v1/orders/Outgoing/O-{buyer}/submit"), 201)
        await checked(
            approver.post(f"/v1/orders/Outgoing/O-{buyer}/approve", json={"AllowResubmit": False}), 201
        )
        await _order(shopper, f"K-{buyer}")
        await _subscriptions(shopper, buyer)
        await _shipment(api, buyer)
        await _return(api, shopper, buyer)
    return named


async def _catalog(shop: Shop) -> None:
    http = shop.seller
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    await shop.put("suppliers/S2")
    for path in ("suppliers/S/addresses/W", "suppliers/S2/addresses/W", "addresses/W", "addresses/SHIP"):
        await shop.put(path, **PLACE)
    await shop.schedule("PS", (1, 10))
    stock = {"Enabled": True, "VariantLevelTracking": True}
    facts = {"Inventory": stock, "DefaultSupplierID": "S", "Returnable": True}
    await shop.product("P", DefaultPriceScheduleID="PS", **facts)
    await shop.put("specs/SP", DefinesVariant=True, Required=True)
    await shop.put("specs/SP/options/O1", Value="one")
    await shop.put("specs/OTHER")
    await shop.put("specs/OTHER/options/O1", Value="one")
    await shop.put("specs/TX", AllowOpenText=True)
    await checked(http.patch("/v1/specs/SP", json={"DefaultOptionID": "O1"}), 200)
    for spec in ("SP", "OTHER", "TX"):
        await shop.post("specs/productassignments", SpecID=spec, ProductID="P")
    await checked(http.post("/v1/products/P/variants/generate"), 201)
    (variant,) = (await http.get("/v1/products/P/variants")).json()["Items"]
    await checked(
        http.patch(f"/v1/products/P/variants/{variant['ID']}", json={"ID": "VAR", "Active": True}), 200
    )
    body = {"AddressID": "W", "QuantityAvailable": 100}
    supplier = shop.api.as_(await shop.api.user(supplier="S"), roles=["FullAccess"])
    await checked(supplier.put("/v1/products/P/variants/VAR/inventoryrecords/R", json=body), 200)
    await shop.product("Q", (1, 5), Inventory={"Enabled": True})
    await checked(http.put("/v1/products/Q/inventoryrecords/R", json=body | {"AddressID": "SHIP"}), 200)
    await checked(http.put("/v1/bundles/KIT", json={"Name": "Kit", "Active": True}), 200)
    await shop.post("catalogs/bundleassignments", CatalogID="C", BundleID="KIT")
    await shop.post(
        "bundles/productassignments", ProductID="Q", BundleID="KIT", Required=True, DefaultQuantity=1
    )
    await shop.put("discounts/D", DiscountBreaks=[{"Quantity": 1, "Amount": 10}])
    terms = {"Code": "pr", "EligibleExpression": "true", "ValueExpression": "1"}
    await shop.put("promotions/PR", AllowAllBuyers=True, CanCombine=True, **terms)
    await shop.put("usergroups/SG")
    rule = {"ApprovalType": "OrderReturn", "ApprovingGroupID": "SG", "RuleExpression": "order.Total > 0"}
    await shop.put("approvalrules/SRULE", **rule)
    await shop.api.user(id="SV")
    await shop.post("usergroups/assignments", UserID="SV", UserGroupID="SG")


async def _company(shop: Shop, buyer: str) -> None:
    if buyer != "B":
        await shop.put(f"buyers/{buyer}", DefaultCatalogID="C")
        see = {"ViewAllCategories": True, "ViewAllProducts": True}
        await shop.post("catalogs/assignments", CatalogID="C", BuyerID=buyer, **see)
    path = f"buyers/{buyer}"
    await shop.put(f"{path}/usergroups/G")
    for address, purpose in (("SHIP", "IsShipping"), ("BILL", "IsBilling")):
        await shop.put(f"{path}/addresses/{address}", **PLACE)
        await shop.post(f"{path}/addresses/assignments", AddressID=address, **{purpose: True})
    await shop.put(f"{path}/creditcards/CARD", Token="t")
    await shop.post(f"{path}/creditcards/assignments", CreditCardID="CARD")
    await shop.put(f"{path}/spendingaccounts/ACC", Balance=1000, AllowAsPaymentMethod=True)
    await shop.post(f"{path}/spendingaccounts/assignments", SpendingAccountID="ACC")
    rule = {"ApprovingGroupID": "G", "RuleExpression": "order.Total > 0"}
    await shop.put(f"{path}/approvalrules/RULE", **rule)
    await shop.post("discounts/assignments", DiscountID="D", BuyerID=buyer)


async def _order(http: httpx.AsyncClient, order: str) -> None:
    url = f"/v1/orders/Outgoing/{order}"
    await order_of(http, ID=order, ShippingAddressID="SHIP", BillingAddressID="BILL")
    await line_of(http, order, "P", ID="L", **LINE)
    await checked(http.post(f"{url}/bundles/KIT"), 201)
    await checked(http.post(f"{url}/promotions/pr"), 201)
    card = {"ID": "PAY", "Type": "CreditCard", "CreditCardID": "CARD", "Amount": 1}
    for payment in (card, {"Type": "SpendingAccount", "SpendingAccountID": "ACC"}):
        await checked(http.post(f"{url}/payments", json=payment), 201)


async def _subscriptions(http: httpx.AsyncClient, buyer: str) -> None:
    terms = {"Frequency": 1, "Interval": "Months", "NextOrderDate": "2099-01-01"}
    terms |= {"BillingAddressID": "BILL", "ShippingAddressID": "SHIP"}
    card: dict[str, Any] = {"Type": "CreditCard", "CreditCardID": "CARD"}
    account: dict[str, Any] = {"Type": "SpendingAccount", "SpendingAccountID": "ACC"}
    for name, payment in (("C", card), ("A", account)):
        url = f"/v1/me/subscriptions/{name}-{buyer}"
        await checked(http.put(url, json={**terms, "Payment": payment}), 200)
        item = {"ProductID": "P", "Quantity": 1, "ShippingAddressID": "SHIP", **LINE}
        await checked(http.put(f"{url}/items/I", json=item), 200)
        await checked(http.post(f"{url}/items/bundles/KIT"), 201)


async def _shipment(api: Api, buyer: str) -> None:
    body = {"BuyerID": buyer, "OwnerID": "S", "FromAddressID": "W", "ToAddressID": "SHIP"}
    await checked(api.seller.put(f"/v1/shipments/SH-{buyer}", json=body), 200)


async def _return(api: Api, http: httpx.AsyncClient, buyer: str) -> None:
    await checked(api.seller.post(f"/v1/orders/Incoming/O-{buyer}/complete"), 201)
    url = f"/v1/orderreturns/RET-{buyer}"
    items = [{"LineItemID": "L", "Quantity": 1}]
    await checked(http.put(url, json={"OrderID": f"O-{buyer}", "ItemsToReturn": items}), 200)
    await checked(http.post(f"{url}/submit"), 201)
    key = await api.value("SELECT key FROM users WHERE marketplace_id = $1 AND \"ID\" = 'SV'")
    approver = api.as_(User(key, "SV", "SV@seller", UserType.SELLER, api.marketplace), roles=["OrderAdmin"])
    await checked(approver.post(f"{url}/approve", json={"AllowResubmit": False}), 201)
