"""Many shoppers at once against several server processes, and a server that is killed in the middle (HTTP-4, INV-4)."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
from tests.e2e.command import Serve, Server, demo_of

from entrepot.storage.embedded import running_url

SHOPPERS = 200
PIECES = 100
AT_ONCE = 24
SENT = """
SELECT (SELECT count(*) FROM outbox_events WHERE kind = 'OrderMessage')
     + (SELECT count(*) FROM deliveries WHERE type = 'OrderSubmitted')
"""
OPEN_LINES = """
SELECT o."ID", o."Status", sum(l."Quantity") AS quantity FROM orders o
JOIN line_items l ON l.marketplace_id = o.marketplace_id AND l.order_key = o.key
WHERE l."ProductID" = $1 GROUP BY o."ID", o."Status"
"""


@dataclass
class Market:
    """The demo marketplace of a running server, with a buyer `fire` whose shoppers see everything."""

    server: Server
    seller: httpx.AsyncClient

    async def put(self, path: str, **body: Any) -> None:
        named = {"Name": path.rpartition("/")[2], "Active": True, **body}
        answer = await self.seller.put(f"/v1/{path}", json=named)
        assert answer.status_code == 200, answer.text

    async def post(self, path: str, **body: Any) -> None:
        answer = await self.seller.post(f"/v1/{path}", json=body)
        assert answer.status_code in (201, 204), answer.text

    async def shoppers(self, number: int) -> list[httpx.AsyncClient]:
        """Users with tokens of their own; no password is ever hashed."""
        body = {"ClientID": demo_of(self.server)["clientID"], "Roles": ["Shopper"]}

        async def make(index: int) -> httpx.AsyncClient:
            user = f"s{index}"
            await self.put(
                f"buyers/fire/users/{user}",
                Username=f"fire-{user}",
                FirstName="F",
                LastName="L",
                Email="f@example.com",
            )
            answer = await self.seller.post(f"/v1/buyers/fire/users/{user}/accesstoken", json=body)
            assert answer.status_code == 200, answer.text
            return self.client(answer.json()["access_token"])

        return await together(make(index) for index in range(number))

    def client(self, token: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.server.url,
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            timeout=60,
            limits=httpx.Limits(max_connections=4),
        )

    async def cart(self, shopper: httpx.AsyncClient, product: str, quantity: int = 1) -> str:
        """The ID of a new order of the shopper with one line."""
        order = (await shopper.post("/v1/orders/Outgoing", json={})).json()["ID"]
        body = {"ProductID": product, "Quantity": quantity}
        answer = await shopper.post(f"/v1/orders/Outgoing/{order}/lineitems", json=body)
        assert answer.status_code == 201, answer.text
        return str(order)


async def together(calls: Any) -> list[Any]:
    """All of them, AT_ONCE at a time."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(call: Awaitable[Any]) -> Any:
        async with turn:
            return await call

    return await asyncio.gather(*(one(call) for call in calls))


async def submit(shopper: httpx.AsyncClient, order: str) -> httpx.Response:
    return await shopper.post(f"/v1/orders/Outgoing/{order}/submit")


def outcome(answer: httpx.Response) -> str:
    """`Open` for a submitted order, else the first error's code."""
    body = answer.json()
    return str(body["Status"] if answer.status_code == 201 else body["Errors"][0]["ErrorCode"])


@contextlib.asynccontextmanager
async def market(server: Server) -> AsyncIterator[Market]:
    """A login as the seller, the buyer and the product `piece`."""
    demo = demo_of(server)
    admin = demo["users"]["admin01"]
    form = {
        "grant_type": "password",
        "client_id": demo["clientID"],
        "username": admin["username"],
        "password": admin["password"],
        "scope": "FullAccess",
    }
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=60) as http:
        token = (await http.post("/oauth/token", data=form)).json()["access_token"]
    found = Market(
        server,
        httpx.AsyncClient(
            base_url=server.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60
        ),
    )
    await found.put("buyers/fire")
    await found.put("securityprofiles/fire", Roles=["Shopper"])
    await found.put(
        "impersonationconfig/fire",
        ClientID=demo["clientID"],
        SecurityProfileID="fire",
        BuyerID="fire",
    )
    flags = {"ViewAllCategories": True, "ViewAllProducts": True}
    await found.post("catalogs/assignments", CatalogID="fire", BuyerID="fire", **flags)
    await found.put("priceschedules/ten", PriceBreaks=[{"Quantity": 1, "Price": 10}])
    yield found
    await found.seller.aclose()


