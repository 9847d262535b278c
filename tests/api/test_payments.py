"""Payments and their transactions (PAY-1 to PAY-5)."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, User, codes
from tests.api.shop import Shop, line_of, open_shop, order_of, submitted
from tests.api.test_submit import counted
from tests.api.uniform.subjects import checked

PAYMENTS = "/v1/orders/Outgoing/O/payments"
PURCHASE = {"Type": "PurchaseOrder"}


async def cart(api: Api) -> tuple[Shop, User, httpx.AsyncClient]:
    """A shopper with the order O of 100."""
    shop = await open_shop(api)
    await shop.product("P", (1, 100))
    user, http = await shop.shopper()
    await order_of(http, ID="O")
    await line_of(http, "O", "P")
    return shop, user, http


async def account(shop: Shop, name: str = "A", balance: float = 50, **row: Any) -> None:
    facts: dict[str, Any] = {
        name: row.pop(name) for name in ("AllowAsPaymentMethod", "EndDate", "StartDate") if name in row
    }
    body: dict[str, Any] = {"Balance": balance, "AllowAsPaymentMethod": True, **facts}
    await shop.put(f"buyers/B/spendingaccounts/{name}", **body)
    await shop.post("buyers/B/spendingaccounts/assignments", SpendingAccountID=name, **row)


async def test_a_payment(api: Api) -> None:
    """PAY-2, PAY-3: what a purchase order looks like, by POST, GET and in the list."""
    _, _, http = await cart(api)
    answer = await http.post(PAYMENTS, json={**PURCHASE, "Description": "d", "xp": {"a": 1}})
    payment = answer.json()
    assert (answer.status_code, payment["Accepted"], payment["Amount"]) == (201, True, None)
    assert (payment["Transactions"], payment["Currency"], payment["xp"]) == ([], None, {"a": 1})
    assert (
        answer.headers["Location"].endswith(f"{PAYMENTS}/{payment['ID']}")
        if "Location" in answer.headers
        else True
    )
    assert (await http.get(f"{PAYMENTS}/{payment['ID']}")).json() == payment
    assert (await http.get(PAYMENTS)).json()["Items"] == [payment]
    assert (await http.get("/v1/cart/payments")).json()["Items"] == [payment]


async def test_a_list_reads_the_payments_of_its_order(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an index, however many the marketplace has."""
    _, _, http = await cart(api)
    await checked(http.post(PAYMENTS, json=PURCHASE), 201)
    with counted(monkeypatch) as sent:
        await http.get(PAYMENTS)
    order_key = await api.value("SELECT key FROM orders WHERE marketplace_id = $1")
    async with api.server.database.acquire() as connection, connection.transaction():
        # Of a table with one row the planner would read all.
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch(f"EXPLAIN {sent[-1]}", api.marketplace_id, order_key)
    conditions = [line for (line,) in plan if "order_key" in line and "using" not in line]
    assert conditions
    assert all(re.search(r"Index Cond: .*\(order_key = ", line) for line in conditions), conditions


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Type": "PurchaseOrder", "CreditCardID": "x"}, "Payment.CannotSetCreditCard"),
        ({"Type": "CreditCard", "SpendingAccountID": "x"}, "Payment.CannotSetSpendingAccount"),
        ({"Type": "SpendingAccount"}, "Payment.SpendingAccountIdMissing"),
        ({"Type": "SpendingAccount", "SpendingAccountID": "none"}, "Payment.InvalidSpendingAccountID"),
        ({"Type": "SpendingAccount", "SpendingAccountID": "barred"}, "Payment.InvalidSpendingAccountID"),
        ({"Type": "SpendingAccount", "SpendingAccountID": "old"}, "Payment.CannotUseExpiredSpendingAccount"),
        ({"Type": "SpendingAccount", "SpendingAccountID": "A", "Amount": 60}, "Payment.ExceedsBalance"),
        ({"Type": "SpendingAccount", "SpendingAccountID": "A"}, "Payment.ExceedsBalance"),
        ({"Type": "CreditCard", "CreditCardID": "none"}, "NotFound"),
        ({"Type": "PurchaseOrder", "Amount": 0}, "Payment.AmountGreaterThanZero"),
        ({"Type": "PurchaseOrder", "Amount": -1}, "Payment.AmountGreaterThanZero"),
    ],
)
async def test_payments_that_are_refused(api: Api, body: dict[str, Any], code: str) -> None:
    """PAY-1, PAY-2, PAY-6; SPA-3: 60 from an account of 50."""
    shop, _, http = await cart(api)
    await account(shop)
    await account(shop, "barred", AllowAsPaymentMethod=False)
    await account(shop, "old", EndDate="2020-01-01T00:00:00Z")
    assert codes(await http.post(PAYMENTS, json=body)) == [code]
    assert (await http.get(PAYMENTS)).json()["Items"] == []


