"""Every ID that is stored follows what it names, or says why it follows nothing (CONV-3, behaviour D6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from entrepot.app.registry import registry
from entrepot.declare.entity import Entity
from entrepot.declare.wire import Wire

ENTITIES = {
    entity.table: entity
    for entity in (*registry().entities.values(), *(r.entity for r in registry().resources.values()))
}
LIKE_IDS = ("ID", "IDs", "_id", "_ids")


def stored_ids(entity: Entity) -> Iterator[str]:
    """The places in rows that hold IDs, as Named and Entity.keeps have them, and those that could: JSON without a model."""
    for column in entity.model.__columns__.values():
        if not column.stored or column.references is not None:
            continue
        listed = column.type.item is not None
        kind = column.type.item if column.type.item is not None else column.type
        if kind.model is not None:
            yield from (f"{column.name}{'[]' if listed else ''}.{each}" for each in ids_within(kind.model))
        elif column.name != "ID" and (kind.kind == "id" or column.name.endswith(LIKE_IDS)):
            yield column.name
    for stored in entity.stored:
        if stored.references is None and (stored.type == "json" or stored.name.endswith(LIKE_IDS)):
            yield stored.name


def ids_within(model: type[Wire]) -> Iterator[str]:
    for column in model.__columns__.values():
        kind = column.type.item if column.type.item is not None else column.type
        if kind.model is not None:
            yield from (f"{column.name}.{each}" for each in ids_within(kind.model))
        elif kind.kind == "id" or column.name.endswith(LIKE_IDS):
            yield column.name


@pytest.mark.parametrize("table", sorted(ENTITIES))
def test_every_stored_id_follows_or_is_kept(table: str) -> None:
    """A new one has to be declared: as a reference, a parent, a name (Entity.names), or with the reason in Entity.keeps."""
    entity = ENTITIES[table]
    parts = {part.stored for part in (*entity.parents, *entity.owners)}
    named = [each.place for each in entity.names]
    found = set(stored_ids(entity)) - parts
    left = {
        place
        for place in found - set(named)
        if place.partition(".")[0].removesuffix("[]") not in entity.keeps
    }
    assert left == set(), f"{table}: what becomes of these when the thing is renamed?"
    columns = {column.name for column in entity.model.__columns__.values()} | {
        each.name for each in entity.stored
    }
    assert len(set(named)) == len(named)
    assert {each.column for each in entity.names} | set(entity.keeps) <= columns
    assert all(entity.keeps.values())
    for each in entity.names:
        assert each.place in found or each.column in found, f"{table} has no such {each.place}"
        assert not each.copy or each.copy in columns
        target = registry().entities[each.table]
        assert not target.keyed or each.means != "true", (
            f"{table}: which {each.table} does {each.place} mean?"
        )
        assert each.beside == "" or each.beside in {parent.column for parent in target.parents}
