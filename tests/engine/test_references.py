"""References to what lives under another object: keys, renames and clearing (citus.md 2 and 3)."""

from __future__ import annotations

import re

import sqlalchemy as sa

from entrepot.declare.entity import Entity, Parent
from entrepot.declare.registry import Registry
from entrepot.declare.types import Id
from entrepot.declare.wire import Reference, Wire, column
from entrepot.engine.references import ReferenceGraph
from entrepot.kernel.sql import Sql
from entrepot.storage.tables import define_tables


class Shelf(Wire):
    """What boxes stand on."""

    ID: Id = column()


class Box(Wire):
    """Unique on its shelf; it may stand in another box of that shelf, and lean on one."""

    ID: Id = column()
    OuterID: Id = column(references=Reference("boxes"))
    LeansOnID: Id = column(references=Reference("boxes", on_delete="refuse"))


class Label(Wire):
    """Something about a box; the box may go."""

    ID: Id = column()
    BoxID: Id = column(references=Reference("boxes", on_delete="clear"))


ON_SHELF = (Parent("ShelfID", "shelves"),)
BOX = Entity(model=Box, table="boxes", object_type="Box", parents=ON_SHELF)
LABEL = Entity(model=Label, table="labels", object_type="Label", parents=ON_SHELF)


def shop() -> Registry:
    registry = Registry()
    for entity in (Entity(model=Shelf, table="shelves", object_type="Shelf"), BOX, LABEL):
        registry.add_entity(entity)
    return registry


def updates(statement: str) -> dict[str, tuple[str, str]]:
    """Table -> (SET, WHERE) of a rename; each table may be updated once only."""
    found = re.findall(r"UPDATE (\w+) SET (.+?) WHERE (.+?) RETURNING 1\)", statement)
    tables = [table for table, _, _ in found]
    assert len(set(tables)) == len(tables) == statement.count("UPDATE"), statement
    return {table: (change, where) for table, change, where in found}


def case(name: str) -> str:
    return f'"{name}" = CASE WHEN "{name}" = $2 THEN $3 ELSE "{name}" END'


def test_keys_hold_the_parents() -> None:
    """citus.md 2: columns of the same names, with an index that begins with them; never ON UPDATE."""
    tables = define_tables(shop()).tables
    for table, name, on_delete in (
        ("boxes", "OuterID", "CASCADE"),
        ("boxes", "LeansOnID", None),
        ("labels", "BoxID", None),
    ):
        columns = ["marketplace_id", "ShelfID", name]
        (key,) = (
            each
            for each in tables[table].constraints
            if isinstance(each, sa.ForeignKeyConstraint) and each.column_keys == columns
        )
        assert [element.target_fullname for element in key.elements] == [
            "boxes.marketplace_id",
            "boxes.ShelfID",
            "boxes.ID",
        ]
        assert (key.ondelete, key.onupdate, key.deferrable) == (on_delete, None, None)
        assert columns in [[each.name for each in index.columns] for index in tables[table].indexes]


def test_a_renamed_child_keeps_to_its_parent() -> None:
    """$4 is the parent: its namesakes elsewhere stay. A table that refers to itself is updated once."""
    changed = updates(ReferenceGraph.of(shop()).rename_statement("boxes", "ID"))
    home = 'marketplace_id = $1 AND "ShelfID" = $4 AND'
    assert changed == {
        "boxes": (
            f"{case('ID')}, {case('OuterID')}, {case('LeansOnID')}",
            f'{home} ("ID" = $2 OR "OuterID" = $2 OR "LeansOnID" = $2)',
        ),
        "labels": ('"BoxID" = $3', f'{home} ("BoxID" = $2)'),
    }


def test_a_renamed_parent_is_followed_down_the_chain() -> None:
    """citus.md 3: one UPDATE for each table that holds its ID, whether for the child's sake or its own."""
    changed = updates(ReferenceGraph.of(shop()).rename_statement("shelves", "ID"))
    follow = ('"ShelfID" = $3', 'marketplace_id = $1 AND ("ShelfID" = $2)')
    assert changed == {
        "shelves": ('"ID" = $3', 'marketplace_id = $1 AND ("ID" = $2)'),
        "boxes": follow,
        "labels": follow,
    }


def test_deleting_a_child_clears_references_under_its_parent() -> None:
    """Only what may be empty, and only on the same shelf."""
    statement = ReferenceGraph.of(shop()).delete_statement(
        BOX,
        Sql('t.marketplace_id = :marketplace_id AND t."ShelfID" = :shelf AND t."ID" = :box'),
        ("marketplace_id", "shelf", "box"),
    )
    assert updates(statement) == {
        "labels": ('"BoxID" = NULL', 'marketplace_id = $1 AND "ShelfID" = $2 AND ("BoxID" = $3)')
    }
