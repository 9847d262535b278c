"""Tables from declarations, by the rules of distribution: every key starts with marketplace_id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Parent, Sorts, Stored, TextFields
from entrepot.declare.operation import ListOptions
from entrepot.declare.registry import Registry
from entrepot.declare.resource import Resource
from entrepot.declare.wire import Column, OnDelete
from entrepot.storage.columns import STORED_TYPES, Citext, column_type
from entrepot.storage.constraints import of_marketplace
from entrepot.storage.deliveries import define_delivery_tables
from entrepot.storage.listing.indexes import IndexDefinition, column_value, list_indexes
from entrepot.storage.listing.premium import LETTERS, text_vector
from entrepot.storage.listing.prewritten import PREWRITTEN, prewritten
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import TextColumns
from entrepot.storage.marketplace_copies import define_marketplace_copies
from entrepot.storage.portal import define_portal_tables
from entrepot.storage.recordings import define_recordings
from entrepot.storage.repeats import define_repeats
from entrepot.storage.request_log import define_request_log
from entrepot.storage.synchronization import define_synchronization_tables
from entrepot.storage.system import define_identity_tables, define_system_tables
from entrepot.storage.told_events import define_told_events
from entrepot.storage.virtual_clocks import define_virtual_clocks

DEFAULTS = {"boolean": "false", "integer": "0", "decimal": "0"}
PARTY_TABLES = {
    "BuyerID": "buyers",
    "SupplierID": "suppliers",
    "BuyerGroupID": "buyer_groups",
    "user_key": "users",
    "group_key": "user_groups",
}
SHORT_PENDING_LIST = {"gin_pending_list_limit": 64}
"""Kilobytes. Every search reads the list of what is not yet in the index; at the default of 4 MB that took longer than
the search itself."""
Item = sa.schema.SchemaItem


def define_tables(registry: Registry) -> sa.MetaData:
    """The whole schema: system tables, one table per entity and per assignment."""
    metadata = sa.MetaData()
    define_system_tables(metadata)
    for entity in registry.entities.values():
        _entity_table(entity, metadata, registry)
    for assignment in registry.assignments.values():
        _assignment_table(assignment, metadata, registry)
    define_identity_tables(metadata)
    define_delivery_tables(metadata)
    define_synchronization_tables(metadata)
    define_request_log(metadata)
    define_virtual_clocks(metadata)
    define_repeats(metadata)
    define_told_events(metadata)
    define_recordings(metadata)
    define_portal_tables(metadata)
    define_marketplace_copies(metadata)
    for entity in registry.entities.values():
        for sorts in entity.sorts:
            _sort_indexes(entity, sorts, metadata.tables[entity.table])
    for resource in registry.resources.values():
        _list_indexes(resource, metadata.tables[resource.entity.table])
    return metadata


@lru_cache(maxsize=512)
def entity_alias(entity: Entity) -> sa.FromClause:
    """The entity's table as `t`, for statements that are composed; without its constraints."""
    return sa.Table(entity.table, sa.MetaData(), *entity_columns(entity)).alias("t")


def entity_columns(entity: Entity) -> list[sa.Column[object]]:
    """The columns of an entity: keys, properties, stored columns."""
    columns: list[sa.Column[object]] = [sa.Column("marketplace_id", sa.BigInteger, nullable=False)]
    if entity.keyed:
        columns.append(sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False))
    columns += [_parent(parent, nullable=False) for parent in entity.parents]
    columns += [_parent(owner, nullable=True) for owner in entity.owners]
    keys = {entity.id_column, *entity.key_columns}
    for column in _properties(entity):
        columns += _property(column, required=column.name in keys)
    if entity.text is not None:
        columns += search_columns({column.name: column for column in columns}, entity.text)
    if entity.prewritten:
        text = prewritten(entity.model.__columns__.values())
        columns.append(sa.Column(PREWRITTEN, sa.Text(), sa.Computed(text, persisted=True)))
    return columns + [_stored(stored) for stored in entity.stored]


