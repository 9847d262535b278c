"""Seed files as records with their lines: a stream for files in the usual layout, however large they are (SEED-2).

The usual layout has `Objects:` and `Assignments:` at the margin, the kinds below them, and one list item for a record.
Each item is parsed by itself, one that is a single line of JSON by the JSON parser. Any other valid YAML is read too,
as one document in memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from entrepot.engine.wire.json import parse
from entrepot.features.seeding.values import NodeError, is_null, value_of
from entrepot.kernel.errors import InvalidBodyError

SECTIONS = ("Objects", "Assignments")
TELL = 64 * 1024
"""Bytes after which somebody is told."""

_MARK = b"\xef\xbb\xbf"
_HEADING = re.compile(rb"( *)([A-Za-z][A-Za-z0-9]*):[ ]*(?:(\[\]|\{\}|null|~)[ ]*)?(?:#.*)?")
# Without a resolver of types, which `value_of` does by the rules of YAML 1.2.
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class SeedFileError(Exception):
    """The file cannot be read. `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        self.message = message
        super().__init__(f"line {line}: {message}")


@dataclass(slots=True)
class Record:
    """One list item: of `Objects` or `Assignments`, under the kind's name, at `line` (from 1)."""

    section: str
    kind: str
    line: int
    value: Any


Named = Callable[[str, str, int], None]
"""Is told of a section, a kind that stands there, be it with no records, and its line."""


class _UnusualLayoutError(Exception):
    pass


def read_records(
    path: Path,
    advance: Callable[[int], None] = lambda _bytes: None,
    named: Named = lambda _section, _kind, _line: None,
) -> Iterator[Record]:
    """The records of a file in its order; `advance` is told of the bytes read, `named` of each kind, once. Raises SeedFileError and
    OSError.
    """
    count = 0
    named = _once_each(named)
    try:
        with path.open("rb") as file:
            for record in _Stream(file, advance, named).records():
                yield record
                count += 1
        return
    except _UnusualLayoutError:
        pass
    # What was read so far stands at the beginning of the whole, too.
    for position, record in enumerate(_whole(path.read_bytes(), named)):
        if position >= count:
            yield record


def size_of(path: Path) -> int:
    """In bytes."""
    return path.stat().st_size


def node_at(path: Path, line: int) -> yaml.Node | None:
    """The record that begins at a line, with the marks of its properties; None in a file of unusual layout.

    The marks' lines count from 0 at the record's own.
    """
    with path.open("rb") as file:
        lines = iter(file)
        for _ in range(line - 1):
            next(lines)
        first = next(lines)
        text = [first]
        margin = _indent(first)
        for following in lines:
            if following.strip() and _indent(following) <= margin:
                break
            text.append(following)
    try:
        node = yaml.compose(b"".join(text), Loader=_Loader)
    except yaml.YAMLError:
        return None
    if not isinstance(node, yaml.SequenceNode) or len(node.value) != 1:
        return None
    item: yaml.Node = node.value[0]
    return item


class _Stream:
    """The state of reading a file line by line."""

    def __init__(self, file: BinaryIO, advance: Callable[[int], None], named: Named) -> None:
        self._lines = iter(file)
        self._advance = advance
        self._named = named
        self._told = 0
        self._number = 0
        self._kept: bytes | None = None
        self._seen: set[tuple[str, str]] = set()

    def records(self) -> Iterator[Record]:
        section = kind = ""
        while (line := self._next()) is not None:
            body = line.strip()
            if body.startswith(b"- ") and kind:
                start = self._number
                text = self._item(line)
                yield Record(section, kind, start, _item_value(text, start))
                continue
            if not body or body.startswith(b"#") or (body == b"---" and not self._seen):
                continue
            heading = _HEADING.fullmatch(line.rstrip())
            if heading is None:
                raise _UnusualLayoutError
            name, empty = heading[2].decode(), heading[3] is not None
            if not heading[1]:
                section, kind = name, ""
                self._once(name, "")
                if section not in SECTIONS:
                    self._skip_block()
            elif section in SECTIONS:
                kind = name
                self._once(section, kind)
                self._named(section, kind, self._number)
                if empty:
                    kind = ""
            else:
                raise _UnusualLayoutError

    def _next(self) -> bytes | None:
        line = self._kept
        if line is not None:
            self._kept = None
        else:
            line = next(self._lines, None)
            if line is None:
                # Whoever takes the last item meets the end twice.
                self._advance(self._told)
                self._told = 0
                return None
            self._told += len(line)
            if self._told >= TELL:
                self._advance(self._told)
                self._told = 0
            if self._number == 0:
                line = line.removeprefix(_MARK)
            if b"\t" in line and b"\t" in line[: len(line) - len(line.lstrip())]:
                raise _UnusualLayoutError
        self._number += 1
        return line

    def _keep(self, line: bytes) -> None:
        self._kept = line
        self._number -= 1

    def _item(self, first: bytes) -> bytes:
        """The text of an item: its first line and what is indented further."""
        margin = _indent(first)
        line = self._next()
        if line is None or line.startswith(first[: margin + 2]):
            # As nearly always in a large file: the next item.
            if line is not None:
                self._keep(line)
            return first
        text = [first]
        while line is not None:
            if line.strip() and _indent(line) <= margin:
                self._keep(line)
                break
            text.append(line)
            line = self._next()
        return b"".join(text)

    def _skip_block(self) -> None:
        while (line := self._next()) is not None:
            if line.strip() and not line.startswith((b" ", b"#")):
                self._keep(line)
                return

    def _once(self, section: str, kind: str) -> None:
        if (section, kind) in self._seen:
            raise SeedFileError(self._number, f"{kind or section} stands in the file twice")
        self._seen.add((section, kind))


def _item_value(text: bytes, line: int) -> Any:
    body = text.strip()[2:].lstrip()
    if body.startswith(b"{") and body.endswith(b"}") and b"\n" not in body:
        try:
            return parse(body)
        except InvalidBodyError:
            pass  # A flow mapping that is no JSON, or something that the other way finds words for.
    try:
        node = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise _UnusualLayoutError from error
    if not isinstance(node, yaml.SequenceNode) or len(node.value) != 1:
        raise _UnusualLayoutError
    try:
        return value_of(node.value[0])
    except NodeError as error:
        raise SeedFileError(line + error.line, error.message) from None


def _once_each(named: Named) -> Named:
    told = set()

    def tell(section: str, kind: str, line: int) -> None:
        if (section, kind) not in told:
            told.add((section, kind))
            named(section, kind, line)

    return tell


def _whole(text: bytes, named: Named) -> Iterator[Record]:
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SeedFileError(
            mark.line + 1 if mark else 1, error.problem or error.context or "no YAML"
        ) from None
    except RecursionError:
        raise SeedFileError(1, "what stands in it is nested too deeply") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SeedFileError(1, str(error)) from None
    for section, node, _ in _entries(root, "the file"):
        if section in SECTIONS:
            for kind, items, heading in _entries(node, section):
                named(section, kind, heading)
                for item in _items(items, kind):
                    line = item.start_mark.line + 1
                    try:
                        yield Record(section, kind, line, value_of(item))
                    except NodeError as error:
                        raise SeedFileError(error.line + 1, error.message) from None


def _entries(node: yaml.Node | None, what: str) -> Iterator[tuple[str, yaml.Node, int]]:
    """Names, values, and the lines where they stand."""
    if node is None or is_null(node):
        return
    if not isinstance(node, yaml.MappingNode):
        raise SeedFileError(node.start_mark.line + 1, f"{what} must be a mapping")
    seen = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            raise SeedFileError(key.start_mark.line + 1, f"{name} stands in the file twice")
        seen.add(name)
        yield name, value, key.start_mark.line + 1


def _items(node: yaml.Node, kind: str) -> list[yaml.Node]:
    if is_null(node):
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise SeedFileError(node.start_mark.line + 1, f"{kind} must be a list")
    items: list[yaml.Node] = node.value
    return items


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" "))
