"""By whose sight each ID in a body is resolved: a reviewed table of all that others than the marketplace owner may write, and an
attempt at each with something that the caller cannot see (security 15, CONV-10).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api
from tests.api.shop import Shop, line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

from entrepot.app.registry import registry
from entrepot.declare.wire import Wire
from entrepot.kernel.user_types import UserType

NOTHING, SECRET = "of-nobody", "what-it-is-called"
PLACE = {"Street1": "1 Quay", "City": "Hull", "Country": "GB"}
TERMS = {"Frequency": 1, "Interval": "Months", "NextOrderDate": "2099-01-01"}


@dataclass(frozen=True)
class Sight:
    """`by`: by whose sight, or what relation to the thing that is written. The attempt: who writes what to where; `{}` in the
    body is the ID, `theirs` one of another party's. `ignored`: whatever a body says counts for nothing. `told`: that there is
    such a company is told, and nothing of it.
    """

    by: str
    caller: str
    route: str
    body: dict[str, Any]
    theirs: str
    ignored: bool = False
    told: bool = False


def owner(route: str, **body: Any) -> Sight:
    its = {"Name": "x", **body, "OwnerID": "{}"}
    return Sight("a supplier owns what it makes (ORG-3)", "supplier", route, its, "SB", ignored=True)


def party(route: str, **body: Any) -> dict[str, Sight]:
    """Buyers and groups that assignments name."""
    served, own = "any company: whom a supplier's things are for (ORG-4)", "groups of the buyer that is named"
    return {
        "BuyerID": Sight(served, "supplier", route, {**body, "BuyerID": "{}"}, "BX", told=True),
        "UserGroupID": Sight(own, "supplier", route, {**body, "BuyerID": "B", "UserGroupID": "{}"}, "GX"),
    }


def within(route: str, thing: str, own: str, theirs: str, *, users: bool = True) -> dict[str, Sight]:
    """Assignments within a buyer."""
    by = "what lives in the path's buyer"
    found = {
        thing: Sight(by, "buyer", route, {thing: "{}", "IsShipping": True}, theirs),
        "UserGroupID": Sight(by, "buyer", route, {thing: own, "IsShipping": True, "UserGroupID": "{}"}, "GX"),
    }
    if users:
        found["UserID"] = Sight(by, "buyer", route, {thing: own, "IsShipping": True, "UserID": "{}"}, "UX")
    return found


def line(route: str, wrap: bool = False) -> dict[str, Sight]:
    def body(**its: Any) -> dict[str, Any]:
        return (
            {"LineItems": [{"ProductID": "PA", **its}]}
            if wrap
            else {"ProductID": "PA", "Specs": CHOSEN, **its}
        )

    user = "what the order's user sees"
    found = {
        "ProductID": Sight(user, "buyer", route, body(ProductID="{}"), "PB"),
        "ShippingAddressID": Sight(
            "addresses of the order's user (ADR-2)", "buyer", route, body(ShippingAddressID="{}"), "AX"
        ),
        "ShipFromAddressID": Sight(
            "its supplier, the marketplace owner, where it lies (LI-4)",
            "buyer",
            route,
            body(ShipFromAddressID="{}"),
            "WB",
        ),
        "InventoryRecordID": Sight(
            "records of the product (INV-3)", "buyer", route, body(InventoryRecordID="{}"), "RB"
        ),
        "DiscountID": Sight("pricing says it", "buyer", route, body(DiscountID="{}"), "DX", ignored=True),
        "Specs.SpecID": Sight(
            "specs of the product",
            "buyer",
            route,
            body(Specs=[*CHOSEN, {"SpecID": "{}", "Value": "x"}]),
            "SPB",
            ignored=True,
        ),
        "Specs.OptionID": Sight(
            "options of the spec", "buyer", route, body(Specs=[{"SpecID": "SPA", "OptionID": "{}"}]), "OB"
        ),
    }
    return {f"LineItems.{name}": each for name, each in found.items()} if wrap else found


CHOSEN = [{"SpecID": "SPA", "OptionID": "OA"}]
PRODUCT = {"Name": "x", "QuantityMultiplier": 1}
MINE = "what the subscription's user sees"
SIGHTS: dict[str, dict[str, Sight]] = {
    "Buyer": {
        "DefaultCatalogID": Sight(
            "catalogs assigned to the buyer", "buyer", "PATCH buyers/B", {"DefaultCatalogID": "{}"}, "CSB"
        ),
        "GroupID": Sight(
            "the marketplace owner's to say", "buyer", "PATCH buyers/B", {"GroupID": "{}"}, "BG", ignored=True
        ),
    },
    "Catalog": {"OwnerID": owner("POST catalogs")},
    "Category": {
        "ParentID": Sight(
            "the same catalog",
            "supplier",
            "POST catalogs/CSA/categories",
            {"Name": "x", "ParentID": "{}"},
            "KB",
        )
    },
    "Spec": {
        "OwnerID": owner("POST specs"),
        "DefaultOptionID": Sight(
            "its own options", "supplier", "PATCH specs/SPA", {"DefaultOptionID": "{}"}, "OB"
        ),
    },
    "PriceSchedule": {"OwnerID": owner("POST priceschedules")},
    "Product": {
        "OwnerID": owner("POST products", QuantityMultiplier=1),
        "DefaultPriceScheduleID": Sight(
            "price schedules of its owner or the marketplace owner",
            "supplier",
            "PATCH products/PA",
            {"DefaultPriceScheduleID": "{}"},
            "PSB",
        ),
        "ParentID": Sight(
            "parents of the same owner", "supplier", "POST products", PRODUCT | {"ParentID": "{}"}, "PARENTB"
        ),
        "ShipFromAddressID": Sight(
            "addresses of owner, supplier, marketplace owner (PRD-2)",
            "supplier",
            "PATCH products/PA",
            {"ShipFromAddressID": "{}"},
            "WB",
        ),
        "DefaultSupplierID": Sight(
            "itself", "supplier", "PATCH products/PA", {"DefaultSupplierID": "{}"}, "SB"
        ),
    },
    "InventoryRecord": {
        "OwnerID": Sight(
            "a supplier owns what it makes (ORG-3)",
            "supplier",
            "POST products/PA/inventoryrecords",
            {"AddressID": "WA", "OwnerID": "{}"},
            "SB",
            ignored=True,
        ),
        "AddressID": Sight(
            "addresses of its owner",
            "supplier",
            "POST products/PA/inventoryrecords",
            {"AddressID": "{}"},
            "WB",
        ),
    },
    "Bundle": {"OwnerID": owner("POST bundles")},
    "Promotion": {
        "OwnerID": owner("POST promotions", Code="of-{}", EligibleExpression="true", ValueExpression="1")
    },
    "ApprovalRule": {
        "ApprovingGroupID": Sight(
            "groups of the path's buyer",
            "buyer",
            "POST buyers/B/approvalrules",
            {"RuleExpression": "true", "ApprovingGroupID": "{}"},
            "GX",
        )
    },
    "SellerApprovalRule": {
        "OwnerID": owner(
            "POST approvalrules", ApprovalType="OrderReturn", ApprovingGroupID="GA", RuleExpression="true"
        ),
        "ApprovingGroupID": Sight(
            "groups of its owner",
            "supplier",
            "POST approvalrules",
            {"ApprovalType": "OrderReturn", "RuleExpression": "true", "ApprovingGroupID": "{}"},
            "GB",
        ),
    },
    "Shipment": {
        "BuyerID": Sight(
            "buyers served or of an order received (SHP-1)",
            "supplier",
            "POST shipments",
            {"BuyerID": "{}"},
            "BX",
        ),
        "OwnerID": owner("POST shipments"),
        "FromAddressID": Sight(
            "addresses of owner and marketplace owner",
            "supplier",
            "POST shipments",
            {"FromAddressID": "{}"},
            "WB",
        ),
        "ToAddressID": Sight(
            "addresses of a buyer of an order received (SHP-4)",
            "supplier",
            "POST shipments",
            {"BuyerID": "B", "ToAddressID": "{}"},
            "AX",
        ),
    },
    "CatalogAssignment": {
        "CatalogID": Sight(
            "its own catalogs",
            "supplier",
            "POST catalogs/assignments",
            {"CatalogID": "{}", "BuyerID": "B"},
            "CSB",
        ),
        "BuyerID": party("POST catalogs/assignments", CatalogID="CSA")["BuyerID"],
        "BuyerGroupID": Sight(
            "the marketplace owner's alone",
            "supplier",
            "POST catalogs/assignments",
            {"CatalogID": "CSA", "BuyerGroupID": "{}"},
            "BG",
            told=True,
        ),
    },
    "CategoryAssignment": {
        "CategoryID": Sight(
            "the path's catalog",
            "supplier",
            "POST catalogs/CSA/categories/assignments",
            {"CategoryID": "{}", "BuyerID": "B"},
            "KB",
        ),
        **party("POST catalogs/CSA/categories/assignments", CategoryID="KA"),
    },
    "AddressAssignment": within("POST buyers/B/addresses/assignments", "AddressID", "A", "AX"),
    "CostCenterAssignment": within(
        "POST buyers/B/costcenters/assignments", "CostCenterID", "CC", "CCX", users=False
    ),
    "CreditCardAssignment": within("POST buyers/B/creditcards/assignments", "CreditCardID", "CD", "CDX"),
    "SpendingAccountAssignment": within(
        "POST buyers/B/spendingaccounts/assignments", "SpendingAccountID", "AC", "ACX"
    ),
    "ProductCatalogAssignment": {
        "CatalogID": Sight(
            "its own catalogs",
            "supplier",
            "POST catalogs/productassignments",
            {"CatalogID": "{}", "ProductID": "PA"},
            "CSB",
        ),
        "ProductID": Sight(
            "products it sees",
            "supplier",
            "POST catalogs/productassignments",
            {"CatalogID": "CSA", "ProductID": "{}"},
            "PB",
        ),
    },
    "CategoryProductAssignment": {
        name: Sight(
            "the path's catalog; products it sees",
            "supplier",
            "POST catalogs/CSA/categories/productassignments",
            body,
            theirs,
        )
        for name, body, theirs in (
            ("CategoryID", {"CategoryID": "{}", "ProductID": "PA"}, "KB"),
            ("ProductID", {"CategoryID": "KA", "ProductID": "{}"}, "PB"),
        )
    },
    "SpecProductAssignment": {
        name: Sight("specs and products it sees", "supplier", "POST specs/productassignments", body, theirs)
        for name, body, theirs in (
            ("SpecID", {"SpecID": "{}", "ProductID": "PA"}, "SPB"),
            ("ProductID", {"SpecID": "SPA", "ProductID": "{}"}, "PB"),
            ("DefaultOptionID", {"SpecID": "SPA", "ProductID": "PA", "DefaultOptionID": "{}"}, "OB"),
        )
    },
    "InventoryRecordAssignment": {
        "InventoryRecordID": Sight(
            "records of the path's product",
            "supplier",
            "POST products/PA/inventoryrecords/assignments",
            {"InventoryRecordID": "{}", "BuyerID": "B"},
            "RB",
        ),
        **party("POST products/PA/inventoryrecords/assignments", InventoryRecordID="RA"),
    },
    "BundleProductAssignment": {
        name: Sight("what it owns", "supplier", "POST bundles/productassignments", body, theirs)
        for name, body, theirs in (
            ("BundleID", {"BundleID": "{}", "ProductID": "PA"}, "KITB"),
            ("ProductID", {"BundleID": "KITA", "ProductID": "{}"}, "PB"),
        )
    },
    "PromotionAssignment": {
        "PromotionID": Sight(
            "its own promotions",
            "supplier",
            "POST promotions/assignments",
            {"PromotionID": "{}", "BuyerID": "B"},
            "PRB",
        ),
        **party("POST promotions/assignments", PromotionID="PRA"),
    },
    "ProductCollectionEntry": {
        "ProductID": Sight(
            "products that the shopper sees",
            "buyer",
            "PUT me/productcollections/PC/{}",
            {"ListOrder": 1},
            "PB",
        )
    },
    "UserGroupAssignment": {
        name: Sight(
            "what lives in the path's buyer", "buyer", "POST buyers/B/usergroups/assignments", body, theirs
        )
        for name, body, theirs in (
            ("UserGroupID", {"UserGroupID": "{}", "UserID": "U"}, "GX"),
            ("UserID", {"UserGroupID": "G", "UserID": "{}"}, "UX"),
        )
    },
    "ProductAssignment": {
        "SellerID": Sight(
            "itself",
            "supplier",
            "POST products/assignments",
            {"ProductID": "PA", "BuyerID": "B", "SellerID": "{}"},
            "SB",
        ),
        "ProductID": Sight(
            "products it sells",
            "supplier",
            "POST products/assignments",
            {"ProductID": "{}", "BuyerID": "B"},
            "PB",
        ),
        **party("POST products/assignments", ProductID="PA"),
        "PriceScheduleID": Sight(
            "price schedules of the seller or the marketplace owner",
            "supplier",
            "POST products/assignments",
            {"ProductID": "PA", "BuyerID": "B", "PriceScheduleID": "{}"},
            "PSB",
        ),
    },
    "BundleCatalogAssignment": {
        "CatalogID": Sight(
            "its own catalogs",
            "supplier",
            "POST catalogs/bundleassignments",
            {"CatalogID": "{}", "BundleID": "KITA"},
            "CSB",
        ),
        "BundleID": Sight(
            "bundles it sees",
            "supplier",
            "POST catalogs/bundleassignments",
            {"CatalogID": "CSA", "BundleID": "{}"},
            "KITB",
        ),
    },
    "CategoryBundleAssignment": {
        name: Sight(
            "the path's catalog; bundles it sees",
            "supplier",
            "POST catalogs/CSA/categories/bundleassignments",
            body,
            theirs,
        )
        for name, body, theirs in (
            ("CategoryID", {"CategoryID": "{}", "BundleID": "KITA"}, "KB"),
            ("BundleID", {"CategoryID": "KA", "BundleID": "{}"}, "KITB"),
        )
    },
    "BundleAssignment": {
        "SellerID": Sight(
            "itself",
            "supplier",
            "POST bundles/assignments",
            {"BundleID": "KITA", "BuyerID": "B", "SellerID": "{}"},
            "SB",
        ),
        "BundleID": Sight(
            "bundles it sells",
            "supplier",
            "POST bundles/assignments",
            {"BundleID": "{}", "BuyerID": "B"},
            "KITB",
        ),
        **party("POST bundles/assignments", BundleID="KITA"),
    },
    "Order": {
        "FromCompanyID": Sight(
            "the caller's company",
            "buyer",
            "POST orders/Outgoing",
            {"FromCompanyID": "{}"},
            "BX",
            ignored=True,
        ),
        "FromUserID": Sight(
            "the caller", "buyer", "POST orders/Outgoing", {"FromUserID": "{}"}, "UX", ignored=True
        ),
        "ToCompanyID": Sight(
            "suppliers that serve the buyer (BUY-6)",
            "buyer",
            "POST orders/Outgoing",
            {"ToCompanyID": "{}"},
            "SB",
        ),
        "BillingAddressID": Sight(
            "addresses of the order's user (ADR-2)",
            "buyer",
            "POST orders/Outgoing",
            {"BillingAddressID": "{}"},
            "AX",
        ),
        "ShippingAddressID": Sight(
            "addresses of the order's user (ADR-2)",
            "buyer",
            "POST orders/Outgoing",
            {"ShippingAddressID": "{}"},
            "AX",
        ),
    },
    "LineItem": line("POST orders/Outgoing/O/lineitems"),
    "BundleItems": line("POST orders/Outgoing/O/bundles/KITA", wrap=True),
    "Payment": {
        "CreditCardID": Sight(
            "cards of the order's user; a private one, of the caller (CRD-1)",
            "buyer",
            "POST orders/Outgoing/O/payments",
            {"Type": "CreditCard", "CreditCardID": "{}"},
            "CDX",
        ),
        "SpendingAccountID": Sight(
            "accounts of the order's user",
            "buyer",
            "POST orders/Outgoing/O/payments",
            {"Type": "SpendingAccount", "SpendingAccountID": "{}"},
            "ACX",
        ),
        "OrderReturnID": Sight(
            "returns of the order (RET-7)",
            "buyer",
            "POST orders/Outgoing/O/payments",
            {"OrderReturnID": "{}", "Amount": -1},
            "RX",
        ),
    },
    "ShipmentItem": {
        "OrderID": Sight(
            "orders received (SHP-2)",
            "supplier",
            "POST shipments/SHA/items",
            {"OrderID": "{}", "LineItemID": "LX", "QuantityShipped": 1},
            "OX",
        ),
        "LineItemID": Sight(
            "lines of that order",
            "supplier",
            "POST shipments/SHA/items",
            {"OrderID": "TOA", "LineItemID": "{}", "QuantityShipped": 1},
            "LX",
        ),
    },
    "OrderReturn": {
        "OrderID": Sight(
            "orders that the caller reaches", "buyer", "POST orderreturns", {"OrderID": "{}"}, "OX"
        ),
        "ItemsToReturn.LineItemID": Sight(
            "lines of that order",
            "buyer",
            "POST orderreturns",
            {"OrderID": "O", "ItemsToReturn": [{"LineItemID": "{}", "Quantity": 1}]},
            "LX",
        ),
    },
    "Subscription": {
        "FromCompanyID": Sight(
            "the caller's company", "buyer", "POST subscriptions", {**TERMS, "FromCompanyID": "{}"}, "BX"
        ),
        "FromUserID": Sight(
            "users of that company", "buyer", "POST subscriptions", {**TERMS, "FromUserID": "{}"}, "UX"
        ),
        "ToCompanyID": Sight(
            "suppliers that serve the buyer (BUY-6)",
            "buyer",
            "POST me/subscriptions",
            {**TERMS, "ToCompanyID": "{}"},
            "SB",
        ),
        "Payment.CreditCardID": Sight(
            MINE,
            "buyer",
            "POST me/subscriptions",
            {**TERMS, "Payment": {"Type": "CreditCard", "CreditCardID": "{}"}},
            "CDX",
        ),
        "Payment.SpendingAccountID": Sight(
            MINE,
            "buyer",
            "POST me/subscriptions",
            {**TERMS, "Payment": {"Type": "SpendingAccount", "SpendingAccountID": "{}"}},
            "ACX",
        ),
        "BillingAddressID": Sight(
            MINE, "buyer", "POST me/subscriptions", {**TERMS, "BillingAddressID": "{}"}, "AX"
        ),
        "ShippingAddressID": Sight(
            MINE, "buyer", "POST me/subscriptions", {**TERMS, "ShippingAddressID": "{}"}, "AX"
        ),
    },
    "GroupOrderInvitation": {
        "OrderID": Sight(
            "the caller's orders",
            "buyer",
            "POST me/orderinvitations",
            {"OrderID": "{}", "ExpirationDate": "{soon}"},
            "OX",
        )
    },
}
EXCUSED = {
    "ImpersonateTokenRequest": "names the client that a token is for, as a login does",
    "OrderShipMethodSelection": "names parts of the order's own estimate",
    "BundleItems.LineItems.ID": "the new line's own",
}
ATTEMPTS = {f"{model}.{name}": sight for model, its in SIGHTS.items() for name, sight in its.items()}


def named_by_others() -> set[str]:
    """The IDs in bodies of operations that admit others than the marketplace owner, `Order.ToCompanyID`."""
    return {
        f"{operation.body.model.__name__}.{place}"
        for operation in registry().operations.values()
        if operation.body is not None
        and not operation.public
        and set(operation.user_types) - {UserType.SELLER}
        for place in ids_within(operation.body.model)
    }


def ids_within(model: type[Wire], above: str = "") -> Iterator[str]:
    for column in model.__columns__.values():
        kind = column.type.item or column.type
        if column.read_only:
            continue
        if kind.model is not None:
            yield from ids_within(kind.model, f"{above}{column.name}.")
        elif (kind.kind == "id" or column.name.endswith(("ID", "IDs"))) and (above or column.name != "ID"):
            yield above + column.name


def test_the_table_is_whole() -> None:
    """Whatever a new body names needs a sight, and an attempt."""
    found = {
        place
        for place in named_by_others()
        if place not in EXCUSED and place.partition(".")[0] not in EXCUSED
    }
    assert found == ATTEMPTS.keys()
    assert all(sight.by for sight in ATTEMPTS.values())


@dataclass
class Parties:
    """Buyer B with the user U and supplier SA, who serves it; buyer BX and supplier SB, whom they do not see."""

    api: Api
    buyer: httpx.AsyncClient
    supplier: httpx.AsyncClient

    async def attempt(self, sight: Sight, object_id: str) -> httpx.Response:
        verb, _, path = sight.route.partition(" ")
        soon = (self.api.server.clock() + timedelta(days=1)).isoformat()
        body = _filled(sight.body, object_id, soon)
        caller = self.buyer if sight.caller == "buyer" else self.supplier
        return await caller.request(verb, f"/v1/{path.replace('{}', object_id)}", json=body)


def _filled(value: Any, object_id: str, soon: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, object_id, soon) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, object_id, soon) for each in value]
    return value.replace("{}", object_id).replace("{soon}", soon) if isinstance(value, str) else value


@pytest.fixture
async def parties(api: Api) -> Parties:
    shop = await open_shop(api)
    everything = ["FullAccess"]
    for name in ("SA", "SB"):
        letter = name[-1]
        await shop.put(f"suppliers/{name}")
        await shop.put(f"suppliers/{name}/addresses/W{letter}", **PLACE)
        await shop.put(f"suppliers/{name}/usergroups/G{letter}")
    await shop.put("buyers/BX", Name=SECRET, xp={"a": SECRET})
    await shop.put("buyergroups/BG", Name=SECRET)
    await checked(api.seller.put("/v1/suppliers/SA/buyers/B"), 204)
    for buyer, end in (("B", ""), ("BX", "X")):
        await shop.put(f"buyers/{buyer}/addresses/A{end}", **PLACE)
        await shop.put(f"buyers/{buyer}/usergroups/G{end}")
        await shop.put(f"buyers/{buyer}/costcenters/CC{end}")
        await shop.put(f"buyers/{buyer}/creditcards/CD{end}", Token="t")
        await shop.put(f"buyers/{buyer}/spendingaccounts/AC{end}", Balance=1, AllowAsPaymentMethod=True)
    suppliers = {name: api.as_(await api.user(supplier=name), roles=everything) for name in ("SA", "SB")}
    for name, http in suppliers.items():
        await _shop(Shop(api), http, name)
    await shop.put("discounts/DX", DiscountBreaks=[{"Quantity": 1, "Amount": 1}])
    await shop.post("catalogs/productassignments", CatalogID="C", ProductID="PA")
    await shop.post("catalogs/bundleassignments", CatalogID="C", BundleID="KITA")
    held = {"BundleID": "KITA", "ProductID": "PA", "Required": True, "DefaultQuantity": 1}
    await checked(suppliers["SA"].post("/v1/bundles/productassignments", json=held), 204)
    shopper = api.as_(await api.user(buyer="B", id="U"), roles=everything)
    stranger = api.as_(await api.user(buyer="BX", id="UX"), roles=everything)
    for http, order in ((shopper, "O"), (stranger, "OX")):
        await order_of(http, ID=order)
    await order_of(shopper, ID="TOA", ToCompanyID="SA")
    await line_of(shopper, "TOA", "PA", ID="L", Specs=CHOSEN)
    await checked(shopper.put("/v1/me/productcollections/PC", json={"Name": "x"}), 200)
    await checked(suppliers["SA"].put("/v1/shipments/SHA", json={}), 200)
    return Parties(api, shopper, suppliers["SA"])


async def _shop(shop: Shop, http: httpx.AsyncClient, name: str) -> None:
    """A supplier's catalog, product, spec, price schedule, record, bundle and promotion."""
    letter = name[-1]
    for path, body in (
        (f"priceschedules/PS{letter}", {"PriceBreaks": [{"Quantity": 1, "Price": 1}]}),
        (
            f"products/P{letter}",
            {"DefaultPriceScheduleID": f"PS{letter}", "Inventory": {"Enabled": True, "OrderCanExceed": True}},
        ),
        (f"products/PARENT{letter}", {"IsParent": True}),
        (
            f"products/P{letter}/inventoryrecords/R{letter}",
            {"AddressID": f"W{letter}", "OrderCanExceed": True},
        ),
        (f"specs/SP{letter}", {}),
        (f"specs/SP{letter}/options/O{letter}", {"Value": "x"}),
        (f"catalogs/CS{letter}", {}),
        (f"catalogs/CS{letter}/categories/K{letter}", {}),
        (f"bundles/KIT{letter}", {}),
        (f"promotions/PR{letter}", {"Code": letter, "EligibleExpression": "true", "ValueExpression": "1"}),
    ):
        named = {"Name": "x", "Active": True, **body}
        await checked(http.put(f"/v1/{path}", json=named), 200)
    row = {"SpecID": f"SP{letter}", "ProductID": f"P{letter}"}
    await checked(http.post("/v1/specs/productassignments", json=row), 204)


