"""What a product looks like to a content hub: an entity of its schema with the properties that ConfigData maps (DC-1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]

MAPPED = ("ID", "Name", "Description")
"""What is told of a product; without a mapping under the same names."""


def hub_properties(payload: Json, config_data: Any) -> dict[str, Any]:
    """The entity's properties: a value, or one for a culture.

    config_data: `{"Mapper": {"Name": {"Property": "Title", "DefaultCulture": "en-US"}}}`.
    """
    mapper = config_data.get("Mapper") if isinstance(config_data, Mapping) else None
    found: dict[str, Any] = {}
    for name in MAPPED:
        value = payload.get("ProductID" if name == "ID" and "ProductID" in payload else name)
        told = mapper.get(name) if isinstance(mapper, Mapping) else None
        told = told if isinstance(told, Mapping) else {}
        culture = told.get("DefaultCulture")
        found[str(told.get("Property") or name)] = {str(culture): value} if culture else value
    return found


def hub_identifier(schema: str, product_id: str) -> str:
    """By which the entity is found again: identifiers are unique in a hub, whatever the schema."""
    return f"{schema}.{product_id}"
