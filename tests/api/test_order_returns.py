"""Order returns: who makes and sees them, what may come back, how they move on (RET-1 to RET-6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.returning import RETURNS, Returning, item_of, open_returning
from tests.api.shop import line_of, order_of, submitted
from tests.api.test_shipments import put_in
from tests.api.uniform.subjects import checked

from entrepot.features.trade.returns import idle
from entrepot.kernel.ids import new_id

AGE = 'UPDATE order_returns SET "LastUpdated" = $3 WHERE marketplace_id = $1 AND "ID" = $2'
NULLS = dict.fromkeys(
    ("DateSubmitted", "DateApproved", "DateDeclined", "DateCanceled", "DateCompleted", "RefundAmount", "xp")
)


async def test_a_return(api: Api) -> None:
    """RET-1: by POST, GET, in the list; lines in any case; a shopper's amounts are ignored (RET-3)."""
    shop = await open_returning(api)
    sent = {"LineItemID": "l2", "Quantity": 3, "RefundAmount": 7, "Comments": "torn"}
    answer = await shop.http.post(
        RETURNS,
        json={
            "OrderID": "o",
            "Comments": "c",
            "RefundAmount": 9,
            "ItemsToReturn": [sent, {"LineItemID": "L1"}],
        },
    )
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(f"{RETURNS}/{made['ID']}")
    assert {name: made[name] for name in NULLS} == NULLS
    assert (made["OrderID"], made["Status"], made["Comments"], made["PaymentIDs"]) == (
        "O",
        "Unsubmitted",
        "c",
        [],
    )
    assert made["ItemsToReturn"] == [
        {"LineItemID": "L2", "Quantity": 3, "RefundAmount": None, "Comments": "torn"},
        {"LineItemID": "L1", "Quantity": 0, "RefundAmount": None, "Comments": None},
    ]
    assert made["DateCreated"] is not None
    for http in (shop.http, api.seller):
        assert (await http.get(f"{RETURNS}/{made['ID']}")).json() == made
        assert (await http.get(RETURNS)).json()["Items"] == [made]
    assert codes(await shop.http.post(RETURNS, json={"ID": made["ID"], "OrderID": "O"})) == ["IdExists"]
    assert codes(await shop.http.post(RETURNS, json={"OrderID": "none"})) == ["NotFound"]
    missing = (await shop.http.get(f"{RETURNS}/none")).json()["Errors"][0]
    assert missing["Data"] == {"ObjectType": "OrderReturn", "ObjectID": "none"}


@pytest.mark.parametrize(
    ("items", "code", "admin_code"),
    [
        (
            ["L1", "l1"],
            "OrderReturn.CannotCreateDuplicateItemToReturn",
            "OrderReturn.CannotCreateDuplicateItemToReturn",
        ),
        (["L3"], "OrderReturn.ProductNotEligibleToReturn", None),
        ([("L2", 5)], "OrderReturn.ItemQuantityExceeded", "OrderReturn.ItemQuantityExceeded"),
        (["L9"], "NotFound", "NotFound"),
        ([{"LineItemID": "L1", "RefundAmount": -1}], None, "OrderReturn.RefundAmountMustNotBeNegative"),
        ([{"LineItemID": "L1", "Quantity": -1}], "ValidationFailure", "ValidationFailure"),
        ([("L2", 4)], None, None),
    ],
)
async def test_items(api: Api, items: list[Any], code: str | None, admin_code: str | None) -> None:
    """RET-2, RET-3"""
    shop = await open_returning(api)
    for http, expected in ((shop.http, code), (api.seller, admin_code)):
        sent = {"ID": "R", "OrderID": "O", "ItemsToReturn": [item_of(item) for item in items]}
        answer = await http.post(RETURNS, json=sent)
        assert (codes(answer) if answer.status_code >= 400 else [None]) == [expected]
        if expected is None:
            await checked(http.delete(f"{RETURNS}/R"), 204)


