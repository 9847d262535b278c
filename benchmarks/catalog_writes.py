"""What changes in the catalog while shoppers list it: ten writes a second, each of another kind than the last."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from benchmarks.catalog import Catalog
from benchmarks.catalog_marketplace import CATALOG, COLORS, SEED, category_id, price_id, product_id
from benchmarks.client import send
from benchmarks.load import Request

RATE = 10.0
"""Writes in a second."""


class Writes:
    """Products' xp, Active, prices, stock and categories in turn, by the administrator."""

    def __init__(self, base_url: str, catalog: Catalog) -> None:
        self._base_url = base_url
        self._admin = catalog.admin(base_url)
        self._size = catalog.size
        self._chance = random.Random(SEED)
        self._numbers = count()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """They go on while the block runs. Raises what a write has raised."""
        over = threading.Event()
        failures: list[BaseException] = []

        def write() -> None:
            try:
                due = time.monotonic()
                while not over.wait(max(0.0, due - time.monotonic())):
                    send(self._base_url, self._next())
                    due += 1 / RATE
            except BaseException as error:  # noqa: BLE001 (raised where the block ends)
                failures.append(error)

        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        if failures:
            raise failures[0]

    def _next(self) -> Request:
        number = next(self._numbers)
        product = self._chance.randrange(self._size.products // 40 * 40 or 1)
        match number % 5:
            case 0:
                color = self._chance.choice(COLORS)
                return self._patch(f"products/{product_id(product)}", {"xp": {"facets": {"color": color}}})
            case 1:
                # Of those that are inactive at first: the others are asked for by themselves.
                return self._patch(
                    f"products/{product_id(product // 40 * 40 + 39)}", {"Active": bool(number % 2)}
                )
            case 2:
                breaks = [{"Quantity": 1, "Price": 1 + number % 100}]
                return self._patch(f"priceschedules/{price_id(product)}", {"PriceBreaks": breaks})
            case 3:
                stock = {"Enabled": True, "QuantityAvailable": number % 500}
                return self._patch(f"products/{product_id(product)}", {"Inventory": stock})
            case _:
                category = category_id(self._chance.randrange(self._size.categories))
                placed = {"CategoryID": category, "ProductID": product_id(product)}
                return self._request("POST", f"catalogs/{CATALOG}/categories/productassignments", placed)

    def _patch(self, path: str, body: object) -> Request:
        return self._request("PATCH", path, body)

    def _request(self, method: str, path: str, body: object) -> Request:
        return Request(method, f"/v1/{path}", self._admin, "application/json", json.dumps(body))
