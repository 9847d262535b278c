"""Refunds of returns by payments (RET-7, PAY-6)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from tests.api.marketplace import Api, codes
from tests.api.returning import RETURNS, Returning, open_returning
from tests.api.uniform.subjects import checked

PAYMENTS = "/v1/orders/Incoming/O/payments"


async def open_return(
    api: Api, amount: float, *items: Any, name: str = "R", shop: Returning | None = None
) -> Returning:
    """An open return of this amount."""
    shop = shop or await open_returning(api)
    await shop.make(*(items or ("L1",)), http=api.seller, ID=name, RefundAmount=amount)
    await checked(shop.do("submit", name=name), 201)
    await shop.messages()
    return shop


async def refund(
    http: httpx.AsyncClient, amount: float | None, name: str = "R", **body: Any
) -> httpx.Response:
    return await http.post(PAYMENTS, json={"OrderReturnID": name, "Amount": amount, **body})


async def test_two_refunds(api: Api) -> None:
    """RET-7's example: 91.29: -50 stays Open, -41.29 makes it Completed; PaymentIDs name both; the order stays."""
    shop = await open_return(api, 91.29)
    before = (await api.seller.get("/v1/orders/Incoming/O")).json()
    first = (await checked(refund(api.seller, -50, "r", ID="P1"), 201)).json()
    assert (first["Amount"], first["OrderReturnID"], first["Accepted"]) == (-50, "R", True)
    half = await shop.get()
    assert (half["Status"], half["PaymentIDs"], half["DateCompleted"]) == ("Open", ["P1"], None)
    assert codes(await refund(api.seller, -41.30)) == ["OrderReturn.TotalRefundsExceedRefundAmount"]
    assert codes(await api.seller.patch(f"{RETURNS}/R", json={"RefundAmount": 49})) == [
        "OrderReturn.TotalRefundsExceedRefundAmount"
    ]
    assert await shop.messages() == []
    await checked(refund(api.seller, -41.29, ID="P2"), 201)
    done = await shop.get()
    assert (done["Status"], done["PaymentIDs"]) == ("Completed", ["P1", "P2"])
    assert done["DateCompleted"] is not None
    assert await shop.messages() == [("OrderReturnCompleted", shop.user.id)]
    assert (await api.seller.get("/v1/orders/Incoming/O")).json() == before
    assert codes(await refund(api.seller, -1)) == ["OrderReturn.CannotCreatePaymentBadStatus"]
    listed = (await shop.http.get(RETURNS)).json()["Items"]
    assert [each["PaymentIDs"] for each in listed] == [["P1", "P2"]]
    renamed = (await checked(api.seller.patch(f"{RETURNS}/R", json={"ID": "R9"}), 200)).json()
    assert renamed["PaymentIDs"] == ["P1", "P2"]
    assert (await api.seller.get(f"{PAYMENTS}/P1")).json()["OrderReturnID"] == "R9"


async def test_refusals(api: Api) -> None:
    """RET-7: negative amounts, of open returns of this very order, by administrators; all refunds up to the total."""
    shop = await open_return(api, 60)
    for amount in (5, 0, None):
        assert codes(await refund(api.seller, amount)) == ["OrderReturn.PaymentValueMustBeNegative"], amount
    missing = await refund(api.seller, -5, "none")
    assert missing.json()["Errors"][0]["Data"] == {"ObjectType": "OrderReturn", "ObjectID": "none"}
    own = "/v1/orders/Outgoing/O/payments"
    by_shopper = await shop.http.post(own, json={"OrderReturnID": "R", "Amount": -5})
    assert by_shopper.status_code == 403
    await shop.make("L2", http=api.seller, ID="U", RefundAmount=5)
    assert codes(await refund(api.seller, -5, "U")) == ["OrderReturn.CannotCreatePaymentBadStatus"]
    await open_return(api, 100, "L2", name="R2", shop=shop)
    await checked(refund(api.seller, -60), 201)
    assert codes(await refund(api.seller, -60.01, "R2")) == ["OrderReturn.TotalRefundsExceedRefundAmount"]
    await checked(refund(api.seller, -60, "R2"), 201)
    assert (await shop.get("R2"))["Status"] == "Open"
    assert (await shop.get())["Status"] == "Completed"


async def test_to_a_spending_account(api: Api) -> None:
    """PAY-6: a negative payment of a return credits the account; without the payment it has that no more."""
    shop = await open_return(api, 30)
    await shop.put("buyers/B/spendingaccounts/S", Balance=20, AllowAsPaymentMethod=True)
    await shop.post("buyers/B/spendingaccounts/assignments", SpendingAccountID="S", UserID=shop.user.id)

    async def balance() -> float:
        found: float = (await api.seller.get("/v1/buyers/B/spendingaccounts/S")).json()["Balance"]
        return found

    paid = await refund(api.seller, -12.5, ID="P1", Type="SpendingAccount", SpendingAccountID="S")
    assert paid.status_code == 201, paid.text
    assert await balance() == 32.5
    await checked(api.seller.delete(f"{PAYMENTS}/P1"), 204)
    assert (await balance(), (await shop.get())["PaymentIDs"]) == (20, [])
    await checked(refund(api.seller, -30, Type="SpendingAccount", SpendingAccountID="S"), 201)
    assert (await balance(), (await shop.get())["Status"]) == (50, "Completed")


async def test_refunds_leave_room_for_no_payments(api: Api) -> None:
    """PAY-2, RET-7: what is refunded does not make the order's total payable again."""
    await open_return(api, 20)
    await checked(api.seller.post(PAYMENTS, json={"Type": "PurchaseOrder", "Amount": 120}), 201)
    await checked(refund(api.seller, -20), 201)
    more = await api.seller.post(PAYMENTS, json={"Type": "PurchaseOrder", "Amount": 1})
    assert codes(more) == ["Payment.AlreadyPaid"]


async def test_payments_become_no_refunds(api: Api) -> None:
    """PAY-4: else a payment would be no payment any more, and a return would have been paid for."""
    shop = await open_return(api, 20)
    await checked(api.seller.post(PAYMENTS, json={"ID": "P", "Type": "PurchaseOrder", "Amount": 5}), 201)
    patched = await api.seller.patch(f"{PAYMENTS}/P", json={"OrderReturnID": "R"})
    assert codes(patched) == ["Payment.CannotPatchProperty"]
    assert (await shop.get())["PaymentIDs"] == []


async def test_refunds_at_the_same_time(api: Api) -> None:
    """RET-7: of refunds that are too much together some are refused, whoever comes first."""
    shop = await open_return(api, 50)
    answers = await asyncio.gather(*(refund(api.seller, -20) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 400, 400]
    assert len((await shop.get())["PaymentIDs"]) == 2