async def stocked(found: Market, product: str, quantity: int | None = None) -> None:
    stock = None if quantity is None else {"Enabled": True, "QuantityAvailable": quantity}
    await found.put(f"products/{product}", DefaultPriceScheduleID="ten", Inventory=stock)
    await found.post("catalogs/productassignments", CatalogID="fire", ProductID=product)


async def test_under_load(serve: Serve) -> None:
    """Three processes: the last pieces, a code's redemptions, an account's money, an incrementor's numbers, and one
    order submitted by two calls are each given once.
    """
    server = serve("data", "--workers", "3")
    server.await_ready()
    async with market(server) as found:
        shoppers = await found.shoppers(SHOPPERS)
        await the_last_pieces(found, shoppers)
        await a_code_of_ten(found, shoppers[:40])
        await an_account_of_fifty(found, shoppers[0])
        await numbers(found, shoppers[:50])
        await one_order_twice(found, shoppers[0])
        await together(shopper.aclose() for shopper in shoppers)


async def the_last_pieces(found: Market, shoppers: list[httpx.AsyncClient]) -> None:
    """200 shoppers want one of 100."""
    await stocked(found, "piece", PIECES)
    orders = await together(found.cart(shopper, "piece") for shopper in shoppers)
    answers = await together(submit(*pair) for pair in zip(shoppers, orders, strict=True))
    assert Counter(map(outcome, answers)) == {"Open": PIECES, "Inventory.Insufficient": SHOPPERS - PIECES}
    left = (await found.seller.get("/v1/products/piece")).json()["Inventory"]["QuantityAvailable"]
    assert left == 0


async def a_code_of_ten(found: Market, shoppers: list[httpx.AsyncClient]) -> None:
    """A redemption limit of 10 is redeemed exactly 10 times."""
    await stocked(found, "plenty")
    await found.put(
        "promotions/TEN",
        Code="TEN",
        EligibleExpression="true",
        ValueExpression="1",
        RedemptionLimit=10,
        AllowAllBuyers=True,
        CanCombine=True,
    )
    orders = await together(found.cart(shopper, "plenty") for shopper in shoppers)

    async def redeem(shopper: httpx.AsyncClient, order: str) -> httpx.Response:
        added = await shopper.post(f"/v1/orders/Outgoing/{order}/promotions/TEN")
        return await submit(shopper, order) if added.status_code == 201 else added

    answers = await together(redeem(*pair) for pair in zip(shoppers, orders, strict=True))
    counted = Counter(map(outcome, answers))
    assert counted["Open"] == 10, counted
    assert all(code == "Open" or code.startswith("Promotion.") for code in counted), counted
    assert (await found.seller.get("/v1/promotions/TEN")).json()["RedemptionCount"] == 10


async def an_account_of_fifty(found: Market, shopper: httpx.AsyncClient) -> None:
    """Twelve orders of 10 on an account of 50: five are paid."""
    await found.put("buyers/fire/spendingaccounts/A", Balance=50, AllowAsPaymentMethod=True)
    await found.post("buyers/fire/spendingaccounts/assignments", SpendingAccountID="A")
    orders = [await found.cart(shopper, "plenty") for _ in range(12)]
    body = {"Type": "SpendingAccount", "SpendingAccountID": "A"}
    for order in orders:
        paid = await shopper.post(f"/v1/orders/Outgoing/{order}/payments", json=body)
        assert paid.status_code == 201, paid.text
    answers = await together(submit(shopper, order) for order in orders)
    assert Counter(map(outcome, answers)) == {"Open": 5, "Payment.ExceedsBalance": 7}
    assert (await found.seller.get("/v1/buyers/fire/spendingaccounts/A")).json()["Balance"] == 0