async def test_what_is_left_to_return(api: Api) -> None:
    """RET-2: quantity 4, one returned -> 3; returns that are declined or canceled give it back."""
    shop = await open_returning(api)
    await shop.make(("L2", 1))
    over = {"ID": "R2", "OrderID": "O", "ItemsToReturn": [{"LineItemID": "L2", "Quantity": 4}]}
    refused = await shop.http.post(RETURNS, json=over)
    assert codes(refused) == ["OrderReturn.ItemQuantityExceeded"]
    assert refused.json()["Errors"][0]["Data"] == {
        "LineItemID": "L2",
        "QuantityEligible": 3,
        "QuantityRequested": 4,
    }
    await checked(
        shop.http.patch(f"{RETURNS}/R", json={"ItemsToReturn": [{"LineItemID": "L2", "Quantity": 4}]}), 200
    )
    await checked(
        shop.http.patch(f"{RETURNS}/R", json={"ItemsToReturn": [{"LineItemID": "L2", "Quantity": 1}]}), 200
    )
    await shop.make(("L2", 3), ID="R2")
    await checked(shop.do("submit", http=shop.http), 201)
    await checked(shop.do("cancel", http=shop.http), 201)
    await shop.make(("L2", 1), ID="R3")


async def test_open_orders(api: Api) -> None:
    """RET-1, RET-2: of an open order comes back what has been shipped; of others nothing."""
    shop = await open_returning(api, complete=False)
    await checked(api.seller.post("/v1/shipments", json={"ID": "S", "BuyerID": "B"}), 201)
    await put_in(api.seller, "S", "L2", 2)
    body = {"OrderID": "O", "ItemsToReturn": [{"LineItemID": "L2", "Quantity": 3}]}
    assert codes(await shop.http.post(RETURNS, json=body)) == ["OrderReturn.ItemQuantityExceeded"]
    await shop.make(("L2", 2))
    await order_of(shop.http, ID="U")
    await line_of(shop.http, "U", "socks", ID="L1")
    refused = await shop.http.post(RETURNS, json={"OrderID": "U"})
    assert codes(refused) == ["OrderReturn.CannotCreateBadOrderStatus"]
    await checked(api.seller.post("/v1/orders/Incoming/O/cancel"), 201)
    assert codes(await shop.http.post(RETURNS, json={"OrderID": "O"})) == [
        "OrderReturn.CannotCreateBadOrderStatus"
    ]
    assert codes(await shop.do("submit", http=shop.http)) == ["OrderReturn.CannotCreateBadOrderStatus"]


async def callers(shop: Returning) -> dict[str, httpx.AsyncClient]:
    """Everybody who may have to do with a return of an order of B to the seller."""
    api = shop.api
    await api.supplier("s")
    colleague = await api.user(buyer="B")
    stranger = await api.user(buyer=await api.buyer())
    staff, of_supplier = await api.user(), await api.user(supplier="s")
    return {
        "colleague": api.as_(colleague, roles=["Shopper"]),
        "manager": api.as_(colleague, roles=["OrderAdmin"]),
        "auditor": api.as_(colleague, roles=["OrderReader", "Shopper"]),
        "stranger": api.as_(stranger, roles=["Shopper", "OrderAdmin"]),
        "staff": api.as_(staff, roles=["OrderAdmin"]),
        "watcher": api.as_(staff, roles=["OrderReader", "Shopper"]),
        "bystander": api.as_(staff, roles=["Shopper"]),
        "supplier": api.as_(of_supplier, roles=["OrderAdmin"]),
    }


