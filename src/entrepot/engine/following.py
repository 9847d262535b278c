"""What rows say of a thing that gets another ID: the UPDATEs that follow its rename (CONV-3).

`:old` is the former ID, `:new` the new one, `t` a row and `x` the thing as it was. JSON keeps its text but for the ID: its columns
return what was stored, with its order of keys (XP-1). All functions are immutable (citus.md 16).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from entrepot.declare.named import Named

BETWEEN = r"""(?:\s*,\s*"[A-Za-z]+"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[^][",{}]+))*\s*,\s*"""
"""In the pattern of a JSON object: what stands between two of its properties, where none holds an object or a list."""
SELF = "{self}"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a column where a condition holds; `found` is as much of it as an index serves."""

    column: str
    value: str
    where: str
    found: str


def changes_of(named: Named) -> Iterator[Change]:
    """The changes that one named ID asks for."""
    column, means = f't."{named.column}"', named.means
    if not named.part:
        holds = f"{column} = :old"
        where = f"{holds} AND ({means})"
        found = holds if named.indexed else where
        yield Change(named.column, ":new", where, found)
        if named.copy:
            yield Change(named.copy, _replaced('"ID"', "i"), where, found)
        return
    key = f'"{named.part}"'
    if named.in_list:
        if named.beside:
            key = f"""\"{named.beside}"\\s*:\\s*"' || CAST(:place AS text) || '"{BETWEEN}{key}"""
        where = f"({means}) AND CAST({column} AS text) ~* {_pattern(key)}"
        yield Change(named.column, _replaced(key, "gi"), where, where)
    else:
        where = f"({means}) AND CAST({column} ->> '{named.part}' AS citext) = :old"
        yield Change(named.column, _replaced(key, "i"), where, where)


def update(arm: str, table: str, changes: Iterable[Change]) -> str:
    """The arm that changes one table: a statement changes a row only once, whatever the row says of the thing."""
    changes = list(changes)
    values: dict[str, str] = defaultdict(str)
    for change in changes:
        before = values[change.column] or f't."{change.column}"'
        after = change.value.replace(SELF, before)
        values[change.column] = f"CASE WHEN {change.where} THEN {after} ELSE {before} END"
    sets = ", ".join(f'"{column}" = {value}' for column, value in values.items())
    found, where = _any(change.found for change in changes), _any(change.where for change in changes)
    rows = f"({where})" if found == where else f"({found}) AND ({where})"
    return f"{arm} AS (UPDATE {table} t SET {sets} FROM x WHERE t.marketplace_id = :marketplace_id AND {rows} RETURNING 1)"


def _any(conditions: Iterable[str]) -> str:
    return " OR ".join(f"({condition})" for condition in dict.fromkeys(conditions))


def _pattern(key: str) -> str:
    r"""The SQL of the pattern of a property that has the former ID; no character of an ID means anything in it."""
    return f"""('({key}\\s*:\\s*")' || CAST(:old AS text) || '"')"""


def _replaced(key: str, flags: str) -> str:
    """The JSON of SELF with the new ID; `flags` as regexp_replace has them."""
    new = """'\\1' || CAST(:new AS text) || '"'"""
    return f"CAST(regexp_replace(CAST({SELF} AS text), {_pattern(key)}, {new}, '{flags}') AS json)"
