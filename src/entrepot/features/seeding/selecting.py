"""The SELECT of a kind's records, for a download; it takes the marketplace."""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Parent
from entrepot.declare.resource import Resource
from entrepot.engine.statements import projection, stored_columns
from entrepot.features.seeding.batches import Look
from entrepot.features.seeding.kinds import Kind
from entrepot.kernel.sql import Sql

HELD = "held:"
"""Before the name of a column that is selected as it is stored."""


def select_objects(resource: Resource, condition: str) -> str:
    """The properties as a GET reads them, and the stored columns under HELD names. `condition` is over `t`."""
    entity = resource.entity
    above = [within.column for within in resource.within]
    held = ", ".join(f't."{name}" AS "{HELD}{name}"' for name in stored_columns(entity))
    where = "".join(
        f' AND t."{owner.stored}" IS {"NOT NULL" if owner.column in above else "NULL"}'
        for owner in entity.owners
    )
    # The IDs of API clients are another marketplace's own, hence no order.
    first = ("AppName",) if entity.table == "api_clients" else ()
    order = ", ".join(f't."{name}"' for name in (*above, *first, *entity.key_columns, entity.id_column))
    return Sql(
        f"SELECT {projection(resource.columns, resource.hooks.shows)}, {held} FROM {entity.table} t "
        f"WHERE t.marketplace_id = :marketplace_id{where} AND ({condition}) ORDER BY {order}"
    ).bound("marketplace_id")


def select_assignments(kind: Kind, assignment: Assignment, looks: tuple[Look, ...]) -> str:
    """Path, things, party and settings, by the names that a record has for them."""
    held = {thing.stored for thing in assignment.things} | {each.column for each in assignment.homes}
    held |= set(assignment.party_columns)
    columns, where = {}, ""
    for within in kind.within:
        if within.column in held:
            columns[within.column] = f'a."{within.column}"'
        else:
            columns[within.column] = _of_thing(assignment.things[0], within.column)
            where += f" AND {columns[within.column]} IS NOT NULL"
    for look in looks:
        if look.shown not in columns:
            columns[look.shown] = _id_of_key(look) if look.keyed else f'a."{look.column}"'
    for column in assignment.settings:
        columns.setdefault(column.name, f'a."{column.name}"')
    for unset in assignment.unset:
        where += f" AND {_of_thing(assignment.things[0], unset)} IS NULL"
    return _ordered(columns, f"FROM {kind.table} a WHERE a.marketplace_id = :marketplace_id{where}")


def select_memberships(kind: Kind) -> str:
    """Company, group and user."""
    assert kind.resource is not None
    above = [within.column for within in kind.within]
    columns = {name: f'g."{name}"' for name in above}
    columns |= {"UserGroupID": 'g."ID"', "UserID": 'u."ID"'}
    where = "".join(
        f' AND g."{owner.stored}" IS {"NOT NULL" if owner.column in above else "NULL"}'
        for owner in kind.resource.entity.owners
    )
    return _ordered(
        columns,
        "FROM user_group_members a JOIN user_groups g ON g.marketplace_id = :marketplace_id AND g.key = a.group_key "
        f"JOIN users u ON u.marketplace_id = :marketplace_id AND u.key = a.user_key WHERE a.marketplace_id = :marketplace_id{where}",
    )


def _ordered(columns: dict[str, str], body: str) -> str:
    selected = ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items())
    order = ", ".join(str(i + 1) for i in range(len(columns)))
    return Sql(f"SELECT {selected} {body} ORDER BY {order}").bound("marketplace_id")


def _id_of_key(look: Look) -> str:
    return f'(SELECT x."ID" FROM {look.table} x WHERE x.marketplace_id = :marketplace_id AND x.key = a."{look.column}")'


def _of_thing(thing: Parent, column: str) -> str:
    """A column of a thing with a surrogate key."""
    return f'(SELECT x."{column}" FROM {thing.table} x WHERE x.marketplace_id = :marketplace_id AND x.key = a."{thing.stored}")'
