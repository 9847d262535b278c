"""Marketplaces drawn at random for the agreement of SQL and rules, and what the rules make of their tables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import asyncpg
from hypothesis import strategies as st
from tests.api.marketplace import Api

from entrepot.declare.feeds import Feed
from entrepot.domain.catalog.visibility import (
    CatalogRow,
    Category,
    CategoryRow,
    Offer,
    OfferedProduct,
    Party,
    Viewer,
)
from entrepot.domain.pricing.resolution import PricedProduct, PriceRow, PriceSeeker
from entrepot.engine.recording import RAISE
from entrepot.features.seeding.derived import settle

CATALOGS, CATEGORIES = ("C", "D"), ("k1", "k2", "k3", "k4")
PRODUCTS, CHILDREN = ("p1", "p2", "p3"), ("c1",)
BUYERS, GROUPS, SUPPLIERS = ("A", "B"), ("g", "h"), ("S", "T")
SCHEDULES = {"s1": None, "s2": None, "s3": "USD", "s4": "USD"}
Rows = list[tuple[Any, ...]]


def some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def subset(rows: Rows, most: int) -> st.SearchStrategy[Rows]:
    """Some of the rows; at least half of `most`, lest nothing meet."""
    least = min(most // 2, len(rows))
    return st.lists(some(*rows), min_size=least, max_size=most, unique=True)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Rows]:
    """The rows of each table, without the marketplace. Groups are named (buyer, group) in place of their key."""
    maybe, flag = some(None, True, False), st.booleans()
    parents = {k: draw(some(None, *CATEGORIES[:i])) for i, k in enumerate(CATEGORIES)}
    categories = [(c, k, parents[k], draw(some(True, True, False))) for c in CATALOGS for k in CATEGORIES]
    owners = {p: draw(some(None, None, "S")) for p in PRODUCTS}
    family = {c: draw(some(*PRODUCTS[:2])) for c in CHILDREN}
    default = some(None, *SCHEDULES)
    products = [(p, None, owners[p], draw(some(True, True, False)), draw(default)) for p in PRODUCTS]
    products += [
        (c, family[c], owners[family[c]], draw(some(True, True, False)), draw(default)) for c in CHILDREN
    ]
    held = draw(subset([(c, p) for c in CATALOGS for p in PRODUCTS], 9))
    placed = (
        draw(subset([(c, k, p) for c, p in held for k in CATEGORIES] or [("", "", "")], 9)) if held else []
    )
    parties = [(b, g) for b in BUYERS for g in (None, *GROUPS)]
    given = draw(
        subset(
            [(p, b, g, s) for p in (*PRODUCTS, *CHILDREN) for b, g in parties for s in (None, None, "S")], 16
        )
    )
    flagged = draw(subset([(c, k, b, g) for c in CATALOGS for k in CATEGORIES for b, g in parties], 8))
    assigned = draw(
        subset([(c, b, None) for c in CATALOGS for b in BUYERS] + [(c, None, "chain") for c in CATALOGS], 4)
    )
    return {
        "catalogs": [(c, draw(some(True, True, True, False))) for c in CATALOGS],
        "categories": categories,
        "products": products,
        "catalog_products": held,
        "category_products": placed,
        "product_assignments": [(*row, draw(default)) for row in given],
        "category_assignments": [(*row, draw(maybe), draw(maybe)) for row in flagged],
        "catalog_assignments": [(*row, draw(flag), draw(flag)) for row in assigned],
        "product_suppliers": [
            (p, s, draw(default)) for p, s in draw(subset([(p, s) for p in PRODUCTS for s in SUPPLIERS], 4))
        ],
        "locale_assignments": draw(subset(parties, 2)),
        "chained": [(b, draw(some(None, "chain"))) for b in BUYERS],
    }


INSERTS = {
    "catalogs": 'INSERT INTO catalogs (marketplace_id, "ID", "OwnerID", "Name", "Active") SELECT $1, $2, mp."ID", $2::citext::text, $3 '
    "FROM marketplaces mp WHERE mp.marketplace_id = $1",
    "categories": 'INSERT INTO categories (marketplace_id, "CatalogID", "ID", "Name", "ParentID", "Active") '
    "VALUES ($1, $2, $3, $3::citext::text, $4, $5)",
    "products": 'INSERT INTO products (marketplace_id, "ID", "Name", "ParentID", "OwnerID", "Active", '
    '"DefaultPriceScheduleID", "IsParent") SELECT $1, $2, $2::citext::text, $3::citext, coalesce($4, mp."ID"), $5, $6, true '
    "FROM marketplaces mp WHERE mp.marketplace_id = $1",
    "catalog_products": 'INSERT INTO catalog_product_assignments (marketplace_id, "CatalogID", "ProductID") '
    "VALUES ($1, $2, $3)",
    "category_products": 'INSERT INTO category_product_assignments (marketplace_id, "CatalogID", "CategoryID", '
    '"ProductID") VALUES ($1, $2, $3, $4)',
    "product_assignments": 'INSERT INTO product_assignments (marketplace_id, "ProductID", "BuyerID", group_key, "SellerID", '
    '"PriceScheduleID") VALUES ($1, $2, $3, (SELECT g.key FROM user_groups g WHERE g.marketplace_id = $1 '
    'AND g."BuyerID" = $3 AND g."ID" = $4), $5, $6)',
    "category_assignments": 'INSERT INTO category_assignments (marketplace_id, "CatalogID", "CategoryID", "BuyerID", '
    'group_key, "Visible", "ViewAllProducts") VALUES ($1, $2, $3, $4, (SELECT g.key FROM user_groups g '
    'WHERE g.marketplace_id = $1 AND g."BuyerID" = $4 AND g."ID" = $5), $6, $7)',
    "catalog_assignments": 'INSERT INTO catalog_assignments (marketplace_id, "CatalogID", "BuyerID", "BuyerGroupID", '
    '"ViewAllCategories", "ViewAllProducts") VALUES ($1, $2, $3, $4, $5, $6)',
    "product_suppliers": 'INSERT INTO product_suppliers (marketplace_id, "ProductID", "SupplierID", '
    '"DefaultPriceScheduleID") VALUES ($1, $2, $3, $4)',
    "locale_assignments": 'INSERT INTO locale_assignments (marketplace_id, "LocaleID", "BuyerID", group_key) '
    "VALUES ($1, 'usd', $2, (SELECT g.key FROM user_groups g WHERE g.marketplace_id = $1 "
    'AND g."BuyerID" = $2 AND g."ID" = $3))',
    "chained": 'UPDATE buyers SET "GroupID" = $3 WHERE marketplace_id = $1 AND "ID" = $2',
}
BASE = """
INSERT INTO suppliers (marketplace_id, "ID", "Name", "Active", "AllBuyersCanOrder", "DateCreated")
SELECT {m}, id, id, true, true, now() FROM unnest('{{S,T}}'::text[]) id;
INSERT INTO buyer_groups (marketplace_id, "ID", "Name") VALUES ({m}, 'chain', 'chain');
INSERT INTO buyers (marketplace_id, "ID", "Name", "Active", "DateCreated")
SELECT {m}, id, id, true, now() FROM unnest('{{A,B}}'::text[]) id;
INSERT INTO user_groups (marketplace_id, "BuyerID", "ID", "Name")
SELECT {m}, b, g, g FROM unnest('{{A,B}}'::text[]) b, unnest('{{g,h}}'::text[]) g;
INSERT INTO locales (marketplace_id, "ID", "OwnerID", "Currency", "Language") VALUES ({m}, 'usd', 'S', 'USD', 'en-US');
INSERT INTO price_schedules (marketplace_id, "ID", "OwnerID", "Name", "Currency", "PriceBreaks")
VALUES ({m}, 's1', 'S', 's', NULL, '[]'), ({m}, 's2', 'S', 's', NULL, '[]'), ({m}, 's3', 'S', 's', 'USD', '[]'),
       ({m}, 's4', 'S', 's', 'USD', '[]');