async def test_who_sees_what(api: Api, other: Api) -> None:
    """RET-1: shoppers their own, OrderAdmin and OrderReader those of their company, the marketplace owner all."""
    shop = await open_returning(api)
    await shop.make("L1")
    seen = {"manager", "auditor", "staff", "watcher"}
    writing = {"manager", "staff"}
    for name, http in (await callers(shop)).items():
        expected = 200 if name in seen else 404
        assert (await http.get(f"{RETURNS}/R")).status_code == expected, name
        assert [each["ID"] for each in (await http.get(RETURNS)).json()["Items"]] == ["R"] * (name in seen), (
            name
        )
        assert (await http.get(f"{RETURNS}/R/approvals")).status_code == expected, name
        patched = await http.patch(f"{RETURNS}/R", json={"xp": {"by": name}})
        assert patched.status_code == (200 if name in writing else 403 if name in seen else 404), name
        created = await http.post(RETURNS, json={"ID": "R2", "OrderID": "O"})
        assert created.status_code == (201 if name in writing else 403 if name in seen else 404), name
        deleted = await http.delete(f"{RETURNS}/R2")
        assert deleted.status_code == (204 if name in writing else 404), name
    assert (await other.seller.get(f"{RETURNS}/R")).status_code == 404
    assert (await other.seller.get(RETURNS)).json()["Items"] == []
    guest = api.as_(shop.user, roles=["Shopper"], order_id=new_id())
    for answer in (await guest.post(RETURNS, json={"OrderID": "O"}), await guest.get(RETURNS)):
        assert (answer.status_code, codes(answer)) == (403, ["Auth.AnonUserProhibited"])


async def test_a_supplier(api: Api) -> None:
    """RET-1: returns of orders to the supplier, whoever is the buyer; of no others."""
    shop = await open_returning(api)
    await shop.make("L1")
    await shop.put("suppliers/s", AllBuyersCanOrder=True)
    await shop.put("products/socks", DefaultSupplierID="s", Returnable=True, DefaultPriceScheduleID="socks")
    await order_of(shop.http, ID="D", ToCompanyID="s")
    await line_of(shop.http, "D", "socks", ID="L1")
    await submitted(shop.http, "D")
    supplier = api.as_(await api.user(supplier="s"), roles=["OrderAdmin"])
    await checked(supplier.post("/v1/orders/Incoming/D/complete"), 201)
    await shop.make("L1", http=supplier, ID="R2", OrderID="D")
    assert [each["ID"] for each in (await supplier.get(RETURNS)).json()["Items"]] == ["R2"]
    assert (await supplier.get(f"{RETURNS}/R")).status_code == 404
    assert [each["ID"] for each in (await shop.http.get(f"{RETURNS}?sortBy=ID")).json()["Items"]] == [
        "R",
        "R2",
    ]


async def test_amounts_of_administrators(api: Api) -> None:
    """RET-3, RET-4: the sum of the items unless it is overridden, null takes that back; 10 + 47.09 + 47.11 -> 104.20;
    5 without items -> 5.00.
    """
    shop = await open_returning(api)
    items = [
        {"LineItemID": line, "Quantity": 1, "RefundAmount": amount}
        for line, amount in (("L1", 10), ("L2", 47.09), ("L3", 47.11))
    ]
    made = await shop.make(*items, http=api.seller)
    assert made["RefundAmount"] == 104.2
    again = (await checked(api.seller.put(f"{RETURNS}/R", json=made), 200)).json()
    assert again["RefundAmount"] == 104.2
    for change, amount in (
        ({"RefundAmount": 50.005}, 50.01),
        ({"xp": {"a": 1}}, 50.01),
        ({"RefundAmount": None}, 104.2),
        ({"RefundAmount": 104.2, "ItemsToReturn": items[:2]}, 57.09),
        ({"RefundAmount": 0, "ItemsToReturn": items}, 0),
        ({"RefundAmount": 5, "ItemsToReturn": []}, 5),
        ({"Comments": "c"}, 5),
        ({"ItemsToReturn": [{"LineItemID": "L1"}], "RefundAmount": None}, None),
    ):
        patched = (await checked(api.seller.patch(f"{RETURNS}/R", json=change), 200)).json()
        assert patched["RefundAmount"] == amount, change
    refused = await api.seller.patch(f"{RETURNS}/R", json={"RefundAmount": -1})
    assert codes(refused) == ["OrderReturn.RefundAmountMustNotBeNegative"]
    await checked(api.seller.patch(f"{RETURNS}/R", json={"RefundAmount": 3}), 200)
    by_shopper = (await checked(shop.http.patch(f"{RETURNS}/R", json={"RefundAmount": 100}), 200)).json()
    assert by_shopper["RefundAmount"] is None


