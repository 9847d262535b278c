"""Validate and submit (SUB, INV-1, INV-2, PAY-6, MON-9), one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import asyncpg
import httpx
import pytest
from tests.api.enqueued import tell_enqueued
from tests.api.marketplace import Api, codes
from tests.api.outbox import messages
from tests.api.shop import ME, get_order, line_of, open_shop, order_of
from tests.api.submits import STOCK, account, balance, kept, left, pay, placed, sized, submit
from tests.api.uniform.subjects import checked


def errors(answer: httpx.Response) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.json()["Errors"]
    return found


async def validate(http: httpx.AsyncClient, order: str = "O") -> httpx.Response:
    return await http.post(f"/v1/orders/Outgoing/{order}/validate")


async def test_an_order_becomes_open(api: Api) -> None:
    """SUB-2.11, INV-2, ST-2: one move, its date, one decrement; what follows is frozen (MON-9)."""
    shop, user, http = await placed(api, 2, 3, Inventory=STOCK)
    assert (await validate(http)).status_code == 204
    assert (await get_order(http, "O"))["Status"] == "Unsubmitted"
    answer = await submit(http)
    order = answer.json()
    assert (answer.status_code, order["Status"], order["IsSubmitted"]) == (201, "Open", True)
    assert order["DateSubmitted"] == order["LastUpdated"]
    assert order["DateApproved"] is None
    assert (order["Total"], await left(api)) == (50, 5)
    assert await get_order(http, "O") == order
    await shop.product("P", (1, 99), Name="renamed", Inventory={**STOCK, "QuantityAvailable": 5})
    await checked(api.seller.patch(f"/v1/buyers/B/users/{user.id}", json={"FirstName": "Other"}), 200)
    await checked(api.seller.patch("/v1/orders/Incoming/O", json={"Comments": "c"}), 200)
    later = await get_order(http, "O")
    line = (await http.get("/v1/orders/Outgoing/O/lineitems/L1")).json()
    assert (later["Total"], later["FromUser"]) == (50, order["FromUser"])
    assert (line["UnitPrice"], line["Product"]["Name"]) == (10, "P")
    again = await submit(http)
    assert (again.status_code, codes(again)) == (400, ["Order.CannotSubmitBadStatus"])
    assert codes(await validate(http)) == ["Order.CannotSubmitBadStatus"]
    assert await left(api) == 5


async def test_it_follows_prices_and_people_until_then(api: Api) -> None:
    """MON-9: a changed price is no error; the order has what holds at its submit."""
    shop, user, http = await placed(api, 2)
    await shop.schedule("P", (1, 12.345))
    await checked(api.seller.patch(f"/v1/buyers/B/users/{user.id}", json={"FirstName": "New"}), 200)
    order = (await submit(http)).json()
    assert (order["Total"], order["FromUser"]["FirstName"]) == (24.69, "New")


async def test_addresses_are_frozen(api: Api) -> None:
    """MON-9, ADR-1: by ID they are what they are at the submit, one-time ones and those that are gone stay."""
    shop, user, http = await placed(api, 1, 1)
    address = {"Street1": "1", "City": "Hull", "Country": "GB", "FirstName": "A", "State": "x", "Zip": "1"}
    for name in ("A", "gone"):
        await shop.put(f"buyers/B/addresses/{name}", **address)
        await shop.post(
            "buyers/B/addresses/assignments", AddressID=name, UserID=user.id, IsShipping=True, IsBilling=True
        )
    order = "/v1/orders/Outgoing/O"
    patch = {"BillingAddressID": "a", "ShippingAddressID": "A"}
    await checked(http.patch(order, json=patch), 200)
    await checked(http.patch(f"{order}/lineitems/L2", json={"ShippingAddressID": "gone"}), 200)
    await checked(api.seller.patch("/v1/buyers/B/addresses/A", json={"City": "York"}), 200)
    await checked(api.seller.delete("/v1/buyers/B/addresses/gone"), 204)
    submitted = (await checked(submit(http), 201)).json()
    await checked(api.seller.patch("/v1/buyers/B/addresses/A", json={"City": "Bath"}), 200)
    lines = [(await http.get(f"{order}/lineitems/L{n}")).json()["ShippingAddress"] for n in (1, 2)]
    cities = [submitted["BillingAddress"]["City"], *(line["City"] for line in lines)]
    assert cities == ["York", "York", "Hull"]


async def test_who_submits(api: Api) -> None:
    """SUB-2.1: the order's user and administrators of orders; others 403, or 404 where they see nothing."""
    shop, _, http = await placed(api, 1)
    stranger, _ = await shop.shopper()
    for roles, status in (
        (["Shopper"], 404),
        (["OrderReader", "UnsubmittedOrderReader", "Shopper"], 403),
        (["OrderAdmin"], 404),
        (["OrderAdmin", "UnsubmittedOrderReader"], 201),
    ):
        assert (await submit(api.as_(stranger, roles=roles))).status_code == status, roles
    await order_of(http, ID="O2")
    await line_of(http, "O2", "P")
    assert (await submit(api.seller, "O2", "Incoming")).status_code == 201
    other = api.as_(await api.user(buyer=await api.buyer()), roles=["FullAccess"])
    assert (await submit(other, "O2")).status_code == 404