async def test_an_order_that_is_paid(api: Api) -> None:
    """PAY-2: one payment may be more than the total, which may still grow; nothing is added to what is paid already, and
    numbers in an error are spelled as in bodies (behaviour A11, B7).
    """
    _, _, http = await cart(api)
    first = (await checked(http.post(PAYMENTS, json={**PURCHASE, "Amount": 125}), 201)).json()
    refused = await http.post(PAYMENTS, json={**PURCHASE, "Amount": 0.01})
    assert refused.content.endswith(b'"Data":{"Total":100}}]}')
    assert codes(refused) == ["Payment.AlreadyPaid"]
    second = (await checked(http.post(PAYMENTS, json=PURCHASE), 201)).json()
    refused = await http.patch(f"{PAYMENTS}/{second['ID']}", json={"Amount": 1})
    assert codes(refused) == ["Payment.AlreadyPaid"]
    for amount in (120, 60):
        await checked(http.patch(f"{PAYMENTS}/{first['ID']}", json={"Amount": amount}), 200)
    await checked(http.patch(f"{PAYMENTS}/{second['ID']}", json={"Amount": 45}), 200)


@pytest.mark.parametrize(
    ("amounts", "charged"), [([50], 10), ([8, 50], 10), ([None], 10), ([4, None], 10), ([4, 3], 7)]
)
async def test_accounts_never_pay_more_than_the_total(
    api: Api, amounts: list[float | None], charged: float
) -> None:
    """PAY-6, reliability R2: also where the total has fallen since the payments were made."""
    shop, _, http = await cart(api)
    await account(shop, balance=200)
    body = {"Type": "SpendingAccount", "SpendingAccountID": "A"}
    for amount in amounts:
        await checked(http.post(PAYMENTS, json={**body, "Amount": amount}), 201)
    await shop.schedule("P", (1, 10))

    async def balance() -> float:
        found: float = (await shop.seller.get("/v1/buyers/B/spendingaccounts/A")).json()["Balance"]
        return found

    order = await submitted(http, "O")
    assert (order["Total"], await balance()) == (10, 200 - charged)
    more = await shop.seller.post("/v1/orders/Incoming/O/payments", json={**body, "Amount": 50})
    is_paid = sum(amount or 0 for amount in amounts) >= 10
    assert more.status_code == (400 if is_paid else 201)
    assert await balance() == 190
    await checked(shop.seller.post("/v1/orders/Incoming/O/cancel"), 201)
    assert await balance() == 200


async def test_spending_accounts(api: Api) -> None:
    """SPA-3: within the balance, or with AllowExceed on any row that reaches the user; nothing is debited yet."""
    shop, user, http = await cart(api)
    await account(shop)
    body = {"Type": "SpendingAccount", "SpendingAccountID": "a", "Amount": 50}
    made = (await http.post(PAYMENTS, json=body)).json()
    assert (made["SpendingAccountID"], made["Accepted"]) == ("A", True)
    await account(shop, "B", UserID=user.id, AllowExceed=True)
    assert (
        await http.post(PAYMENTS, json={**body, "SpendingAccountID": "B", "Amount": 50})
    ).status_code == 201
    for name in ("A", "B"):
        assert (await shop.seller.get(f"/v1/buyers/B/spendingaccounts/{name}")).json()["Balance"] == 50


async def test_accounts_that_were_used_stay(api: Api) -> None:
    """PAY-6: Payment.CannotDeleteSpendingAccount as long as there is a payment from it; a company goes with its own."""
    shop, _, http = await cart(api)
    await account(shop)
    body = {"ID": "PAY", "Type": "SpendingAccount", "SpendingAccountID": "A", "Amount": 5}
    assert (await http.post(PAYMENTS, json=body)).status_code == 201
    url = "/v1/buyers/B/spendingaccounts/A"
    refused = await shop.seller.delete(url)
    assert (refused.status_code, codes(refused)) == (400, ["Payment.CannotDeleteSpendingAccount"])
    assert (await http.delete(f"{PAYMENTS}/PAY")).status_code == 204
    assert (await shop.seller.delete(url)).status_code == 204


async def test_cards(api: Api) -> None:
    """CRD-1, PAY-3: a private card will do, somebody else's is unknown; card payments wait to be accepted."""
    shop, user, _ = await cart(api)
    http = api.as_(user, roles=["Shopper", "MeCreditCardAdmin"])
    own = (await http.post("/v1/me/creditcards", json={"Token": "t"})).json()["ID"]
    made = (await http.post(PAYMENTS, json={"Type": "CreditCard", "CreditCardID": own})).json()
    assert (made["CreditCardID"], made["Accepted"]) == (own, False)
    other, _ = await shop.shopper()
    theirs = (await api.as_(other, roles=["MeCreditCardAdmin"]).post("/v1/me/creditcards", json={})).json()[
        "ID"
    ]
    refused = await http.post(PAYMENTS, json={"Type": "CreditCard", "CreditCardID": theirs})
    assert refused.json()["Errors"][0]["Data"]["ObjectType"] == "CreditCard"


