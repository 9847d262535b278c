"""Properties of a file's records that nothing reads: told, and passed over, as the seeding tool does with what it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.reading import Record

MOST = 100
"""Properties that are told."""


class Unknown:
    """Counts them, each with the line of the first record that has it."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, int]] = {}

    def take(self, kind: Kind, record: Record) -> None:
        """A record, which is a mapping."""
        names, within = _known(kind)
        if not record.value.keys() <= names:
            self._note(record.line, f"{kind.name}.", record.value, names)
        for name, inner in within:
            value = record.value.get(name)
            if isinstance(value, dict) and not value.keys() <= inner:
                self._note(record.line, f"{kind.name}.{name}.", value, inner)

    def lines(self) -> Iterator[str]:
        """For people, in the order of the file."""
        for path, (line, count) in sorted(self._found.items(), key=lambda each: each[1][0]):
            more = f" ({count - 1:,} more have it)" if count > 1 else ""
            yield f"line {line}: {path}: there is no such property; it is passed over{more}"

    def _note(self, line: int, above: str, value: dict[str, object], names: frozenset[str]) -> None:
        folded = {name.lower() for name in names}
        for name in value:
            path = f"{above}{name}"
            if name.lower() in folded or (len(self._found) >= MOST and path not in self._found):
                continue
            first, count = self._found.get(path, (line, 0))
            self._found[path] = (first, count + 1)


@lru_cache(maxsize=1024)
def _known(kind: Kind) -> tuple[frozenset[str], tuple[tuple[str, frozenset[str]], ...]]:
    """The names of a record's properties, and of those of the objects within it."""
    names = {*kind.model.__columns__, *kind.keeps, *(within.column for within in kind.within)}
    if kind.section == "Objects":
        assert kind.resource is not None
        names |= {kind.id_name, *kind.resource.entity.key_columns}
    if kind.assignment is not None:
        names |= {*(thing.column for thing in kind.assignment.things), *kind.assignment.keys}
    if kind.writes is not None:
        # Of what the request has in its path or query, in whatever case.
        named = (*kind.writes.path_parameters, *(each.name for each in kind.writes.query))
        names |= {f"{name[0].upper()}{name[1:]}" for name in named}
    models = {name: column.type.model for name, column in kind.model.__columns__.items()}
    within = ((name, frozenset(model.__columns__)) for name, model in models.items() if model is not None)
    return frozenset(names), tuple(within)