async def test_all_refusals_at_once(api: Api) -> None:
    """SUB-1, SUB-4 and SUB-2.3 to SUB-2.9, in their order; nothing has changed afterwards."""
    shop = await open_shop(api)
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    for product in ("gone", "inactive", "parent", "short", "small", "odd"):
        facts: dict[str, Any] = {"Inventory": STOCK} if product == "short" else {}
        await shop.product(product, (1, 10), DefaultSupplierID="S", **facts)
    user, http = await shop.shopper()
    await order_of(http, ID="O")
    for product in ("gone", "inactive", "parent", "short", "small", "odd"):
        await line_of(http, "O", product, 5, ID=product)
    await account(shop, user, 50)
    await pay(http, 50)
    await checked(http.post("/v1/orders/Outgoing/O/payments", json={"Type": "CreditCard", "ID": "card"}), 201)
    seller = api.seller
    await checked(seller.patch("/v1/buyers/B/spendingaccounts/A", json={"Balance": 49.99}), 200)
    await checked(seller.delete("/v1/products/gone"), 204)
    await checked(seller.patch("/v1/products/inactive", json={"Active": False}), 200)
    await checked(seller.patch("/v1/products/parent", json={"IsParent": True}), 200)
    short = {"Inventory": {**STOCK, "QuantityAvailable": 2}}
    await checked(seller.patch("/v1/products/short", json=short), 200)
    await checked(seller.patch("/v1/priceschedules/small", json={"MinQuantity": 6}), 200)
    await checked(seller.delete("/v1/priceschedules/odd"), 204)
    await shop.put("locales/euro", Currency="EUR", Language="en-US")
    await shop.post("locales/assignments", LocaleID="euro", BuyerID="B")
    for each in ("inactive", "parent", "short", "small"):
        await checked(seller.patch(f"/v1/priceschedules/{each}", json={"Currency": "EUR"}), 200)
    before = await get_order(http, "O")
    refused = await validate(http)
    assert refused.status_code == 400
    assert codes(refused) == [
        "Order.CurrencyMismatch",
        "Order.ProductsNotFound",
        "Order.CannotSubmitWithInactiveProduct",
        "Order.CannotSubmitWithParentProduct",
        "PriceSchedule.CannotBeLessThanMin",
        "PriceSchedule.MissingOrConflicting",
        "Order.CannotSubmitWithUnaccceptedPayments",
        "Payment.ExceedsBalance",
        "Inventory.Insufficient",
    ]
    by_code = {error["ErrorCode"]: error["Data"] for error in errors(refused)}
    assert by_code["Order.ProductsNotFound"] == ["gone"]
    assert by_code["Order.CannotSubmitWithInactiveProduct"] == ["inactive"]
    assert by_code["Inventory.Insufficient"] == {
        "LineItemID": "short",
        "ProductID": "short",
        "VariantID": None,
        "QuantityAvailable": 2,
        "QuantityRequested": 5,
    }
    assert errors(await submit(http)) == errors(refused)
    assert await get_order(http, "O") == before
    assert (await left(api, "short"), await balance(api)) == (2, 49.99)
    await order_of(http, ID="E")
    assert "Order.CannotSubmitWithNoLineItems" in codes(await submit(http, "E"))


