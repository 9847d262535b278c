"""SQL types of wire types and stored types."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.types import UserDefinedType

from entrepot.declare.entity import StoredType
from entrepot.declare.types import WireType


class Citext(UserDefinedType[str]):
    """Text that compares without regard to case: IDs, references, usernames (ID-4)."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "CITEXT"


STORED_TYPES: dict[StoredType, Any] = {
    "text": sa.Text(),
    "citext": Citext(),
    "bigint": sa.BigInteger(),
    "integer": sa.Integer(),
    "boolean": sa.Boolean(),
    "timestamptz": sa.DateTime(timezone=True),
    "bytea": sa.LargeBinary(),
    "json": pg.JSON(),
    "text[]": pg.ARRAY(sa.Text()),
    "bigint[]": pg.ARRAY(sa.BigInteger()),
}


def column_type(wire: WireType) -> Any:
    """The column type of a property.

    xp, nested objects and lists of objects are `json`, not `jsonb`: it returns the very text that was stored, with
    its key order (XP-1). Filters read them as jsonb.
    """
    match wire.kind:
        case "id":
            return Citext()
        case "string" | "password" | "enum":
            return sa.Text()
        case "integer":
            return sa.Integer()
        case "decimal":
            return sa.Numeric()
        case "boolean":
            return sa.Boolean()
        case "datetime":
            return sa.DateTime(timezone=True)
        case "list" if wire.item is not None and wire.item.kind in ("id", "string", "enum"):
            return pg.ARRAY(sa.Text())
        case _:
            return pg.JSON()
