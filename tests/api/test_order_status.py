"""The life of orders: cancel, complete, and what depends on where an order is (ST, USR-3, USR-4, BUY-5)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import ME, Shop, get_order, line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

OUT = "/v1/orders/Outgoing"
STATUSES = ("Unsubmitted", "AwaitingApproval", "Declined", "Open", "Completed", "Canceled")


async def act(http: httpx.AsyncClient, action: str, order: str = "O", **body: Any) -> httpx.Response:
    return await http.post(f"{OUT}/{order}/{action}", json=body)


async def orders_in_all_statuses(api: Api) -> tuple[Shop, httpx.AsyncClient, httpx.AsyncClient]:
    """Orders named by their status, brought there by their operations; the shopper, and an OrderAdmin of its buyer."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10), Inventory={"Enabled": True, "QuantityAvailable": 100})
    await shop.put("buyers/B/usergroups/G")
    _, approver = await shop.shopper("G")
    await shop.put("buyers/B/approvalrules/R", ApprovingGroupID="G", RuleExpression="order.Comments = 'ask'")
    _, http = await shop.shopper()
    _, admin = await shop.shopper(roles=("OrderAdmin", "UnsubmittedOrderReader"))
    for status in STATUSES:
        asks = status in ("AwaitingApproval", "Declined")
        await order_of(http, ID=status, Comments="ask" if asks else None)
        await line_of(http, status, "P", ID="L")
        if status != "Unsubmitted":
            await checked(act(http, "submit", status), 201)
    await checked(act(approver, "decline", "Declined"), 201)
    await checked(act(admin, "complete", "Completed"), 201)
    await checked(act(admin, "cancel", "Canceled"), 201)
    for status in STATUSES:
        assert (await get_order(http, status))["Status"] == status
    return shop, http, admin


async def test_what_each_status_allows(api: Api) -> None:
    """ST-2 to ST-11: every action in every status, by the shopper and by an administrator of orders."""
    _, http, admin = await orders_in_all_statuses(api)
    refusals = {
        "submit": "Order.CannotSubmitBadStatus",
        "cancel": "Order.CannotCancelInCurrentStatus",
        "complete": "Order.CannotCompleteBadStatus",
        "approve": "Order.MustBeAwaitingApproval",
        "decline": "Order.MustBeAwaitingApproval",
    }
    allowed = {("complete", "Open"), ("approve", "AwaitingApproval"), ("decline", "AwaitingApproval")}
    allowed |= {("submit", "Unsubmitted")}
    allowed |= {("cancel", status) for status in ("Unsubmitted", "AwaitingApproval", "Declined", "Open")}
    for action, code in refusals.items():
        for status in STATUSES:
            if (action, status) not in allowed:
                for caller in (http, admin):
                    answer = await act(caller, action, status)
                    if caller is http and action == "complete":
                        assert (answer.status_code, codes(answer)) == (403, ["Auth.InsufficientRoles"])
                    else:
                        assert (answer.status_code, codes(answer)) == (400, [code]), (action, status)
    assert codes(await act(http, "cancel", "Open")) == ["Order.CannotCancelInCurrentStatus"], "ST-10"


@pytest.mark.parametrize("by", ["owner", "admin"])
async def test_cancel(api: Api, by: str) -> None:
    """ST-9, ST-10: DateCanceled; an order stays submitted if it had been; a stranger gets 403."""
    shop, http, admin = await orders_in_all_statuses(api)
    _, stranger = await shop.shopper(roles=("Shopper", "OrderReader", "UnsubmittedOrderReader"))
    assert (await act(stranger, "cancel", "Unsubmitted")).status_code == 403
    caller = http if by == "owner" else admin
    for status in ("Unsubmitted", "AwaitingApproval", "Declined", "Open"):
        if (by, status) == ("owner", "Open"):
            continue
        answer = await act(caller, "cancel", status)
        order = answer.json()
        assert (answer.status_code, order["Status"]) == (201, "Canceled")
        assert order["IsSubmitted"] == (status == "Open")
        assert order["DateCanceled"] == order["LastUpdated"]
        assert (await act(http, "submit", status)).status_code == 400
    assert (await checked(http.get(f"{OUT}/AwaitingApproval/eligibleapprovers"), 200)).json()["Items"] == []


