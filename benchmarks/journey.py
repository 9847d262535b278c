"""The shopping journey: what each of its steps costs, and how many orders a second go through.

Login is one of the other cases. Every order has an ID of its own choice, so that all requests are known beforehand.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.cases import JSON
from benchmarks.catalog_marketplace import SEED
from benchmarks.client import send
from benchmarks.http_connection import HttpConnection
from benchmarks.load import Request
from benchmarks.report import Flow, StepRow, Submission
from benchmarks.servers import Server, cpu_seconds_of_all
from benchmarks.statements import StatementLog

NAME = "Journey"
FLOW_TARGET = 0.011
"""Of the rate of the limit with one SELECT."""
FOLLOWED = 40
"""Orders of which is measured what their submission costs until all that follows it is done."""
QUIET_SECONDS = 3.0
"""In which that is done."""
WARM_UP = 30
"""Orders before anything is measured."""
STOCK = 200
"""Pieces that a product must have, so that no run uses them up."""
CODE = "TENTH"
PROMOTION = {
    "Code": CODE,
    "Name": "A tenth",
    "EligibleExpression": "order.Subtotal > 0",
    "ValueExpression": "order.Subtotal * 0.1",
    "AllowAllBuyers": True,
    "CanCombine": True,
    "Active": True,
}
ADDRESS = json.dumps(
    {
        "FirstName": "First",
        "LastName": "Last",
        "Street1": "12 Long Street",
        "City": "Springfield",
        "State": "IL",
        "Zip": "62701",
        "Country": "US",
    }
)


@dataclass(frozen=True, slots=True)
class Basket:
    """A shopper, by its Authorization header, and the products that it orders."""

    shopper: str
    products: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """One order to be made."""

    id: str
    basket: Basket

    @property
    def path(self) -> str:
        return f"/v1/orders/Outgoing/{self.id}"

    def list(self) -> Request:
        return Request("GET", "/v1/me/products?pageSize=20", self.basket.shopper)

    def look(self) -> Request:
        return Request("GET", f"/v1/me/products/{self.basket.products[0]}", self.basket.shopper)

    def create(self) -> Request:
        return self._with("POST", "/v1/orders/Outgoing", {"ID": self.id})

    def add(self, place: int) -> Request:
        line = {"ProductID": self.basket.products[place], "Quantity": 1}
        return self._with("POST", f"{self.path}/lineitems", line)

    def ship(self) -> Request:
        return Request("PUT", f"{self.path}/shipto", self.basket.shopper, JSON, ADDRESS)

    def bill(self) -> Request:
        return Request("PUT", f"{self.path}/billto", self.basket.shopper, JSON, ADDRESS)

    def promote(self) -> Request:
        return Request("POST", f"{self.path}/promotions/{CODE}", self.basket.shopper)

    def submit(self) -> Request:
        return Request("POST", f"{self.path}/submit", self.basket.shopper)

    def _with(self, method: str, path: str, body: object) -> Request:
        return Request(method, path, self.basket.shopper, JSON, json.dumps(body))


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the journey; the most statements and milliseconds of the server process that it may take."""

    name: str
    request: Callable[[Order], Request]
    statements: int | None = None
    milliseconds: float | None = None


STEPS = (
    Step("list products", Order.list),
    Step("get a product", Order.look),
    Step("create an order", Order.create),
    Step("add the first line", lambda order: order.add(0), 10, 2.0),
    Step("add the second line", lambda order: order.add(1), 10, 2.0),
    Step("add the third line", lambda order: order.add(2), 10, 2.0),
    Step("set the shipping address", Order.ship),
    Step("set the billing address", Order.bill),
    Step("add a promotion", Order.promote),
    Step("submit", Order.submit, 20, 5.0),
)
FLOW: tuple[Callable[[Order], Request], ...] = (
    Order.create,
    lambda order: order.add(0),
    Order.ship,
    Order.submit,
)