async def test_who_accepts_and_patches(api: Api) -> None:
    """PAY-3 and PAY-4."""
    _, _, http = await cart(api)
    refused = await http.post(PAYMENTS, json={"Type": "CreditCard", "Accepted": True})
    assert (refused.status_code, codes(refused)) == (403, ["Payment.CannotPatchAccepted"])
    payment = (await http.post(PAYMENTS, json={"Type": "CreditCard", "Amount": 40})).json()["ID"]
    url = f"{PAYMENTS}/{payment}"
    admin = f"/v1/orders/Incoming/O/payments/{payment}"
    assert codes(await http.patch(url, json={"Accepted": True})) == ["Payment.CannotPatchAccepted"]
    assert codes(await http.patch(url, json={"Type": "PurchaseOrder"})) == ["Payment.CannotPatchProperty"]
    assert (await http.patch(url, json={"Amount": 0, "Description": "d"})).json()["Amount"] == 0
    assert (await api.seller.patch(admin, json={"Accepted": True})).json()["Accepted"] is True
    assert codes(await http.patch(url, json={"Description": "e"})) == ["Payment.NotAuthorizedToPatch"]
    assert (await api.seller.patch(admin, json={"xp": {"a": 1}})).json()["xp"] == {"a": 1}


async def test_transactions(api: Api) -> None:
    """PAY-5: 201 with the whole payment; Accepted stays."""
    _, _, http = await cart(api)
    payment = (await http.post(PAYMENTS, json={"Type": "CreditCard"})).json()["ID"]
    url = f"/v1/orders/Incoming/O/payments/{payment}/transactions"
    body = {"ID": "T", "Type": "Auth", "DateExecuted": "2026-01-01T00:00:00Z", "Amount": 10.5, "xp": {"k": 1}}
    answer = await api.seller.post(url, json=body)
    assert (answer.status_code, answer.json()["ID"], answer.json()["Accepted"]) == (201, payment, False)
    (transaction,) = (await http.get(f"{PAYMENTS}/{payment}")).json()["Transactions"]
    assert (transaction["ID"], transaction["Amount"], transaction["Succeeded"]) == ("T", 10.5, False)
    assert (await http.post(f"{PAYMENTS}/{payment}/transactions", json=body)).status_code == 403
    assert codes(await api.seller.post(url, json={**body, "ID": "t"})) == ["IdExists"]
    assert (await api.seller.delete(f"{url}/none")).status_code == 404
    assert (await api.seller.delete(f"{url}/t")).status_code == 204
    assert (await http.get(f"{PAYMENTS}/{payment}")).json()["Transactions"] == []


async def test_nobody_elses_payments(api: Api) -> None:
    """Payments of orders that the caller does not reach are 404."""
    shop, _, http = await cart(api)
    payment = (await http.post(PAYMENTS, json=PURCHASE)).json()["ID"]
    _, other = await shop.shopper()
    for verb, path in (
        ("GET", PAYMENTS),
        ("GET", f"{PAYMENTS}/{payment}"),
        ("DELETE", f"{PAYMENTS}/{payment}"),
    ):
        assert (await other.request(verb, path)).status_code == 404
    assert (await http.delete(f"{PAYMENTS}/{payment}")).status_code == 204
    assert (await http.delete(f"{PAYMENTS}/{payment}")).status_code == 404


async def test_accounts_of_open_orders(api: Api) -> None:
    """PAY-6, once the order is open: a new payment charges its account at once, a change of the amount adjusts it, and the
    balance is never overdrawn.
    """
    shop, _, http = await cart(api)
    await account(shop, balance=50)
    await submitted(http, "O")
    admin = "/v1/orders/Incoming/O/payments"

    async def balance() -> float:
        found: float = (await shop.seller.get("/v1/buyers/B/spendingaccounts/A")).json()["Balance"]
        return found

    body = {"Type": "SpendingAccount", "SpendingAccountID": "A", "Amount": 20}
    payment = (await shop.seller.post(admin, json=body)).json()["ID"]
    assert await balance() == 30
    assert codes(await shop.seller.patch(f"{admin}/{payment}", json={"Amount": 51})) == [
        "Payment.ExceedsBalance"
    ]
    assert await balance() == 30
    for amount, left in ((45, 5), (10, 40)):
        assert (await shop.seller.patch(f"{admin}/{payment}", json={"Amount": amount})).status_code == 200
        assert await balance() == left
    assert (await shop.seller.delete(f"{admin}/{payment}")).status_code == 204
    assert await balance() == 50