async def test_companies_and_users_that_order_no_more(api: Api) -> None:
    """SUB-2.3, ORD-11: a lost relation to the supplier, an inactive user."""
    shop = await open_shop(api)
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    await shop.put("suppliers/S2")
    user, http = await shop.shopper()
    await shop.product("P", (1, 10), DefaultSupplierID="S")
    await order_of(http, ID="O", ToCompanyID="S")
    await line_of(http, "O", "P")
    assert (await validate(http)).status_code == 204
    await shop.put("suppliers/S", AllBuyersCanOrder=False)
    refused = await validate(http)
    assert (refused.status_code, errors(refused)[0]["Data"]) == (
        400,
        {"ObjectType": "Supplier", "ObjectID": "S"},
    )
    await shop.put("suppliers/S", AllBuyersCanOrder=True)
    await checked(api.seller.patch(f"/v1/buyers/B/users/{user.id}", json={"Active": False}), 200)
    refused = await submit(api.seller, "O", "All")
    assert (refused.status_code, codes(refused)) == (400, ["Auth.UserNotActive"])


async def test_a_calculation_that_is_old(api: Api) -> None:
    """CHK-7: with a checkout integration only a calculated order is submitted."""
    _, user, _ = await placed(api, 1)
    event = {
        "Name": "E",
        "EventType": "OrderCheckout",
        "CustomImplementationUrl": "https://example.com/c",
        "HashKey": "k",
    }
    await checked(api.seller.put("/v1/integrationEvents/E", json=event), 200)
    client = await api.api_client(allow_any_buyer=True)
    await checked(
        api.seller.patch(f"/v1/apiclients/{client}", json={"OrderCheckoutIntegrationEventID": "E"}), 200
    )
    http = api.as_(user, roles=ME, client_id=client.lower())
    assert codes(await submit(http)) == ["Order.CannotSubmitUncalculatedOrder"]
    done = "UPDATE orders SET calculation = '{\"Succeeded\": true}' WHERE marketplace_id = $1"
    await api.execute(done)
    assert (await submit(http)).status_code == 201


async def test_spending_accounts(api: Api) -> None:
    """PAY-6, SPA-3: 50 - 30 = 20 when the order opens; a null amount is the rest; AllowExceed goes below zero."""
    shop, user, http = await placed(api, 6)
    await account(shop, user, 50)
    await account(shop, user, 10, "X", exceeds=True)
    await pay(http, 30)
    await pay(http, None, "X")
    assert (await balance(api), await balance(api, "X")) == (50, 10)
    assert (await submit(http)).status_code == 201
    assert (await balance(api), await balance(api, "X")) == (20, -20)
    await order_of(http, ID="O2")
    await line_of(http, "O2", "P", 3)
    await pay(http, 20, order="O2")
    await checked(api.seller.patch("/v1/buyers/B/spendingaccounts/A", json={"Balance": 19.99}), 200)
    assert codes(await submit(http, "O2")) == ["Payment.ExceedsBalance"]
    assert await balance(api) == 19.99


async def test_two_payments_on_one_account(api: Api) -> None:
    """PAY-6: each is within the balance, together they are not."""
    shop, user, http = await placed(api, 6)
    await account(shop, user, 50)
    await pay(http, 30)
    await pay(http, 20)
    assert (await validate(http)).status_code == 204
    await checked(api.seller.patch("/v1/buyers/B/spendingaccounts/A", json={"Balance": 40}), 200)
    assert codes(await submit(http)) == ["Payment.ExceedsBalance"]


async def test_messages(api: Api) -> None:
    """SUB-5: to the order's user, with order, approvals, lines and products."""
    _, user, http = await placed(api, 2)
    await submit(http)
    (sent,) = await messages(api)
    assert (sent.message_type, sent.recipient) == ("OrderSubmitted", f"{user.id}@example.com")
    body = sent.body
    assert (body["Order"]["Status"], len(body["LineItems"]), body["Approvals"]) == ("Open", 1, [])
    assert [each["ID"] for each in body["Products"]] == ["P"]