async def test_a_canceled_order_takes_no_action(api: Api) -> None:
    """ORD-4: not by administrators either; its xp alone can be patched, and PAY-1 for its payments."""
    _, _, admin = await orders_in_all_statuses(api)
    order = f"{OUT}/Canceled"
    before = (await admin.get(order)).json()
    address = {"Street1": "1 Quay", "City": "Hull", "Country": "GB"}
    for method, path, body in (
        ("POST", "/lineitems", {"ProductID": "P"}),
        ("PUT", "/lineitems/L", {"ProductID": "P", "Quantity": 2}),
        ("PATCH", "/lineitems/L", {"Quantity": 2}),
        ("DELETE", "/lineitems/L", None),
        ("PUT", "/lineitems/L/shipto", address),
        ("PATCH", "/lineitems/L/shipto", address),
        ("PUT", "/shipto", address),
        ("PATCH", "/shipto", address),
        ("PUT", "/billto", address),
        ("PATCH", "/billto", address),
        ("PATCH", "/fromuser", {"FirstName": "x"}),
    ):
        answer = await admin.request(method, f"{order}{path}", json=body)
        assert (answer.status_code, codes(answer)) == (403, ["Auth.InsufficientRoles"]), (method, path)
    answer = await admin.post(f"{order}/payments", json={"Type": "PurchaseOrder"})
    assert codes(answer) == ["Payment.CannotEditCancelled"]
    assert (await admin.get(order)).json() == before
    patched = (
        await checked(admin.patch(order, json={"xp": {"a": 1}, "Comments": "c", "ID": "N"}), 200)
    ).json()
    assert patched == before | {"xp": {"a": 1}, "LastUpdated": patched["LastUpdated"]}


async def test_a_canceled_order_gives_back(api: Api) -> None:
    """ST-14: what is not shipped returns to its stock, what accounts were charged with returns to them; once."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10), Inventory={"Enabled": True, "QuantityAvailable": 10})
    user, http = await shop.shopper()
    await shop.put("buyers/B/spendingaccounts/A", Balance=50, AllowAsPaymentMethod=True)
    await shop.post("buyers/B/spendingaccounts/assignments", SpendingAccountID="A", UserID=user.id)
    await order_of(http, ID="O")
    await line_of(http, "O", "P", 3, ID="L")
    await line_of(http, "O", "P", 1, ID="shipped")
    body = {"Type": "SpendingAccount", "SpendingAccountID": "A", "Amount": 30}
    await checked(http.post(f"{OUT}/O/payments", json=body), 201)
    await checked(act(http, "submit"), 201)
    await api.execute("""UPDATE line_items SET "QuantityShipped" = 1 WHERE marketplace_id = $1""")
    answers = await asyncio.gather(*(api.seller.post("/v1/orders/Incoming/O/cancel") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400]
    product = (await api.seller.get("/v1/products/P")).json()
    assert product["Inventory"]["QuantityAvailable"] == 8
    assert (await api.seller.get("/v1/buyers/B/spendingaccounts/A")).json()["Balance"] == 50


@pytest.mark.parametrize(
    ("first", "balance", "stock"),
    [
        ((), 20, 7),
        (("POST /cancel",), 50, 10),
        (("DELETE /payments/PAY", "DELETE /lineitems/L"), 50, 10),
    ],
)
async def test_a_deleted_order_gives_nothing_back(
    api: Api, first: tuple[str, ...], balance: int, stock: int
) -> None:
    """DEL-1, behaviour B3, docs/reference/orders.md: what is to return does so before."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10), Inventory={"Enabled": True, "QuantityAvailable": 10})
    user, http = await shop.shopper()
    await shop.put("buyers/B/spendingaccounts/A", Balance=50, AllowAsPaymentMethod=True)
    await shop.post("buyers/B/spendingaccounts/assignments", SpendingAccountID="A", UserID=user.id)
    await order_of(http, ID="O")
    await line_of(http, "O", "P", 3, ID="L")
    payment = {"ID": "PAY", "Type": "SpendingAccount", "SpendingAccountID": "A"}
    await checked(http.post(f"{OUT}/O/payments", json=payment), 201)
    await checked(act(http, "submit"), 201)
    for step in first:
        method, _, path = step.partition(" ")
        await checked(
            api.seller.request(method, f"/v1/orders/Incoming/O{path}"), 201 if "POST" in step else 204
        )
    await checked(api.seller.delete("/v1/orders/Incoming/O"), 204)
    product = (await api.seller.get("/v1/products/P")).json()
    account = (await api.seller.get("/v1/buyers/B/spendingaccounts/A")).json()
    assert (account["Balance"], product["Inventory"]["QuantityAvailable"]) == (balance, stock)


async def test_complete(api: Api) -> None:
    """ST-7, SHP-6: administrators of orders only; nothing is shipped by it."""
    _, http, admin = await orders_in_all_statuses(api)
    answer = await act(admin, "complete", "Open")
    order = answer.json()
    assert (answer.status_code, order["Status"], order["IsSubmitted"]) == (201, "Completed", True)
    assert order["DateCompleted"] == order["LastUpdated"]
    line = (await http.get(f"{OUT}/Open/lineitems/L")).json()
    assert line["QuantityShipped"] == 0


@pytest.mark.parametrize("status", STATUSES)
async def test_a_user_with_orders_is_deleted(api: Api, status: str) -> None:
    """USR-3: not while one is open or awaits approval; unsubmitted ones go along, the others stay."""
    _, http, _ = await orders_in_all_statuses(api)
    me = (await http.get("/v1/me")).json()["ID"]
    await api.execute('DELETE FROM orders WHERE marketplace_id = $1 AND "Status" <> $2', status)
    answer = await api.seller.delete(f"/v1/buyers/B/users/{me}")
    left = await api.value("SELECT count(*) FROM orders WHERE marketplace_id = $1")
    if status in ("Open", "AwaitingApproval"):
        assert (answer.status_code, codes(answer)) == (400, ["User.CannotDeleteWithOpenOrder"])
        assert left == 1
    else:
        assert answer.status_code == 204
        assert left == (0 if status == "Unsubmitted" else 1)


