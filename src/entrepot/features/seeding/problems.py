"""What is wrong with a seed file, all of it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from entrepot.features.seeding.reading import SeedFileError, node_at
from entrepot.kernel.errors import ApiError

MOST = 100
"""Problems that are told of at once."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """At `line` of the file (from 1; 0 is none); `path` as in `Products.product-1.Inventory.Enabled`."""

    line: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else ""
        return ": ".join(part for part in (place, self.path, self.message) if part)


class SeedRefusedError(Exception):
    """The file cannot be seeded; nothing was written. `more` says that there are problems beyond these."""

    def __init__(self, problems: list[Problem], *, more: bool = False) -> None:
        self.problems = sorted(problems)
        self.more = more
        super().__init__(
            "\n".join((*map(str, self.problems), *(["and more"] if more else []), "Nothing was written."))
        )


class Problems:
    """Collects up to `most`; then raises SeedRefusedError."""

    def __init__(self, path: Path, most: int = MOST) -> None:
        self._path = path
        self._most = most
        self._found: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, line: int, what: str, message: str, name: str = "") -> None:
        """One at the record of `line`, whose kind and ID are `what`, in its property `name` (`Inventory.Enabled`)."""
        where = f"{what}.{name}" if name else what
        self._found.append(Problem(line + self._offset(line, name), where, message))
        if len(self._found) >= self._most:
            raise SeedRefusedError(self._found, more=True)

    def add_refusal(self, line: int, what: str, error: ApiError) -> None:
        """What the API would answer, as problems."""
        for item in error.items():
            data = item.data if isinstance(item.data, dict) else {}
            name = data.get("Property") or ""
            message = item.message
            if "ObjectID" in data:
                message = f"{item.message} {data.get('ObjectType')} {data['ObjectID']}"
            self.add(line, what, f"{message} ({item.code})", str(name))

    def add_unknown_kind(self, line: int, section: str, kind: str) -> None:
        """One of a kind that stands at `line`, with its records or with none."""
        self.add(line, f"{section}.{kind}", "there is no such kind of record")

    def refuse(self) -> None:
        """Raise SeedRefusedError if there are any."""
        if self._found:
            raise SeedRefusedError(self._found)

    def _offset(self, line: int, name: str) -> int:
        """How many lines below its record's first a property stands; 0 where it is not there at all."""
        if not name:
            return 0
        node = node_at(self._path, line)
        return 0 if node is None else _line_of(node, name)


def reading_error(error: SeedFileError) -> SeedRefusedError:
    """A file that cannot be read is refused like one with bad records."""
    return SeedRefusedError([Problem(error.line, "", error.message)])


def _line_of(node: yaml.Node, path: str) -> int:
    """`PriceBreaks[1].Price` -> the line of that property's key within the record."""
    line = node.start_mark.line
    for step in path.replace("[", ".[").split("."):
        find: Callable[[yaml.Node, str], tuple[int, yaml.Node] | None]
        find = _element if step.startswith("[") else _property
        found = find(node, step)
        if found is None:
            break
        line, node = found
    return int(line)


def _property(node: yaml.Node, name: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if str(key.value).lower() == name.lower():
                return key.start_mark.line, value
    return None


def _element(node: yaml.Node, position: str) -> tuple[int, yaml.Node] | None:
    index = int(position.strip("[]"))
    if isinstance(node, yaml.SequenceNode) and index < len(node.value):
        item: yaml.Node = node.value[index]
        return item.start_mark.line, item
    return None