def search_columns(columns: Mapping[str, sa.Column[Any]], text: TextFields) -> list[sa.Column[Any]]:
    """The generated columns that a premium search reads: the words and the stems of its fields."""
    nested = dict(text.nested)
    texts = [f"({nested[name]})" if name in nested else _text_of(columns[name]) for name in text.names]
    return [
        sa.Column(name, pg.TSVECTOR(), sa.Computed(_of_searched(text, vector), persisted=True))
        for name, vector in (
            ("search_words", text_vector(texts, stemmed=False)),
            ("search_stems", text_vector(texts, stemmed=True)),
        )
    ]


def _text_of(column: sa.Column[Any]) -> str:
    value = column_value(column)
    return f"CAST({value.sql} AS TEXT)" if value.is_citext else value.sql


def _of_searched(text: TextFields, vector: str) -> str:
    return vector if text.where is None else f"CASE WHEN {text.where} THEN {vector} END"


def search_index(table: sa.Table, where: str | None = None) -> sa.Index:
    """The index that serves every search of their fields; `where` as TextFields has it."""
    return sa.Index(
        f"ix_{table.name}_search"[:50],
        table.c.marketplace_id,
        table.c.search_stems,
        table.c.search_words,
        postgresql_using="gin",
        postgresql_with=SHORT_PENDING_LIST,
        postgresql_where=None if where is None else sa.text(where),
    )


def text_columns(table: sa.FromClause, text: TextFields | None) -> TextColumns | None:
    """Those columns in a statement; None for an entity that is not searched so."""
    if text is None:
        return None
    weights = dict(zip(text.names, LETTERS, strict=False))
    return TextColumns(table.c.search_words, table.c.search_stems, weights)


def _properties(entity: Entity) -> Iterator[Column]:
    kept_elsewhere = {part.stored for part in (*entity.parents, *entity.owners)}
    return (c for c in entity.model.__columns__.values() if c.stored and c.name not in kept_elsewhere)


def _entity_table(entity: Entity, metadata: sa.MetaData, registry: Registry) -> None:
    name = entity.table
    items: list[Item] = [*entity_columns(entity), of_marketplace(name)]
    if entity.keyed:
        identity = [*(part.stored for part in (*entity.parents, *entity.owners)), entity.id_column]
        items.append(sa.PrimaryKeyConstraint("marketplace_id", "key", name=f"pk_{name}"))
        if not entity.surrogate:
            items.append(_unique_party(f"uq_{name}_id", identity))
    else:
        identity = [*(parent.stored for parent in entity.parents), *entity.key_columns, entity.id_column]
        items.append(sa.PrimaryKeyConstraint("marketplace_id", *identity, name=f"pk_{name}"))
    for part in (*entity.parents, *entity.owners):
        items += _foreign_key(name, part.stored, part.table, "cascade", registry)
    for column in _properties(entity):
        items += _reference(name, column, registry)
    for named in entity.names:
        if named.indexed and not named.part:
            items.append(_name_index(name, named.column))
    for stored in entity.stored:
        if stored.references is not None:
            items += _foreign_key(name, stored.name, stored.references, stored.on_delete, registry)
    room = {"fillfactor": 100 - entity.room} if entity.room else {}
    table = sa.Table(name, metadata, *items, postgresql_with=room)
    if entity.text is not None:
        search_index(table, entity.text.where)
    _declared_indexes(table, entity)
    if entity.totals:
        _totals_table(entity, table, registry)