"""


async def write(api: Api, drawn: dict[str, Rows]) -> None:
    """Store what was drawn in an empty marketplace: children through the API, the rest as rows, then all tokens."""
    first = ("catalogs", "categories", "products")
    plain = drawn | {"products": [row for row in drawn["products"] if row[1] is None]}
    async with api.server.database.acquire() as connection, connection.transaction():
        await connection.execute(BASE.format(m=api.marketplace_id))
        for table in first:
            await connection.executemany(INSERTS[table], [(api.marketplace_id, *row) for row in plain[table]])
    for child, parent, owner, active, schedule in drawn["products"]:
        if parent is not None:
            body = {"Name": child, "ParentID": parent, "OwnerID": owner, "Active": active}
            body["DefaultPriceScheduleID"] = schedule
            made = await api.seller.put(f"/v1/products/{child}", json=body)
            assert made.status_code == 200, made.text
    async with api.server.database.acquire() as connection, connection.transaction():
        for table in (each for each in INSERTS if each not in first):
            await connection.executemany(INSERTS[table], [(api.marketplace_id, *row) for row in drawn[table]])
        async for _ in settle(connection, api.marketplace_id):
            pass
        await connection.execute(RAISE[Feed.CATALOG], api.marketplace_id)


@dataclass(frozen=True)
class World:
    """The tables as the rules take them."""

    offer: Offer
    prices: dict[str, PricedProduct]
    currencies: dict[str, str | None]
    locales: set[Party]
    memberships: dict[int, frozenset[str]]
    chains: dict[str, str | None]

    def shopper(self, buyer: str, user_key: int) -> Viewer:
        return Viewer(buyer, self.memberships.get(user_key, frozenset()), self.chains[buyer])

    def seeker(self, shopper: Viewer, seller: str | None) -> PriceSeeker:
        has_locale = any(shopper.belongs_to(party) for party in self.locales)
        currency = "USD" if has_locale else None
        return PriceSeeker(buyer=shopper.buyer, groups=shopper.groups, currency=currency, seller=seller)


async def read(connection: asyncpg.Pool, marketplace_id: int, owner: str) -> World:
    """The tables of a marketplace, but for the tokens."""

    async def rows(sql: str) -> list[asyncpg.Record]:
        return await connection.fetch(sql, marketplace_id)

    groups = {r["key"]: r["ID"] for r in await rows("SELECT * FROM user_groups WHERE marketplace_id = $1")}

    def party(row: asyncpg.Record) -> Party:
        return Party(row["BuyerID"], groups.get(row["group_key"]))

    held, placed, given = defaultdict(set), defaultdict(set), defaultdict(list)
    for r in await rows("SELECT * FROM catalog_product_assignments WHERE marketplace_id = $1"):
        held[r["ProductID"]].add(r["CatalogID"])
    for r in await rows("SELECT * FROM category_product_assignments WHERE marketplace_id = $1"):
        placed[r["ProductID"]].add((r["CatalogID"], r["CategoryID"]))
    for r in await rows("SELECT * FROM product_assignments WHERE marketplace_id = $1"):
        given[r["ProductID"]].append(r)
    said = defaultdict(list)
    for r in await rows("SELECT * FROM category_assignments WHERE marketplace_id = $1"):
        said[r["CatalogID"], r["CategoryID"]].append(
            CategoryRow(party(r), r["Visible"], r["ViewAllProducts"])
        )
    sold: dict[str, dict[str, str | None]] = defaultdict(dict)
    for r in await rows("SELECT * FROM product_suppliers WHERE marketplace_id = $1"):
        sold[r["ProductID"]][r["SupplierID"]] = r["DefaultPriceScheduleID"]
    products: dict[str, OfferedProduct] = {}
    prices: dict[str, PricedProduct] = {}
    found = await rows('SELECT * FROM products WHERE marketplace_id = $1 ORDER BY "ParentID" NULLS FIRST')
    for r in found:
        key = r["ID"]
        products[key] = OfferedProduct(
            r["Active"],
            r["ParentID"],
            frozenset(held[key]),
            frozenset(placed[key]),
            frozenset(party(each) for each in given[key]),
        )
        prices[key] = PricedProduct(
            owner=r["OwnerID"],
            default=r["DefaultPriceScheduleID"],
            rows=tuple(
                PriceRow(
                    each["SellerID"] or owner, each["BuyerID"], each["PriceScheduleID"], party(each).group
                )
                for each in given[key]
                if each["PriceScheduleID"] is not None
            ),
            supplier_defaults=sold[key],
            parent=prices.get(r["ParentID"]),
        )
    members = defaultdict(set)
    for r in await rows("SELECT * FROM user_group_members WHERE marketplace_id = $1"):
        members[r["user_key"]].add(groups[r["group_key"]])
    offer = Offer(
        catalogs={
            r["ID"]: r["Active"] for r in await rows("SELECT * FROM catalogs WHERE marketplace_id = $1")
        },
        catalog_rows=tuple(
            CatalogRow(
                r["CatalogID"], r["BuyerID"], r["BuyerGroupID"], r["ViewAllCategories"], r["ViewAllProducts"]
            )
            for r in await rows("SELECT * FROM catalog_assignments WHERE marketplace_id = $1")
        ),
        categories={
            (r["CatalogID"], r["ID"]): Category(r["ParentID"], r["Active"])
            for r in await rows("SELECT * FROM categories WHERE marketplace_id = $1")
        },
        category_rows={place: tuple(each) for place, each in said.items()},
        products=products,
    )
    return World(
        offer,
        prices,
        {
            r["ID"]: r["Currency"]
            for r in await rows("SELECT * FROM price_schedules WHERE marketplace_id = $1")
        },
        {party(r) for r in await rows("SELECT * FROM locale_assignments WHERE marketplace_id = $1")},
        {key: frozenset(each) for key, each in members.items()},
        {r["ID"]: r["GroupID"] for r in await rows("SELECT * FROM buyers WHERE marketplace_id = $1")},
    )