async def test_save(api: Api) -> None:
    """RET-6: PUT creates under the path's ID and replaces; the order stays; a new ID by PUT and PATCH."""
    shop = await open_returning(api)
    made = await checked(shop.http.put(f"{RETURNS}/R", json={"OrderID": "O", "Comments": "c"}), 200)
    assert (made.json()["ID"], made.json()["Comments"]) == ("R", "c")
    replaced = (await shop.http.put(f"{RETURNS}/r", json={"OrderID": "X", "xp": {"a": 1}})).json()
    assert (replaced["ID"], replaced["OrderID"], replaced["Comments"], replaced["xp"]) == (
        "R",
        "O",
        None,
        {"a": 1},
    )
    assert replaced["DateCreated"] == made.json()["DateCreated"]
    merged = (await shop.http.patch(f"{RETURNS}/R", json={"ID": "R2", "xp": {"b": 2}})).json()
    assert (merged["ID"], merged["xp"]) == ("R2", {"a": 1, "b": 2})
    assert (await shop.http.get(f"{RETURNS}/R")).status_code == 404
    await shop.make(ID="R3")
    assert codes(await shop.http.patch(f"{RETURNS}/R3", json={"ID": "R2"})) == ["IdExists"]
    await checked(
        api.seller.post(
            "/v1/incrementors", json={"ID": "inc", "Name": "i", "LastNumber": 0, "LeftPaddingCount": 3}
        ),
        201,
    )
    assert (await shop.make(ID="R{inc}"))["ID"] == "R001"
    await checked(api.seller.patch("/v1/orders/Incoming/O", json={"ID": "O2"}), 200)
    found = (await api.seller.get(f"{RETURNS}?OrderID=o2&sortBy=ID")).json()
    assert [each["ID"] for each in found["Items"]] == ["R001", "R2", "R3"]


async def test_the_life_of_a_return(api: Api) -> None:
    """RET-5, RET-8: submit to complete without rules, with its dates and messages; who may what in which status."""
    shop = await open_returning(api)
    await shop.make("L1")
    assert codes(await shop.do("cancel", http=shop.http)) == ["OrderReturn.CannotCancelUnsubmitted"]
    assert codes(await shop.do("complete")) == ["OrderReturn.CannotCompleteBadStatus"]
    assert codes(await shop.do("approve", {})) == ["OrderReturn.NotEligibleToApproveOrDecline"]
    opened = (await checked(shop.do("submit", http=shop.http), 201)).json()
    assert opened["Status"] == "Open"
    assert opened["DateSubmitted"] is not None
    assert await shop.messages() == [("OrderReturnSubmitted", shop.user.id)]
    assert codes(await shop.do("submit", http=shop.http)) == ["Order.CannotSubmitBadStatus"]
    assert (await shop.http.patch(f"{RETURNS}/R", json={"xp": {}})).status_code == 403
    assert (await shop.http.delete(f"{RETURNS}/R/items/L1")).status_code == 403
    assert (await shop.do("complete", http=shop.http)).status_code == 403
    assert codes(await shop.do("complete")) == ["OrderReturn.CannotCompleteInvalidAmount"]
    changed = {
        "Comments": "ignored",
        "ItemsToReturn": [{"LineItemID": "L1", "Quantity": 9, "RefundAmount": 75}],
    }
    patched = (await checked(api.seller.patch(f"{RETURNS}/R", json=changed), 200)).json()
    assert (patched["RefundAmount"], patched["Comments"], patched["ItemsToReturn"][0]["Quantity"]) == (
        75,
        None,
        1,
    )
    done = (await checked(shop.do("complete"), 201)).json()
    assert (done["Status"], done["RefundAmount"]) == ("Completed", 75)
    assert done["DateCompleted"] is not None
    assert await shop.messages() == [("OrderReturnCompleted", shop.user.id)]
    for answer in (await shop.do("cancel", http=shop.http), await shop.http.delete(f"{RETURNS}/R")):
        assert (answer.status_code, codes(answer)) == (403, ["OrderReturn.NotAuthorizedToDelete"])
    late = {"xp": {"a": 1}, "RefundAmount": 1}
    after = (await checked(api.seller.patch(f"{RETURNS}/R", json=late), 200)).json()
    assert (after["xp"], after["RefundAmount"]) == ({"a": 1}, 75)
    canceled = (await checked(shop.do("cancel"), 201)).json()
    assert canceled["Status"] == "Canceled"
    assert canceled["DateCanceled"] is not None
    assert codes(await shop.do("cancel")) == ["Order.CannotCancelInCurrentStatus"]
    await checked(shop.http.delete(f"{RETURNS}/R"), 204)
    assert (await api.seller.get(f"{RETURNS}/R")).status_code == 404


