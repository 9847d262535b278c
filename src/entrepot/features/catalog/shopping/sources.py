"""Where the lists of a shopper's products read from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from entrepot.declare.operation import QueryParameter
from entrepot.domain.listing.fields import ListShape
from entrepot.engine.facets import DEFINITIONS, premium_options
from entrepot.engine.lists import MARKETPLACE, clause, epoch_column, field_expressions, scalar
from entrepot.features.catalog.products.product_fields import (
    BUNDLE,
    DEAR,
    LINKED_FIELDS,
    RECORDS,
    bundles,
    records,
)
from entrepot.features.catalog.products.resources import PRODUCT, SHIP_FROM
from entrepot.features.catalog.shopping.indexed import COLUMNS as INDEX_COLUMNS
from entrepot.features.catalog.shopping.models import BuyerProduct
from entrepot.features.catalog.shopping.pages import catalog_epoch_column
from entrepot.features.catalog.shopping.placing import PLACE, PLACED
from entrepot.features.catalog.shopping.prices import Seller, paid, price
from entrepot.features.catalog.shopping.stock import QUANTITY, is_meant
from entrepot.features.catalog.shopping.visible import CATALOG_EPOCH, FEW, VISIBLE, VISIBLE_IN_CATALOG
from entrepot.storage.columns import Citext
from entrepot.storage.listing.items import item_of
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import entity_alias, text_columns

FEW_PRODUCTS = 1500
"""Up to so many are cheaper to fetch and sort than to look for along the index of the order."""
OPTIONS = premium_options(PRODUCT)
QUERY = (
    QueryParameter("catalogID", description="Only products of this catalog."),
    QueryParameter("categoryID", description="Only products of this category and of those below it."),
    QueryParameter("depth", description="How many levels of categories: a number, or `all`, the default."),
    QueryParameter("sellerID", description="Whose prices to show."),
)
PAID = "PriceSchedule.PriceBreaks.Price"


def with_linked(shape: ListShape) -> ListShape:
    """The shape of a list of a shopper's products, with what filters it and no item shows: the inventory records that are meant
    for the shopper and the bundles (IRC-7, BND-1). It is sorted by what the shopper pays, too (SRCH-5).
    """
    return replace(
        shape, fields=(*shape.fields, *LINKED_FIELDS), sorted_within=(PAID,), dear=("PriceSchedule", *DEAR)
    )


SHAPE = with_linked(shape_of(BuyerProduct, OPTIONS, QUERY))
OWN = tuple(
    column
    for column in BuyerProduct.__columns__.values()
    if column.name not in ("PriceSchedule", "ShipFromAddressID")
)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write the list.

    in_catalog: of one catalog alone; few: the shopper sees few products at all; placed: only those of a part of the tree;
    known: total and facets are remembered, the scope has the total; indexed: the index knows them; tells: it is told what has
    changed; named: the products of the page are known, the scope has their numbers as `page`, and nothing else decides; chosen:
    the index has chosen the matches, the scope has their `numbers`. Both are texts of arrays.
    """

    seller: Seller
    in_catalog: bool = False
    few: bool = False
    placed: bool = False
    known: bool = False
    indexed: bool = False
    tells: bool = False
    named: bool = False
    chosen: bool = False


NAMED = "SELECT known.number, known.place FROM unnest(CAST(CAST(:page AS text) AS bigint[])) WITH ORDINALITY AS known(number, place)"
CHOSEN = "t.number = ANY(CAST((SELECT CAST(CAST(:numbers AS text) AS bigint[])) AS bigint[]))"


_PLACE_OF: sa.ColumnClause[int] = sa.column("place", sa.Integer())


def columns(at: str, table: sa.FromClause) -> dict[str, sa.ColumnElement[Any]]:
    """The properties of BuyerProduct in their order, as expressions over a table of products. at: the SELECT of the price schedule."""
    computed: dict[str, sa.ColumnElement[Any]] = {
        "PriceSchedule": scalar(at, pg.JSON()),
        "ShipFromAddressID": scalar(SHIP_FROM, Citext()),
    }
    return {name: computed[name] if name in computed else table.c[name] for name in BuyerProduct.__columns__}


def item(at: str) -> str:
    """The SQL of the JSON text of a product `t`, as a list has it; with named parameters. at: as of `columns`."""
    table = entity_alias(PRODUCT)
    return item_of(table, BuyerProduct.__columns__, columns(at, table))


@lru_cache(maxsize=64)
def source(form: Form) -> Source:
    """The list in this form; its scope holds marketplace_id, now and what `visible.scope` gives, `seller` for a
    supplier, and what PLACED takes.
    """
    table = entity_alias(PRODUCT)
    where = [table.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger())]
    if form.chosen:
        where.append(clause(CHOSEN))
    elif not form.named:
        where.append(clause(VISIBLE_IN_CATALOG if form.in_catalog else VISIBLE))
    if form.few:
        where.append(clause(FEW))
    rows: sa.FromClause = table
    lead: tuple[sa.ColumnElement[object], ...] = ()
    if form.placed and form.chosen:
        lead = (scalar(PLACE, sa.Integer()),)
    elif form.named:
        named = sa.text(NAMED).columns(sa.column("number", sa.BigInteger()), _PLACE_OF).subquery("named")
        rows, lead = table.join(named, named.c.number == table.c.number), (named.c.place,)
    elif form.placed:
        placed = sa.text(PLACED).columns(sa.column("id", Citext()), _PLACE_OF).subquery("placed")
        rows, lead = table.join(placed, placed.c.id == table.c.ID), (placed.c.place,)
    shown = columns(price(form.seller), table)
    quantity = scalar(f"SELECT {QUANTITY}", sa.BigInteger())
    stored_quantity = sa.cast(
        table.c.Inventory.op("->>")(sa.literal_column("'QuantityAvailable'")), sa.BigInteger()
    )
    fields = field_expressions(PRODUCT, OWN, table) | {
        "PriceSchedule": sa.cast(shown["PriceSchedule"], pg.JSONB()),
        "ShipFromAddressID": shown["ShipFromAddressID"],
        "Inventory.QuantityAvailable": sa.func.coalesce(quantity, stored_quantity),
    }
    return Source(
        shape=SHAPE,
        table=rows,
        columns=(
            *(column.label(name) for name, column in shown.items()),
            quantity.label("_quantity"),
            *(() if form.named else (table.c.number.label("_number"),)),
        ),
        fields=fields,
        collections={BUNDLE: bundles(table), RECORDS: records(table, is_meant("record"))},
        sorts={PAID: scalar(paid(form.seller), sa.Numeric())},
        where=tuple(where),
        lead=lead,
        text=text_columns(table, PRODUCT.text),
        facets=None if form.known or form.indexed else DEFINITIONS,
        knows_total=form.known or form.indexed,
        item=tuple(BuyerProduct.__columns__),
        once=(epoch_column(), catalog_epoch_column(), *(INDEX_COLUMNS if form.tells else ())),
        key=(table.c.marketplace_id, table.c.ID),
    )


COUNT, COUNT_IN_CATALOG = (
    f"""
SELECT (SELECT count(*) FROM (
            SELECT 1 FROM products t WHERE t.marketplace_id = :{MARKETPLACE} AND {FEW} AND {visible}
            LIMIT {FEW_PRODUCTS + 1}) seen) AS total,
       ({CATALOG_EPOCH}) AS epoch
"""
    for visible in (VISIBLE, VISIBLE_IN_CATALOG)
)
"""How many products a shopper sees, in all or in one catalog; nobody needs to know how many more than few."""