async def test_the_marketplace_owners_own_order(api: Api) -> None:
    """ORD-13: to a supplier; no buyer's rules, stock as for everybody."""
    shop = await open_shop(api)
    await shop.put("suppliers/S")
    await shop.product("P", (1, 10), DefaultSupplierID="S", Inventory=STOCK)
    await order_of(api.seller, ID="O", ToCompanyID="S")
    await line_of(api.seller, "O", "P", 4)
    order = (await checked(submit(api.seller), 201)).json()
    assert (order["Status"], order["Total"], await left(api)) == ("Open", 40, 6)
    supplier = api.as_(await api.user(supplier="S"), roles=["OrderAdmin"])
    assert (await supplier.get("/v1/orders/Incoming/O")).json()["Status"] == "Open"
    assert (await supplier.post("/v1/orders/Incoming/O/complete")).json()["Status"] == "Completed"


async def test_a_guest_is_written_to(api: Api) -> None:
    """ORD-20, SUB-5: the address of a guest is the one that the order's copy of the user has."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    template = await api.user(buyer="B")
    http = api.as_(template, roles=ME, order_id="q" * 22)
    order = await order_of(http)
    await line_of(http, order["ID"], "P")
    copy = {"Email": "guest@example.com", "FirstName": "G"}
    await checked(http.patch(f"/v1/orders/Outgoing/{order['ID']}/fromuser", json=copy), 200)
    submitted = (await checked(submit(http, order["ID"]), 201)).json()
    assert (submitted["Status"], submitted["FromUser"]["FirstName"]) == ("Open", "G")
    (sent,) = await messages(api)
    assert (sent.recipient, sent.whole["Recipient"]["FirstName"]) == ("guest@example.com", "G")


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that this test's requests send, without those that open and end transactions."""
    sent: list[str] = []
    # Work in the background, begun before, does not have it.
    ours = ContextVar("ours", default=False)
    token = ours.set(True)
    with monkeypatch.context() as patched:
        for name in ("execute", "fetch", "fetchrow", "fetchval"):
            plain = getattr(asyncpg.Connection, name)

            async def run(self: Any, query: str, *args: Any, plain: Any = plain, **more: Any) -> Any:
                if ours.get() and not query.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
                    sent.append(query)
                return await plain(self, query, *args, **more)

            patched.setattr(asyncpg.Connection, name, run)
        tell_enqueued(patched, sent, lambda query, _: query if ours.get() else None)
        yield sent
    ours.reset(token)


@pytest.mark.parametrize("times", [1, 7])
async def test_statements(api: Api, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """SUB-2: at most 20 statements, however many lines there are and whatever they draw on, promotions aside."""
    shop = await open_shop(api)
    await shop.put("buyers/B/usergroups/G")
    await shop.put(
        "buyers/B/approvalrules/R",
        ApprovingGroupID="G",
        RuleExpression="items.any(Product.incategory('x')) or true",
    )
    await shop.product("plain", (1, 10), Inventory={**STOCK, "QuantityAvailable": 1000})
    await kept(shop, "kept", 1000)
    await sized(shop, "sized", 1000)
    user, http = await shop.shopper("G")
    await account(shop, user, 5000)
    await order_of(http, ID="O")
    for _ in range(times):
        await line_of(http, "O", "sized", 2, Specs=[{"SpecID": "size", "OptionID": "L"}])
        await line_of(http, "O", "plain", 2)
        await line_of(http, "O", "kept", 2, InventoryRecordID="R")
    await pay(http, None)
    with counted(monkeypatch) as sent:
        answer = await submit(http)
    assert answer.status_code == 201
    assert 12 < len(sent) <= 20, "\n".join(sent)
    assert (await api.seller.get("/v1/products/sized/variants/sized-L")).json()["Inventory"][
        "QuantityAvailable"
    ] == 1000 - 2 * times