def totals_columns(entity: Entity) -> list[sa.Column[object]]:
    """How many rows of a marketplace have these values, in several rows that add up."""
    return [
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        *(_parent(owner, nullable=True) for owner in entity.owners),
        *(
            sa.Column(name, column_type(entity.model.__columns__[name].type), nullable=False)
            for name in entity.totals
        ),
        sa.Column("slot", sa.Integer, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
    ]


def _totals_table(entity: Entity, table: sa.Table, registry: Registry) -> None:
    name = entity.totals_table
    items: list[Item] = [
        sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False),
        *totals_columns(entity),
        of_marketplace(name),
        sa.PrimaryKeyConstraint("marketplace_id", "key", name=f"pk_{name}"),
        _unique_party(f"uq_{name}", [*entity.totals_by, "slot"]),
    ]
    for owner in entity.owners:
        items += _foreign_key(name, owner.stored, owner.table, "cascade", registry)
    # Room beside each row for what it becomes.
    sa.Table(name, table.metadata, *items, postgresql_with={"fillfactor": 50})


@lru_cache(maxsize=512)
def totals_alias(entity: Entity) -> sa.FromClause:
    """The table of its totals as `t`, so that a condition on rows is one on groups of them."""
    return sa.Table(entity.totals_table, sa.MetaData(), *totals_columns(entity)).alias("t")


def _assignment_table(assignment: Assignment, metadata: sa.MetaData, registry: Registry) -> None:
    """Things, party, settings; one row per thing and party."""
    name = assignment.table
    homes = [within.column for within in assignment.homes]
    things = [thing.stored for thing in assignment.things]
    parties = list(assignment.party_columns)
    columns: list[Item] = [
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False),
        *(sa.Column(home, Citext, nullable=False) for home in homes),
        *(_parent(thing, nullable=False) for thing in assignment.things),
        *(sa.Column(p, sa.BigInteger if p.endswith("_key") else Citext, nullable=True) for p in parties),
    ]
    constraints: list[Item] = [
        of_marketplace(name),
        sa.PrimaryKeyConstraint("marketplace_id", "key", name=f"pk_{name}"),
        _unique_party(f"uq_{name}", [*homes, *things, *parties, *assignment.keys]),
    ]
    for position, thing in enumerate(assignment.things):
        # The unique index begins with the first thing.
        indexed = position > 0
        constraints += _foreign_key(name, thing.stored, thing.table, "cascade", registry, indexed=indexed)
    for party in parties:
        constraints += _foreign_key(name, party, PARTY_TABLES[party], "cascade", registry)
    for column in assignment.settings:
        columns += _property(column, required=False)
        constraints += _reference(name, column, registry)
    columns += [_stored(stored) for stored in assignment.stored]
    sa.Table(name, metadata, *columns, *constraints)


def _parent(part: Parent, *, nullable: bool) -> sa.Column[object]:
    return sa.Column(part.stored, Citext() if part.key is None else sa.BigInteger(), nullable=nullable)


def _property(column: Column, *, required: bool) -> Iterator[sa.Column[object]]:
    kind = column.type.kind
    type_ = Citext() if column.references is not None else column_type(column.type)
    default = None
    if kind in DEFAULTS and not column.nullable:
        default = sa.text(DEFAULTS[kind] if column.default is None else str(column.default).lower())
    elif isinstance(type_, pg.ARRAY):
        default = sa.text("'{}'")
    filled = required or column.required or default is not None
    yield sa.Column(column.name, type_, nullable=not filled, server_default=default)
    if column.name == "xp":
        yield sa.Column("xp_value", pg.JSONB(), sa.Computed("xp::jsonb", persisted=True))


def _stored(stored: Stored) -> sa.Column[object]:
    return sa.Column(
        stored.name,
        STORED_TYPES[stored.type],
        *([sa.Identity()] if stored.identity else []),
        nullable=stored.nullable,
        server_default=None if stored.default is None else sa.text(stored.default),
    )


def _unique_party(name: str, columns: list[str]) -> sa.Index:
    """A unique index in which null is a value: no buyer and no supplier means the seller."""
    return sa.Index(name, "marketplace_id", *columns, unique=True, postgresql_nulls_not_distinct=True)


def _reference(table: str, column: Column, registry: Registry) -> Iterator[Item]:
    reference = column.references
    if reference is None:
        return
    if reference.on_delete in ("hand_over", "follow"):
        yield _reference_index(table, column.name)
    else:
        yield from _foreign_key(table, column.name, reference.table, reference.on_delete, registry)