class Journey:
    """Runs of the journey on one server by shoppers with baskets. admin: a header that may make a promotion."""

    def __init__(self, server: Server, baskets: Sequence[Basket], admin: str) -> None:
        send(server.base_url, Request("PUT", "/v1/promotions/tenth", admin, JSON, json.dumps(PROMOTION)))
        self._server = server
        self._orders = _orders(baskets)

    def move(self, server: Server) -> None:
        """Go on there."""
        self._server = server

    async def steps(self, count: int, connections: int) -> list[StepRow]:
        """Each step for `count` orders before the next one, so that the processor time is that of the step."""
        await self._run_steps(self._some(WARM_UP), connections)
        return await self._run_steps(self._some(count), connections)

    async def flow(self, seconds: float, connections: int) -> Flow:
        """Whole orders of one line, one after the other over each connection."""
        before, begun = self._server.cpu_seconds(), time.monotonic()
        end = begun + seconds

        async def run() -> int:
            done = 0
            async with HttpConnection(self._server.base_url) as connection:
                while time.monotonic() < end:
                    order = next(self._orders)
                    for request in FLOW:
                        await connection.send(request(order))
                    done += 1
            return done

        done = sum(await asyncio.gather(*(run() for _ in range(connections))))
        return Flow(
            done / (time.monotonic() - begun), 1e3 * (self._server.cpu_seconds() - before) / max(1, done)
        )

    def statements(self, log: StatementLog, rows: Sequence[StepRow]) -> None:
        """Fill in the statements of each step."""
        orders = self._some(log.samples)
        for order in orders:
            # What a server does not know of a shopper it asks once.
            send(self._server.base_url, order.list())
        for step, row in zip(STEPS, rows, strict=True):
            each = iter(orders)
            row.statements = log.count(lambda: send(self._server.base_url, step.request(next(each))))  # noqa: B023

    def submissions(self, log: StatementLog, postmaster: int) -> Submission:
        """What one costs, of FOLLOWED that are submitted one after another, beyond what a server does that nobody asks for anything."""
        orders = self._some(FOLLOWED)
        for order in orders:
            for step in STEPS[2:-1]:
                send(self._server.base_url, step.request(order))
        time.sleep(QUIET_SECONDS)
        idle = self._spent(log, postmaster, ())
        spent = self._spent(log, postmaster, orders)
        return Submission(*((all_of - none) / FOLLOWED for all_of, none in zip(spent, idle, strict=True)))

    def _spent(
        self, log: StatementLog, postmaster: int, orders: Sequence[Order]
    ) -> tuple[float, float, float]:
        """Statements and milliseconds, as of Submission, while these are submitted, and until it is quiet."""

        def so_far() -> tuple[float, float]:
            return 1e3 * self._server.cpu_seconds(), 1e3 * cpu_seconds_of_all(postmaster)

        end, before = log.end, so_far()
        for order in orders:
            send(self._server.base_url, order.submit())
        time.sleep(QUIET_SECONDS)
        server, database = (now - then for now, then in zip(so_far(), before, strict=True))
        return log.since(end), server, database

    def _some(self, count: int) -> list[Order]:
        return list(itertools.islice(self._orders, count))

    async def _run_steps(self, orders: Sequence[Order], connections: int) -> list[StepRow]:
        rows = []
        for step in STEPS:
            before = self._server.cpu_seconds()
            await self._send_all([step.request(order) for order in orders], connections)
            spent = 1e3 * (self._server.cpu_seconds() - before) / len(orders)
            rows.append(StepRow(step.name, spent, step.milliseconds, None, step.statements))
        return rows

    async def _send_all(self, requests: Sequence[Request], connections: int) -> None:
        waiting = iter(requests)

        async def run() -> None:
            async with HttpConnection(self._server.base_url) as connection:
                for request in waiting:
                    await connection.send(request)

        await asyncio.gather(*(run() for _ in range(connections)))


def baskets(shoppers: Sequence[str], items: Sequence[Sequence[dict[str, Any]]]) -> list[Basket]:
    """Of each shopper that sees enough products in stock. items: products that it sees, with prices."""
    made = []
    for shopper, seen in zip(shoppers, items, strict=True):
        stocked = [each["ID"] for each in seen if each["Inventory"]["QuantityAvailable"] >= STOCK]
        starts = range(0, len(stocked) - 2, 3)
        made += [Basket(shopper, (stocked[i], stocked[i + 1], stocked[i + 2])) for i in starts]
    return random.Random(SEED).sample(made, len(made))


def _orders(baskets: Sequence[Basket]) -> Iterator[Order]:
    for number, basket in enumerate(itertools.cycle(baskets)):
        yield Order(f"journey-{number:06d}", basket)