async def test_what_the_caller_cannot_see_is_nothing(parties: Parties) -> None:
    """The answer is that to an ID that nothing has; and not a success, but where the ID counts for nothing."""
    wrong = []
    for name, sight in ATTEMPTS.items():
        theirs, nobodys = await parties.attempt(sight, sight.theirs), await parties.attempt(sight, NOTHING)
        if sight.ignored:
            said = theirs.json() if theirs.content else {}
            shown = said.get(name.rpartition(".")[2]) if isinstance(said, dict) else None
            if not theirs.is_success or not nobodys.is_success or shown == sight.theirs:
                wrong.append(
                    (name, theirs.status_code, theirs.text[:200], nobodys.status_code, nobodys.text[:200])
                )
            continue
        if sight.told:
            if nobodys.status_code != 404 or SECRET in theirs.text:
                wrong.append(
                    (name, theirs.status_code, theirs.text[:200], nobodys.status_code, nobodys.text[:200])
                )
            continue
        same = theirs.text.replace(sight.theirs, "?") == nobodys.text.replace(NOTHING, "?")
        if theirs.is_success or nobodys.is_success or theirs.status_code != nobodys.status_code or not same:
            wrong.append(
                (name, theirs.status_code, theirs.text[:200], nobodys.status_code, nobodys.text[:200])
            )
    assert wrong == [], "\n".join(map(str, wrong))