def _foreign_key(
    table: str, column: str, target: str, on_delete: OnDelete, registry: Registry, *, indexed: bool = True
) -> Iterator[Item]:
    """(marketplace_id, column) -> (marketplace_id, key or ID), and the index that its checks need.

    What lives under another object is referred to together with its parents' IDs, in columns of the same names. Never
    SET NULL and never ON UPDATE CASCADE (citus.md 2): a reference that a delete clears, and a rename, are one
    statement of the engine.
    """
    entity = registry.entities[target]
    above = [] if entity.keyed else [parent.stored for parent in entity.parents]
    referred = "key" if entity.keyed else entity.id_column
    columns = ["marketplace_id", *above, column]
    yield sa.ForeignKeyConstraint(
        columns,
        [f"{target}.{each}" for each in ("marketplace_id", *above, referred)],
        name=f"fk_{table}_{_short(column)}"[:50],
        ondelete="CASCADE" if on_delete == "cascade" else None,
    )
    if indexed:
        yield _reference_index(table, *above, column)


def _reference_index(table: str, *columns: str) -> sa.Index:
    """Named after the last column, the reference itself."""
    return sa.Index(f"ix_{table}_{_short(columns[-1])}"[:50], "marketplace_id", *columns)


def _name_index(table: str, column: str) -> sa.Index:
    """Where a rename finds the rows that name the thing; most name none."""
    where = sa.text(f'"{column}" IS NOT NULL')
    return sa.Index(f"ix_{table}_{_short(column)}"[:50], "marketplace_id", column, postgresql_where=where)


def _short(column: str) -> str:
    return column.replace("_", "").lower()


def _list_indexes(resource: Resource, table: sa.Table) -> None:
    """An index for every sort and search of a resource's list.

    Where rows have owners the indexes are partial, so that a row stands only in those of its own kind; and the seller's
    could not be otherwise: `IS NULL` on a leading column would not keep an index's order.
    """
    shape = shape_of(resource.entity.model, resource.lists, resource.query)
    above = [within.column for within in resource.within]
    owners = [owner.stored for owner in resource.entity.owners]
    conditions = [f'"{owner}" IS NOT NULL' for owner in owners if owner in above]
    conditions = conditions or [f'"{owner}" IS NULL' for owner in owners]
    where = " AND ".join(conditions) or None
    scope, counted = ("marketplace_id", *above), resource.entity.counted
    _add_indexes(table, list_indexes(shape, table, scope=scope, where=where, counted=counted))


def _sort_indexes(entity: Entity, sorts: Sorts, table: sa.Table) -> None:
    shape = shape_of(entity.model, ListOptions(sort=sorts.names), ())
    scope = ("marketplace_id", *sorts.scope)
    _add_indexes(table, list_indexes(shape, table, scope=scope, where=sorts.where, held=sorts.held))


def _add_indexes(table: sa.Table, indexes: list[IndexDefinition]) -> None:
    known = {index.name for index in table.indexes}
    for index in indexes:
        if index.name not in known:
            sa.Index(
                index.name,
                *(sa.text(part) for part in index.parts),
                postgresql_using=index.method,
                postgresql_where=None if index.where is None else sa.text(index.where),
                postgresql_with=SHORT_PENDING_LIST if index.method == "gin" else {},
                postgresql_include=list(index.include) or None,
                _table=table,
            )


def _declared_indexes(table: sa.Table, entity: Entity) -> None:
    for index in entity.indexes:
        sa.Index(
            index.name,
            table.c.marketplace_id,
            sa.text(index.expression),
            unique=index.unique,
            postgresql_using=None if index.method == "btree" else index.method,
            postgresql_with=SHORT_PENDING_LIST if index.method == "gin" else {},
            postgresql_where=None if index.where is None else sa.text(index.where),
            postgresql_nulls_not_distinct=not index.nulls_distinct or None,
        )
