"""What product lists are filtered by beyond the properties of a product: its inventory records and bundles."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from entrepot.domain.listing.fields import Field, FieldKind, ListShape
from entrepot.engine.lists import MARKETPLACE, clause, scalar
from entrepot.storage.columns import Citext
from entrepot.storage.listing.source import Collection, Source

RECORDS, BUNDLE = "InventoryRecords", "BundleID"

ADDRESS_ID = f"""
SELECT ad."ID" FROM addresses ad WHERE ad.marketplace_id = :{MARKETPLACE} AND ad.key = record.address_key
"""
RECORD_FIELDS = (
    Field("ID", FieldKind.ID),
    Field("OwnerID", FieldKind.ID),
    Field("AllowAllBuyers", FieldKind.BOOLEAN),
    Field("AddressID", FieldKind.ID),
    Field("OrderCanExceed", FieldKind.BOOLEAN),
    Field("QuantityAvailable", FieldKind.INTEGER),
    Field("NotificationPoint", FieldKind.INTEGER),
    Field("LastUpdated", FieldKind.DATE),
    Field("xp", FieldKind.XP),
)
TYPES: dict[FieldKind, Any] = {
    FieldKind.ID: Citext(),
    FieldKind.BOOLEAN: sa.Boolean(),
    FieldKind.INTEGER: sa.Integer(),
    FieldKind.DATE: sa.DateTime(timezone=True),
}
BUNDLE_FIELD = Field(BUNDLE, FieldKind.LIST, item=FieldKind.ID)
RECORDS_FIELD = Field(RECORDS, FieldKind.LIST, fields=RECORD_FIELDS)
DEAR = (RECORDS, BUNDLE, "Inventory.QuantityAvailable", "ShipFromAddressID")
"""Fields that other tables are asked for."""
LINKED_FIELDS = (RECORDS_FIELD, BUNDLE_FIELD)
"""IRC-7 and BND-1: fields of the list's shape, which no item shows."""


def linked(table: sa.FromClause) -> dict[str, Collection]:
    """Those fields of a product `table`, as Source.collections takes them."""
    return {RECORDS: records(table), BUNDLE: bundles(table)}


def records(table: sa.FromClause, meant: str | None = None) -> Collection:
    """The inventory records of a product of `table`. meant: SQL of which of them count, as `record`; all if left out."""
    record = sa.table(
        "inventory_records",
        sa.column(MARKETPLACE, sa.BigInteger()),
        sa.column("ProductID", Citext()),
        sa.column("xp_value", pg.JSONB()),
        *(sa.column(field.name, TYPES[field.kind]) for field in RECORD_FIELDS if field.kind in TYPES),
    ).alias("record")
    fields: dict[str, sa.ColumnElement[object]] = {
        field.name: record.c[field.name] for field in RECORD_FIELDS if field.kind in TYPES
    }
    fields |= {"xp": record.c.xp_value, "AddressID": scalar(ADDRESS_ID, Citext())}
    own = record.c.ProductID == table.c.ID
    on = own if meant is None else sa.and_(own, clause(meant))
    return Collection(_rows(record, RECORD_FIELDS, fields), on)


def bundles(table: sa.FromClause) -> Collection:
    """The bundles that hold a product of `table`: what BUNDLE_FIELD reads."""
    bundled = sa.table(
        "bundle_product_assignments",
        sa.column(MARKETPLACE, sa.BigInteger()),
        sa.column("ProductID", Citext()),
        sa.column(BUNDLE, Citext()),
    ).alias("bundled")
    rows = _rows(bundled, (Field(BUNDLE, FieldKind.ID),), {BUNDLE: bundled.c[BUNDLE]})
    return Collection(rows, bundled.c.ProductID == table.c.ID, value=BUNDLE)


def _rows(
    table: sa.FromClause, fields: tuple[Field, ...], expressions: dict[str, sa.ColumnElement[object]]
) -> Source:
    return Source(
        shape=ListShape(fields=fields),
        table=table,
        columns=(),
        fields=expressions,
        where=(table.c[MARKETPLACE] == sa.bindparam(MARKETPLACE, type_=sa.BigInteger()),),
    )
