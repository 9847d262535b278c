"""What is measured of the catalog: a shopper's side, and a seller's changes of what shoppers see.

Every case goes through many shoppers, each of which has an audience of its own, so that no answer is one that was
remembered a moment ago for the same shopper and the same words.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.cases import JSON, Case
from benchmarks.catalog import Catalog
from benchmarks.catalog_marketplace import ADJECTIVES, MATERIALS, NOUNS, SEED, category_id, product_id
from benchmarks.catalog_writes import Writes
from benchmarks.client import send
from benchmarks.load import Request

PRODUCTS = "/v1/me/products"
PAGE = "Catalog: Me.ListProducts, 20"
CHANGING = "Catalog: the same beside 10 writes a second"
SEARCH = "Catalog: search of two words, facets"
BROAD = "Catalog: search of one word, facets"
CATEGORY = "Catalog: categoryID=..."
PRODUCT = "Catalog: Me.GetProduct"
CHANGE = "Catalog: PATCH of a product"
NAMES = (PAGE, CHANGING, SEARCH, BROAD, CATEGORY, PRODUCT, CHANGE)
"""Of all cases, for what decides whether the catalog is loaded at all."""
SEARCHES = 6000
"""More than are sent while a case is measured: hardly one of them comes a second time."""


def catalog_cases(
    catalog: Catalog,
    shoppers: Sequence[str],
    items: Sequence[Sequence[dict[str, Any]]],
    writes: Writes,
    admin: str,
) -> tuple[Case, ...]:
    """The cases, in the order of NAMES. shoppers, admin: Authorization headers; items: what each of the shoppers sees."""
    pages = tuple(Request("GET", f"{PRODUCTS}?pageSize=20", each) for each in shoppers)
    chance = random.Random(SEED)

    def somebody() -> str:
        return chance.choice(shoppers)

    return (
        Case(PAGE, pages, 0.12),
        Case(CHANGING, pages, 0.06, writes.going_on),
        Case(
            SEARCH,
            tuple(
                Request(
                    "GET", f"{PRODUCTS}?search={words}&searchType=AllTermsAnyField&pageSize=20", somebody()
                )
                for words in _names(chance)
            ),
            0.06,
        ),
        Case(
            BROAD,
            tuple(
                Request(
                    "GET",
                    f"{PRODUCTS}?search={chance.choice((*MATERIALS, *_nouns()))}&pageSize=20",
                    somebody(),
                )
                for _ in range(SEARCHES)
            ),
            0.03,
        ),
        Case(
            CATEGORY,
            tuple(
                Request(
                    "GET",
                    f"{PRODUCTS}?categoryID={category_id(chance.randrange(catalog.size.categories))}&pageSize=20",
                    somebody(),
                )
                for _ in range(SEARCHES)
            ),
            0.05,
        ),
        Case(PRODUCT, tuple(_gets(shoppers, items)), 0.35),
        Case(CHANGE, tuple(_patches(catalog, admin, chance)), 0.06),
    )


def _nouns() -> Iterator[str]:
    return (noun.split()[-1] for noun in NOUNS)


def _names(chance: random.Random) -> Iterator[str]:
    """Two words that are in the names of some 500 or 600 products of 100,000 each."""
    nouns = tuple(_nouns())
    for number in range(SEARCHES):
        first = chance.choice(MATERIALS if number % 2 else ADJECTIVES)
        yield f"{first}+{chance.choice(nouns)}".lower()


def visible_items(base_url: str, shoppers: Sequence[str]) -> list[list[dict[str, Any]]]:
    """A page of each shopper's own products, drawn from all that it sees. Its first page is counted by this."""
    chance = random.Random(SEED)
    pages = []
    for shopper in shoppers:
        listed = f"{PRODUCTS}?pageSize=100&sortBy=ID"
        last = send(base_url, Request("GET", f"{PRODUCTS}?pageSize=100", shopper))["Meta"]["TotalPages"]
        page = send(base_url, Request("GET", f"{listed}&page={chance.randint(1, max(1, last))}", shopper))
        pages.append(page["Items"])
    return pages


def first_pages(base_url: str, shoppers: Sequence[str]) -> list[float]:
    """Milliseconds of the first page of each shopper, of whom nothing is known yet."""
    taken = []
    for shopper in shoppers:
        begun = time.perf_counter()
        send(base_url, Request("GET", f"{PRODUCTS}?pageSize=20", shopper))
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


def _patches(catalog: Catalog, admin: str, chance: random.Random) -> Iterator[Request]:
    """Of the description and of xp, in turn."""
    for number in range(SEARCHES):
        change = {"Description": f"Number {number}"} if number % 2 else {"xp": {"Number": number}}
        path = f"/v1/products/{product_id(chance.randrange(catalog.size.products))}"
        yield Request("PATCH", path, admin, JSON, json.dumps(change))


def _gets(shoppers: Sequence[str], items: Sequence[Sequence[dict[str, Any]]]) -> Iterator[Request]:
    """Requests for single products, of each shopper in turn."""
    pages = [(who, page) for who, page in zip(shoppers, items, strict=True) if page]
    for place in range(100):
        for shopper, page in pages:
            yield Request("GET", f"{PRODUCTS}/{page[place % len(page)]['ID']}", shopper)