async def test_delete_item(api: Api) -> None:
    """RET-6: 200 with the return, whose amount is the sum of what is left."""
    shop = await open_returning(api)
    items = [{"LineItemID": "L1", "RefundAmount": 80.54}, {"LineItemID": "L2", "RefundAmount": 10.75}]
    assert (await shop.make(*items, http=api.seller))["RefundAmount"] == 91.29
    left = (await checked(shop.http.delete(f"{RETURNS}/R/items/l1"), 200)).json()
    assert (left["RefundAmount"], [each["LineItemID"] for each in left["ItemsToReturn"]]) == (10.75, ["L2"])
    missing = await shop.http.delete(f"{RETURNS}/R/items/L1")
    assert missing.json()["Errors"][0]["Data"] == {"ObjectType": "LineItem", "ObjectID": "L1"}
    assert (await api.seller.delete(f"{RETURNS}/R/items/L2")).json()["RefundAmount"] is None


async def test_returns_at_the_same_time(api: Api) -> None:
    """RET-2: of returns that are too much together one is refused, whoever comes first."""
    shop = await open_returning(api)
    body = {"OrderID": "O", "ItemsToReturn": [{"LineItemID": "L2", "Quantity": 2}]}
    answers = await asyncio.gather(*(shop.http.post(RETURNS, json=body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 400]


async def test_lists(api: Api) -> None:
    """Search, sort and filters; what is not submitted comes first."""
    shop = await open_returning(api)
    for name, line, xp in (("Ra", "L1", {"k": 1}), ("Rb", "L2", {"k": 2}), ("Rc", "L2", None)):
        await shop.make(line, ID=name, xp=xp)
    for name in ("Rb", "Ra"):
        await checked(shop.do("submit", http=shop.http, name=name), 201)
    for query, found in (
        ("", ["Rc", "Rb", "Ra"]),
        ("?sortBy=!ID", ["Rc", "Rb", "Ra"]),
        ("?sortBy=DateCreated", ["Ra", "Rb", "Rc"]),
        ("?search=RB", ["Rb"]),
        ("?search=O&searchOn=OrderID&sortBy=ID&pageSize=2", ["Ra", "Rb"]),
        ("?Status=Open&sortBy=ID", ["Ra", "Rb"]),
        ("?xp.k=>1", ["Rb"]),
        ("?ItemsToReturn.LineItemID=L1", ["Ra"]),
    ):
        answer = await shop.http.get(RETURNS + query)
        assert [each["ID"] for each in answer.json()["Items"]] == found, query
    assert codes(await shop.http.get(f"{RETURNS}?approvable=perhaps")) == ["List.InvalidType"]


async def test_idle_returns(api: Api, other: Api) -> None:
    """RET-6: what is not submitted goes after 14 days without a change."""
    shop = await open_returning(api)
    now = api.server.clock()
    for name in ("new", "old", "open"):
        await shop.make(ID=name)
    await checked(shop.do("submit", http=shop.http, name="open"), 201)
    for name, age in (
        ("new", timedelta(days=13, hours=23)),
        ("old", timedelta(days=14)),
        ("open", timedelta(days=99)),
    ):
        await api.execute(AGE, name, now - age)
    assert await idle.delete_idle(api.server.database, api.server.clock) >= 1
    left = (await api.seller.get(f"{RETURNS}?sortBy=ID")).json()["Items"]
    assert [each["ID"] for each in left] == ["new", "open"]
