"""How many rows of an entity each owner has, by the values of Entity.totals, kept in rows beside: so no list counts them.

A unit adds what it changes, right after its own write, to one of SLOTS rows of the owner: units that add or take away at the same
time seldom wait for one another, and a statement that reads the sum beside a page sees what it sees of the page. What an
owner's end or rename means for them is a foreign key's and the rename's (references.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import count
from typing import Any

from entrepot.declare.entity import Entity
from entrepot.engine.call import Database

SLOTS = 16
_turns = count()
Values = Mapping[str, Any]


async def keep(
    db: Database, marketplace_id: int, entity: Entity, old: Values | None, new: Values | None
) -> None:
    """A row has come into being (`old` is None), was changed, or is gone (`new` is None). A statement for each group that it
    leaves or joins, none where it stays where it was. Values by column name.
    """
    if not entity.totals:
        return
    left, joined = _group(entity, old), _group(entity, new)
    if left == joined:
        return
    slot = next(_turns) % SLOTS
    # In one order: of two units that move rows between the same groups neither waits for the other in a circle.
    for group, number in sorted(((left, -1), (joined, 1)), key=repr):
        if group is not None:
            await db.execute(_add(entity), marketplace_id, *group, slot, number)


async def settle(db: Database, marketplace_id: int, entity: Entity) -> int:
    """Bring about what is kept of rows that were written past `keep`: seeds. How many groups differed. Units may write meanwhile:
    what they have not committed is missing from rows and totals alike.
    """
    status = await db.execute(_settle(entity), marketplace_id)
    return int(status.rpartition(" ")[2])


def _group(entity: Entity, row: Values | None) -> tuple[Any, ...] | None:
    return None if row is None else tuple(row.get(name) for name in entity.totals_by)


@lru_cache
def _add(entity: Entity) -> str:
    """$1 marketplace, $2 and on the group, the slot, what is added."""
    last = len(entity.totals_by) + 3
    places = ", ".join(f"${number}" for number in range(2, last + 1))
    return f"{_insert(entity)} VALUES ($1, {places}) {_or_add(entity)}"


@lru_cache
def _settle(entity: Entity) -> str:
    group = _names(entity)
    return f"""
{_insert(entity)}
SELECT $1, {group}, 0, CAST(sum(each.rows) AS bigint) FROM (
    SELECT {group}, count(*) AS rows FROM {entity.table} WHERE marketplace_id = $1 GROUP BY {group}
    UNION ALL
    SELECT {group}, -rows FROM {entity.totals_table} WHERE marketplace_id = $1) AS each
GROUP BY {group} HAVING sum(each.rows) <> 0
{_or_add(entity)}"""


def _insert(entity: Entity) -> str:
    return f"INSERT INTO {entity.totals_table} (marketplace_id, {_names(entity)}, slot, rows)"


def _or_add(entity: Entity) -> str:
    target = f"(marketplace_id, {_names(entity)}, slot)"
    return f"ON CONFLICT {target} DO UPDATE SET rows = {entity.totals_table}.rows + EXCLUDED.rows"


def _names(entity: Entity) -> str:
    return ", ".join(f'"{name}"' for name in entity.totals_by)