@pytest.mark.parametrize(
    ("option", "moved"),
    [
        ("None", set()),
        ("Unsubmitted", {"Unsubmitted"}),
        ("All", set(STATUSES)),
    ],
)
async def test_a_user_moves_with_orders(api: Api, option: str, moved: set[str]) -> None:
    """USR-4: none, the unsubmitted ones or all; never while one is open or awaits approval."""
    shop, http, admin = await orders_in_all_statuses(api)
    await shop.put("buyers/X")
    me = (await http.get("/v1/me")).json()["ID"]
    url = f"/v1/buyers/B/users/{me}/moveto/X?orders={option}"
    for status, ends in (("Open", "complete"), ("AwaitingApproval", "cancel")):
        refused = await api.seller.post(url)
        assert (refused.status_code, codes(refused)) == (400, ["User.CannotMoveeWithOpenOrder"]), status
        await checked(act(admin, ends, status), 201)
    await checked(api.seller.post(url), 201)
    rows = await api.rows('SELECT "ID", "FromCompanyID" FROM orders WHERE marketplace_id = $1')
    after = {row["ID"] for row in rows if row["FromCompanyID"] == "X"}
    assert after == moved
    assert {row["FromCompanyID"] for row in rows} <= {"B", "X"}


async def test_an_order_of_the_same_id_in_the_new_buyer(api: Api) -> None:
    """USR-4, ORD-2: an order that goes to a supplier keeps its ID only if the new buyer has none of that ID."""
    shop, http, _ = await orders_in_all_statuses(api)
    await shop.put("buyers/X")
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    await api.execute("DELETE FROM orders WHERE marketplace_id = $1")
    _, other = await shop.shopper(buyer="X")
    await order_of(http, ID="O")
    await order_of(other, ID="O", ToCompanyID="S")
    me = (await http.get("/v1/me")).json()["ID"]
    url = f"/v1/buyers/B/users/{me}/moveto/X?orders="
    assert (await api.seller.post(url + "All")).status_code == 409
    assert (await api.seller.post(url + "None")).status_code == 201


async def test_a_user_goes_while_it_submits(api: Api) -> None:
    """USR-3: either the order is open and the user stays, or both are gone."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    for number in range(6):
        user = await api.user(buyer="B")
        http = api.as_(user, roles=ME)
        await order_of(http, ID=f"O{number}")
        await line_of(http, f"O{number}", "P")
        submitted, deleted = await asyncio.gather(
            act(api.as_(user, roles=ME), "submit", f"O{number}"),
            api.seller.delete(f"/v1/buyers/B/users/{user.id}"),
        )
        assert (submitted.status_code == 201) != (deleted.status_code == 204), number
        assert await api.value(
            'SELECT count(*) FROM orders WHERE marketplace_id = $1 AND "ID" = $2', f"O{number}"
        ) == (submitted.status_code == 201)


async def test_a_buyer_is_deleted(api: Api) -> None:
    """BUY-5: its orders go with it, whatever their status; nobody else's do."""
    shop, _, _ = await orders_in_all_statuses(api)
    await shop.put("buyers/X")
    _, other = await shop.shopper(buyer="X")
    await order_of(other, ID="X")
    assert (await api.seller.delete("/v1/buyers/B")).status_code == 204
    rows = await api.rows('SELECT "ID" FROM orders WHERE marketplace_id = $1')
    assert [row["ID"] for row in rows] == ["X"]
    assert await api.value("SELECT count(*) FROM line_items WHERE marketplace_id = $1") == 0


async def test_what_a_shopper_may_say_after_the_submit(api: Api) -> None:
    """ORD-4, behaviour A4: Comments and xp of its own order, whatever became of it; with anything else none of it."""
    _, http, _ = await orders_in_all_statuses(api)
    _, colleague = await Shop(api).shopper()
    for status in STATUSES[1:]:
        before = await get_order(http, status)
        for body in (
            {"Comments": "leave it at the door", "ShippingCost": 1},
            {"xp": {"Step": 2}, "ID": "other"},
            {"TaxCost": 1},
        ):
            refused = await http.patch(f"{OUT}/{status}", json=body)
            assert refused.status_code == 403, (status, body)
            assert codes(refused) == ["Auth.InsufficientRoles"]
            assert await get_order(http, status) == before
        said: tuple[dict[str, Any], ...] = (
            {"xp": {"Step": 1}},
            {"Comments": "leave it at the door"},
            {},
            {"ID": status},
        )
        for body in said:
            await checked(http.patch(f"{OUT}/{status}", json=body), 200)
        after = await get_order(http, status)
        comments = before["Comments"] if status == "Canceled" else "leave it at the door"
        changed = {"Comments": comments, "xp": {"Step": 1}, "LastUpdated": after["LastUpdated"]}
        assert after == before | changed
        assert (await colleague.patch(f"{OUT}/{status}", json={"Comments": "x"})).status_code == 404
