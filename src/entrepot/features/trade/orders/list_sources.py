"""Orders and lines as lists read them: their tables, and which expression holds which field."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from entrepot.domain.listing.fields import Field, FieldKind, ListShape
from entrepot.engine.lists import MARKETPLACE, field_expressions
from entrepot.features.people.company_assets.resources import Address
from entrepot.features.trade.orders.models.lines import LineItem
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.resources import LINE_ITEM, ORDER
from entrepot.features.trade.orders.store import BETWEEN_ORDERS
from entrepot.storage.columns import Citext
from entrepot.storage.listing.shapes import fields_of
from entrepot.storage.listing.source import Collection, Source
from entrepot.storage.tables import entity_alias, entity_columns, text_columns

Fields = dict[str, sa.ColumnElement[Any]]

ORDERS = entity_alias(ORDER)
"""The orders as `t`."""
LINES = sa.Table(LINE_ITEM.table, sa.MetaData(), *entity_columns(LINE_ITEM)).alias("line")
LINE_ITEMS = "LineItems"
SEARCHED_FIELDS = LINE_ITEM.text.names if LINE_ITEM.text is not None else ()
LINE_FIELDS = fields_of(LineItem)
LINES_FIELD = Field(LINE_ITEMS, FieldKind.LIST, fields=LINE_FIELDS)
"""A field of submitted orders for filters and searches (LST-3), which no item shows."""
SHIPPING_ADDRESS = Field("ShippingAddress", FieldKind.OBJECT, fields=fields_of(Address))
"""A field of all orders for filters alone: the copy that no item shows (LST-3)."""
SEARCHED_LINES = (f"{LINE_ITEMS}.*", tuple(f"{LINE_ITEMS}.{name}" for name in SEARCHED_FIELDS))
"""What searches of orders may name of lines, one by one or all together: what is under an index."""
PRODUCT_OF_LINE = (f"{LINE_ITEMS}.Product.ID", (f"{LINE_ITEMS}.ProductID",))
"""Another name of what is under an index."""


def of_marketplace(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """The condition that every table of a statement has."""
    return table.c[MARKETPLACE] == sa.bindparam(MARKETPLACE, type_=sa.BigInteger())


def order_fields() -> Fields:
    """The fields of an order. Its user's ID is a column of its own, too, which needs no look into the copy."""
    return {
        **field_expressions(ORDER, Order.__columns__.values(), ORDERS),
        "FromUser.ID": ORDERS.c.FromUserID,
        SHIPPING_ADDRESS.name: sa.cast(ORDERS.c.shipping_address, JSONB()),
    }


def line_fields(*, whole: bool) -> Fields:
    """The fields of a line; without `whole`, those that only the seller sees are null (LI-4). Its product's ID is a
    column of its own, too, with an index.
    """
    fields = field_expressions(LINE_ITEM, LineItem.__columns__.values(), LINES)
    hidden = () if whole else BETWEEN_ORDERS
    nothing = sa.cast(sa.null(), Citext())
    return {**fields, "Product.ID": LINES.c.ProductID, **dict.fromkeys(hidden, nothing)}


@cache
def lines_of_order(*, whole: bool) -> Collection:
    """The lines of an order as a field of it."""
    source = Source(
        shape=ListShape(fields=LINE_FIELDS),
        table=LINES,
        columns=(),
        fields=line_fields(whole=whole),
        where=(of_marketplace(LINES),),
        text=text_columns(LINES, LINE_ITEM.text),
    )
    return Collection(source, LINES.c.order_key == ORDERS.c.key)