async def numbers(found: Market, shoppers: list[httpx.AsyncClient]) -> None:
    """ID-3: no number is given twice."""
    await found.put("incrementors/no", LastNumber=0, LeftPaddingCount=6)
    answers = await together(
        shopper.post("/v1/orders/Outgoing", json={"ID": "N{no}"}) for shopper in shoppers
    )
    assert sorted(answer.json()["ID"] for answer in answers) == [
        f"N{number:06}" for number in range(1, len(shoppers) + 1)
    ]


async def one_order_twice(found: Market, shopper: httpx.AsyncClient) -> None:
    """Two submits of one order give one order."""
    await stocked(found, "twice", 100)
    order = await found.cart(shopper, "twice", 3)
    answers = await together(submit(shopper, order) for _ in range(8))
    assert Counter(map(outcome, answers)) == {"Open": 1, "Order.CannotSubmitBadStatus": 7}
    assert (await found.seller.get("/v1/products/twice")).json()["Inventory"]["QuantityAvailable"] == 97


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_killed_in_the_middle_of_submits(serve: Serve, workers: str) -> None:
    """After the restart every order is either submitted, with its stock, money and message, or not at all."""
    server = serve("data", "--workers", workers)
    server.await_ready()
    async with market(server) as found:
        await stocked(found, "piece", 1000)
        await found.put("buyers/fire/spendingaccounts/A", Balance=10_000, AllowAsPaymentMethod=True)
        await found.post("buyers/fire/spendingaccounts/assignments", SpendingAccountID="A")
        shoppers = await found.shoppers(10)
        orders = [(shopper, await found.cart(shopper, "piece")) for shopper in shoppers for _ in range(12)]
        body = {"Type": "SpendingAccount", "SpendingAccountID": "A", "Amount": 10}
        for shopper, order in orders:
            assert (await shopper.post(f"/v1/orders/Outgoing/{order}/payments", json=body)).status_code == 201
        confirmed: list[str] = []
        await asyncio.gather(kill_soon(server, confirmed), *(tried(*pair, confirmed) for pair in orders))
        await together(shopper.aclose() for shopper in shoppers)
    second = serve("data")
    second.await_ready()
    database = await asyncpg.connect(running_url(second.data_dir))
    try:
        rows = await database.fetch(OPEN_LINES, "piece")
        opened = [row for row in rows if row["Status"] == "Open"]
        assert {row["Status"] for row in rows} <= {"Open", "Unsubmitted"}
        assert 0 < len(opened) < len(orders), "the kill came in the middle"
        assert set(confirmed) <= {row["ID"] for row in opened}, "what was answered is there"
        taken = sum(row["quantity"] for row in opened)
        stock = await database.fetchval(
            """SELECT "Inventory"->>'QuantityAvailable' FROM products WHERE "ID" = 'piece'"""
        )
        assert int(stock) == 1000 - taken
        balance = await database.fetchval("""SELECT "Balance" FROM spending_accounts WHERE "ID" = 'A'""")
        assert balance == 10_000 - 10 * taken
        sent = await database.fetchval(SENT)
        assert sent == len(opened)
    finally:
        await database.close()


async def tried(shopper: httpx.AsyncClient, order: str, confirmed: list[str]) -> None:
    with contextlib.suppress(httpx.TransportError):
        answer = await submit(shopper, order)
        if answer.status_code == 201:
            confirmed.append(order)


async def kill_soon(server: Server, confirmed: list[str]) -> None:
    """As soon as a third has been answered."""
    for _ in range(6000):
        if len(confirmed) >= 40:
            break
        await asyncio.sleep(0.005)
    server.end(signal.SIGKILL, whole_session=True)
