"""The facets of a marketplace as the index takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entrepot.storage.listing.facets import MOST
from entrepot.storage.listing.lowering import json_path

DEFINED = f"""
SELECT f."Name" AS name, coalesce(nullif(f."XpPath", ''), CAST(f."ID" AS text)) AS path, f."MinCount" AS least,
       coalesce(CAST(f.xp AS text), 'null') AS xp
FROM product_facets f WHERE f.marketplace_id = $1 ORDER BY f."ListOrder", f."ID" LIMIT {MOST}
"""
"""In the order in which lists show them (FAC-2, FAC-3)."""


@dataclass(frozen=True, slots=True)
class Facet:
    """path: as written; least: how many matches a value needs to be shown, None shows none; xp: JSON text."""

    name: str
    path: str
    least: int | None
    xp: str

    @property
    def way(self) -> str:
        """The jsonpath of its values."""
        return json_path(self.path.split("."))


async def read_facets(connection: Any, marketplace_id: int) -> tuple[Facet, ...]:
    """One statement."""
    rows = await connection.fetch(DEFINED, marketplace_id)
    return tuple(Facet(row["name"], row["path"], row["least"], row["xp"]) for row in rows)
