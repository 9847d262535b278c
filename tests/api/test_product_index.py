"""Lists of shoppers' products through two processes with an index each, beside plain counts in SQL (ADR 0020).

Whatever is written through one of them, both answer as the database has it at that moment: totals, facets, pages, prices.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import Phase, given, note
from hypothesis import settings as examples
from hypothesis import strategies as st
from tests.api.marketplace import Api, Server, ShiftedClock, User, run_server
from tests.api.uniform.subjects import checked

from entrepot.app.settings import Settings
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.call import Call, Database
from entrepot.engine.sql import numbered
from entrepot.features.catalog.audience.shopper import read_shopper
from entrepot.features.catalog.catalogs.category_list import DEEPEST
from entrepot.features.catalog.product_index import asking
from entrepot.features.catalog.product_index.following import catch_up
from entrepot.features.catalog.product_index.indexes import ProductIndexes
from entrepot.features.catalog.product_index.live import ForgottenError, LiveIndex
from entrepot.features.catalog.shopping import sources
from entrepot.features.catalog.shopping.categories import SEEN, catalog_scope
from entrepot.features.catalog.shopping.counting import ANSWERED
from entrepot.features.catalog.shopping.visible import scope
from entrepot.storage.listing.compile import prepared_list
from entrepot.storage.listing.fetch import fetch_items
from entrepot.storage.ready_pool import ReadyPool

LIST = "/v1/me/products"
EPOCH = "SELECT epoch FROM catalog_epochs WHERE marketplace_id = $1"
Write = tuple[str, str, Any]
"""Verb, path and body."""
PRODUCTS = tuple(f"p{number}" for number in range(8))
BUNDLES, CHILDREN = ("b1", "b2"), ("c1", "c2")
CATALOGS, CATEGORIES = ("C", "D"), ("k1", "k2", "k3")
WORDS = ("Red", "Chair", "Wool", "chairs", "Rare")
QUERIES = (
    "",
    "pageSize=3&page=2",
    "catalogID=C",
    "catalogID=D&sortBy=ID",
    "sortBy=!Name&pageSize=4",
    "sortBy=xp.color&pageSize=5",
    "search=chair",
    "search=red&pageSize=2",
    "search=red+chair&searchType=AllTermsAnyField",
    "search=chair+wool&searchType=AllTermsSameField&searchOn=Name",
    "search=red+chair+wool&pageSize=3",
    "search=wool+chair&pageSize=2",
    "xp.color=red",
    "xp.color=!red&pageSize=3",
    "xp.color=RED|blue&xp.size=5",
    "xp.size=!*",
    "xp.color=",
    "Returnable=true&search=red",
    "Active=false",
    "categoryID=k1&catalogID=C",
    "categoryID=k1&catalogID=C&depth=1&pageSize=2",
    "categoryID=k2&catalogID=D&search=red",
    "categoryID=k3&catalogID=D&pageSize=1",
    "categoryID=none&catalogID=C",
    "Name=*chair*",
)
"""What lists are asked: from the index all but a few, which the database counts."""


@dataclass
class Shop:
    """Two servers on one database, and three shoppers."""

    api: Api
    servers: tuple[Server, Server]
    shoppers: list[User] = field(default_factory=list)

    def seller(self, number: int) -> httpx.AsyncClient:
        return self.api.with_token(self.api.token(self.api.admin, ["FullAccess"]), self.servers[number % 2])

    def shopper(self, user: User, number: int) -> httpx.AsyncClient:
        return self.api.with_token(self.api.token(user, ["Shopper"]), self.servers[number])

    async def write(self, number: int, verb: str, path: str, body: Any = None) -> int:
        answer = await self.seller(number).request(verb, f"/v1/{path}", json=body)
        assert answer.status_code < 500, answer.text
        return answer.status_code

    async def begin(self) -> None:
        for catalog in CATALOGS:
            await self.write(0, "PUT", f"catalogs/{catalog}", {"Name": catalog, "Active": True})
        for buyer in ("A", "B"):
            body: dict[str, Any] = {"Name": buyer, "Active": True, "DefaultCatalogID": "C"}
            await self.write(0, "PUT", f"buyers/{buyer}", body)
            await self.write(0, "PUT", f"buyers/{buyer}/usergroups/g", {"Name": "g"})
        for catalog, buyer, products in (("C", "A", True), ("D", "A", True), ("C", "B", False)):
            row: dict[str, Any] = {"CatalogID": catalog, "BuyerID": buyer}
            row |= {"ViewAllCategories": True, "ViewAllProducts": products}
            await self.write(0, "POST", "catalogs/assignments", row)
        for catalog in CATALOGS:
            for category in CATEGORIES:
                parent = None if category == "k1" else "k1"
                body = {"ID": category, "Name": category, "Active": True, "ParentID": parent}
                await self.write(0, "PUT", f"catalogs/{catalog}/categories/{category}", body)
        for name, least in (("color", 1), ("size", 0)):
            body = {"ID": name, "Name": name.title(), "XpPath": name, "MinCount": least}
            await self.write(0, "PUT", f"productfacets/{name}", body)
        for number, product in enumerate(PRODUCTS):
            body = product_body(product, WORDS[number % 4], "red" if number % 2 else "blue", number % 3)
            await self.write(0, "PUT", f"products/{product}", body)
            await self.write(0, "POST", "catalogs/productassignments", in_catalog("C", product))
        await self.write(0, "PATCH", f"products/{PRODUCTS[6]}", {"Description": "A chair of wool"})
        # So often that the database does not keep all its places: it sees no phrase at the end.
        await self.write(0, "PATCH", f"products/{PRODUCTS[7]}", {"Description": f"{'Wool ' * 300} Chair"})
        await self.write(0, "PUT", "priceschedules/s", price_body("s", 5))
        self.shoppers = [await self.api.user(buyer=buyer) for buyer in ("A", "B", "B")]
        member = {"UserID": self.shoppers[2].id, "UserGroupID": "g"}
        await self.write(0, "POST", "buyers/B/usergroups/assignments", member)

    async def until_indexed(self) -> None:
        """Until both processes answer from their indexes."""
        for number in (0, 1):
            before = ANSWERED.labels("index")._value.get()
            while ANSWERED.labels("index")._value.get() == before:
                assert (await self.shopper(self.shoppers[0], number).get(LIST)).status_code == 200
                await asyncio.sleep(0.005)

    async def expected(self, user: User, query: str) -> Any:
        """Total, facets and items as one statement without anything remembered gives them."""
        db, m = self.api.server.database, self.api.marketplace_id
        shopper = await read_shopper(db, m, user.key)
        assert shopper is not None
        given = {name: values[0] for name, values in parse_qs(query).items()}
        catalog, category = given.get("catalogID"), given.get("categoryID")
        depth = int(given.get("depth", DEEPEST))
        if category is not None and catalog is not None:
            place = catalog_scope(shopper, catalog)
            seen = place and await one(
                db, f"SELECT ({SEEN})", place | {"category": category, "marketplace_id": m}
            )
            catalog = catalog if seen else ""
        tokens = shopper.audience.tokens(catalog)
        names = [each.id for key, each in shopper.audience.catalogs.items() if key == (catalog or "").lower()]
        values = scope(shopper, tokens) | {"any_of": tokens.any_of, "marketplace_id": m, "known_total": None}
        values |= {"tree_catalogs": names, "category": category, "depth": depth, "walk": ()}
        values |= {"now": self.api.server.clock(), "marketplace": self.api.marketplace}
        form = sources.Form("owner", in_catalog=catalog is not None, placed=category is not None)
        request = read_list_request(query, sources.SHAPE)
        page = await fetch_items(db, prepared_list(sources.source(form), request), values)
        return page.total, json.loads(page.facets), json.loads(page.items)

    async def answered(self, user: User, query: str, number: int) -> Any:
        answer = await self.shopper(user, number).get(f"{LIST}?{query}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        return page["Meta"]["TotalCount"], page["Meta"]["Facets"], page["Items"]

    async def compare(self, queries: tuple[str, ...] = QUERIES) -> None:
        for user in self.shoppers:
            for query in queries:
                expected = await self.expected(user, query)
                for number in (0, 1):
                    found = await self.answered(user, query, number)
                    assert (user.username, query, number, *found) == (user.username, query, number, *expected)

    async def race(self, query: str, write: Write, number: int) -> None:
        """Lists beside a write: each is as it was before it or as it is after it."""
        asked = [(user, server) for user in self.shoppers for server in (0, 1, 0, 1)]
        before = [await self.expected(user, query) for user in self.shoppers]
        _, *found = await asyncio.gather(
            self.write(number, *write), *(self.answered(user, query, server) for user, server in asked)
        )
        after = [await self.expected(user, query) for user in self.shoppers]
        for (user, server), each in zip(asked, found, strict=True):
            place = self.shoppers.index(user)
            assert each in (before[place], after[place]), (user.username, query, server)


async def one(db: ReadyPool, sql: str, values: dict[str, Any]) -> Any:
    text, names = numbered(sql)
    return await db.fetchval(text, *(values[name] for name in names))


def product_body(product: str, word: str, color: Any, size: Any, **more: Any) -> dict[str, Any]:
    name = f"{word} {product[0]}" if product in PRODUCTS else word
    xp = {"color": color, "size": size}
    return {"ID": product, "Name": name, "Active": True, "Description": f"Red {word}", "xp": xp, **more}


def price_body(schedule: str, price: int) -> dict[str, Any]:
    return {"ID": schedule, "Name": schedule, "PriceBreaks": [{"Quantity": 1, "Price": price}]}


def in_catalog(catalog: str, product: str) -> dict[str, Any]:
    return {"CatalogID": catalog, "ProductID": product}


def some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


@st.composite
def writes(draw: st.DrawFn) -> Write:
    """One write; not all of them are possible when they come."""
    product, other = draw(some(*PRODUCTS, *BUNDLES, *CHILDREN)), draw(some(*PRODUCTS, *CHILDREN))
    catalog, category = draw(some(*CATALOGS)), draw(some(*CATEGORIES))
    xp = {
        "color": draw(some("red", "Blue", "", None, ["red", "green"], 5, {"a": 1})),
        "size": draw(some(5, "5", 5.0, None)),
    }
    names = draw(st.lists(some(*WORDS), min_size=1, max_size=3).map(" ".join))
    party = draw(some({"BuyerID": "A"}, {"BuyerID": "B"}, {"BuyerID": "B", "UserGroupID": "g"}))
    assigned = {"ProductID": other, **party}
    choice: Write = draw(
        some(
            ("PATCH", f"products/{product}", {"xp": xp}),
            ("PATCH", f"products/{product}", {"Active": draw(st.booleans())}),
            ("PATCH", f"products/{product}", {"Name": names, "Returnable": draw(st.booleans())}),
            ("PATCH", f"products/{product}", {"Description": names}),
            ("PATCH", f"products/{product}", {"Inventory": {"Enabled": True, "QuantityAvailable": 3}}),
            ("PATCH", f"products/{other}", {"ID": draw(some("p0", "p3", "z9", "a0"))}),
            ("PUT", f"products/{other}", product_body(other, draw(some(*WORDS)), "red", 5)),
            (
                "PUT",
                f"products/{draw(some(*CHILDREN))}",
                product_body(
                    "child", "Chair", "blue", 5, ID=draw(some(*CHILDREN)), ParentID=draw(some("p0", "p1"))
                ),
            ),
            (
                "PUT",
                f"products/{draw(some('p0', 'p1'))}",
                product_body("p0", "Wool", "red", 1, ID=draw(some("p0", "p1")), IsParent=True),
            ),
            ("DELETE", f"products/{product}", None),
            (
                "PUT",
                f"bundles/{draw(some(*BUNDLES))}",
                {"ID": draw(some(*BUNDLES)), "Name": "Red bundle", "Active": True},
            ),
            ("POST", "bundles/productassignments", {"BundleID": draw(some(*BUNDLES)), "ProductID": other}),
            (
                "PUT",
                f"bundles/{draw(some(*BUNDLES))}/products/{other}",
                {"Required": True, "DefaultQuantity": 1},
            ),
            ("DELETE", f"bundles/{draw(some(*BUNDLES))}/products/{other}", None),
            ("POST", "catalogs/productassignments", in_catalog(catalog, product)),
            ("DELETE", f"catalogs/{catalog}/productassignments/{product}", None),
            (
                "POST",
                f"catalogs/{catalog}/categories/productassignments",
                {"CategoryID": category, "ProductID": product, "ListOrder": draw(some(None, 1, 2))},
            ),
            ("DELETE", f"catalogs/{catalog}/categories/{category}/productassignments/{product}", None),
            ("PATCH", f"catalogs/{catalog}/categories/{category}", {"Active": draw(st.booleans())}),
            ("PATCH", f"catalogs/{catalog}/categories/k3", {"ParentID": draw(some("k1", "k2", None))}),
            ("DELETE", f"catalogs/{catalog}/categories/k3", None),
            ("PUT", f"catalogs/{catalog}/categories/k3", {"ID": "k3", "Name": "k3", "Active": True}),
            ("PATCH", f"catalogs/{catalog}", {"Active": draw(st.booleans())}),
            (
                "POST",
                "catalogs/assignments",
                {
                    "CatalogID": catalog,
                    "BuyerID": "B",
                    "ViewAllCategories": True,
                    "ViewAllProducts": draw(st.booleans()),
                },
            ),
            (
                "POST",
                f"catalogs/{catalog}/categories/assignments",
                {"CategoryID": category, "Visible": True, "ViewAllProducts": draw(st.booleans()), **party},
            ),
            ("POST", "products/assignments", {**assigned, "PriceScheduleID": "s"}),
            ("POST", "products/assignments", assigned),
            ("DELETE", f"products/assignments/{other}/B", None),
            ("PUT", "priceschedules/s", price_body("s", draw(some(5, 7, 9)))),
            (
                "PATCH",
                f"productfacets/{draw(some('color', 'size'))}",
                {"MinCount": draw(some(0, 1, 2)), "ListOrder": draw(some(None, 1, 2))},
            ),
            ("PATCH", "productfacets/color", {"XpPath": draw(some("color", "size.a", "other"))}),
            ("DELETE", "productfacets/size", None),
            ("PUT", "productfacets/size", {"ID": "size", "Name": "Size", "XpPath": "size", "MinCount": 1}),
            ("DELETE", "buyers/B/usergroups/g", None),
            ("PUT", "buyers/B/usergroups/g", {"ID": "g", "Name": "g"}),
            ("PATCH", "buyers/B", {"DefaultCatalogID": catalog}),
        )
    )
    return choice


@pytest.fixture
async def indexing(settings: Settings, database: ReadyPool) -> AsyncIterator[tuple[Server, Server]]:
    """Two servers that index the products of every marketplace."""
    always, clock = replace(settings, product_index_from=0), ShiftedClock()
    async with (
        run_server(always, database, clock) as first,
        run_server(always, database, clock) as second,
    ):
        yield first, second


async def test_two_processes_answer_as_the_database_counts(indexing: tuple[Server, Server]) -> None:
    async with Api.create(indexing[0]) as api:
        shop = Shop(api, indexing)
        await shop.begin()
        await shop.until_indexed()
        before = ANSWERED.labels("index")._value.get()
        await shop.compare()
        assert ANSWERED.labels("index")._value.get() > before + len(shop.shoppers) * len(QUERIES)


@examples(max_examples=5, phases=[Phase.generate])
@given(data=st.data())
async def test_two_processes_answer_as_the_database_counts_after_every_write(
    indexing: tuple[Server, Server], data: st.DataObject
) -> None:
    async with Api.create(indexing[0]) as api:
        shop = Shop(api, indexing)
        await shop.begin()
        await shop.until_indexed()
        for _ in range(6):
            for number in range(data.draw(st.integers(1, 3))):
                verb, path, body = data.draw(writes())
                status = await shop.write(data.draw(st.integers(0, 1)), verb, path, body)
                note(f"{number}: {verb} {path} {body}: {status}")
            await shop.compare(tuple(data.draw(st.lists(some(*QUERIES), min_size=3, max_size=3))))
        await shop.until_indexed()
        await shop.compare()


@examples(max_examples=5, phases=[Phase.generate])
@given(data=st.data())
async def test_lists_beside_a_write_are_of_one_moment(
    indexing: tuple[Server, Server], data: st.DataObject
) -> None:
    async with Api.create(indexing[0]) as api:
        shop = Shop(api, indexing)
        await shop.begin()
        await shop.until_indexed()
        for number in range(12):
            query, write = data.draw(some(*QUERIES)), data.draw(writes())
            note(f"{query}: {write}")
            await shop.race(query, write, number)


@dataclass
class Caller:
    """What the indexes ask of a call."""

    marketplace_id: int
    pool: ReadyPool

    async def index(self, indexes: ProductIndexes) -> LiveIndex | None:
        """The index of the marketplace, once it is built or given up."""
        call = cast(Call, self)
        indexes.want(call, 1)
        place = indexes._places.get(self.marketplace_id)
        while place is not None and place.task is not None:
            if live := indexes.of(call):
                return live
            await asyncio.sleep(0.005)
        return None


async def test_the_longest_unused_index_goes_where_there_is_no_room(
    api: Api, other: Api, database: ReadyPool
) -> None:
    first, second = (Caller(each.marketplace_id, database) for each in (api, other))
    indexes = ProductIndexes(2**20)
    live = await first.index(indexes)
    assert live is not None
    await indexes.close()
    for room, stays in ((2 * live.size, True), (2 * live.size - 1, False)):
        indexes = ProductIndexes(room)
        assert await first.index(indexes)
        assert await second.index(indexes)
        assert (indexes.of(cast(Call, first)) is not None) is stays
        await indexes.close()
    for nothing in (ProductIndexes(0), ProductIndexes(live.size - 1), ProductIndexes(2**20, least=2)):
        assert await first.index(nothing) is None
        await nothing.close()


class Between:
    """A database that something happens to right after each statement, before its answer is there."""

    def __init__(self, database: ReadyPool, happening: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._happening = happening

    async def fetchrow(self, query: str, *args: Any) -> Any:
        row = await self._database.fetchrow(query, *args)
        await self._happening()
        return row


async def test_what_pages_tell_meanwhile_does_not_put_an_index_behind(api: Api, database: ReadyPool) -> None:
    """It follows by a statement that pages have overtaken when it is read: it goes on answering, and keeps what it remembers."""
    m, path = api.marketplace_id, "/v1/products/p"
    await checked(api.seller.put(path, json={"Name": "P"}), 200)
    await checked(api.seller.put("/v1/catalogs/c", json={"Name": "C", "Active": True}), 200)
    await checked(
        api.seller.post("/v1/catalogs/productassignments", json={"CatalogID": "c", "ProductID": "p"}), 204
    )
    indexes = ProductIndexes(2**20)
    live = await Caller(m, database).index(indexes)
    assert live is not None
    known = live.epoch

    async def page() -> None:
        await checked(api.seller.patch(path, json={"Name": f"P{live.epoch}"}), 200)
        await catch_up(live, m, database)

    await page()
    await catch_up(live, m, cast(Database, Between(database, page)))
    assert live.epoch == known + 2 == await api.value(EPOCH)
    assert live.ready.is_set()
    assert live.index.at(known) is not None, "of what was there before it has forgotten nothing"
    live.index.history.start(live.epoch)
    with pytest.raises(ForgottenError):
        live.learn(known, known + 1, {})
    await indexes.close()


async def test_many_values_of_facets_are_left_to_the_database(
    indexing: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Api.create(indexing[0]) as api:
        shop = Shop(api, indexing)
        await shop.begin()
        await shop.until_indexed()
        for name in ("MOST_VALUES", "MOST_BUNDLES"):
            with monkeypatch.context() as patched:
                patched.setattr(asking, name, -1)
                before = ANSWERED.labels("index")._value.get()
                await shop.compare()
                assert ANSWERED.labels("index")._value.get() == before
