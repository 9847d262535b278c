"""The source as a house, in figures: `python -m benchmarks.house [SOURCE]`.

A *room* is a package below `entrepot`, in features an area of a wing, or a module that lies loose; an *arrow* leads from a
room to one that it imports, a *floor* is how many rooms lie below one at least. Functions are counted as the syntax tree has
them, with nested ones. Two functions of at least four lines are *alike* where they differ in names and constants alone.
"""

from __future__ import annotations

import argparse
import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from rich.console import Console
from rich.table import Table

import entrepot

PACKAGE = "entrepot"
ALIKE_LINES = 4
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """A module by its path below the package, without `.py`."""

    path: tuple[str, ...]
    tree: ast.Module
    lines: int

    @property
    def imports(self) -> Iterator[tuple[str, ...]]:
        """The paths of what it imports of the package."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE:
                for name in node.names:
                    yield (*node.module.split(".")[1:], name.name)

    @property
    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


def read(source: Path) -> list[Module]:
    """All modules but migrations, which nothing imports."""
    modules = []
    for file in sorted(source.rglob("*.py")):
        path = file.relative_to(source).with_suffix("").parts
        if "migrations" not in path:
            text = file.read_text()
            modules.append(Module(path, ast.parse(text), text.count("\n")))
    return modules


def arrows(modules: list[Module]) -> dict[str, set[str]]:
    """For each room those that it imports."""
    wings = _wings(modules)
    rooms = {module.path: _room(module.path, wings) for module in modules}
    found: dict[str, set[str]] = {room: set() for room in rooms.values()}
    for module in modules:
        here = rooms[module.path]
        for target in module.imports:
            room = _room_of(target, rooms)
            if room not in (None, here):
                found[here].add(str(room))
    return found


def _wings(modules: list[Module]) -> set[str]:
    """The folders of features that hold areas, not rooms of one area."""
    areas: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        if module.path[0] == "features" and len(module.path) > 3:
            areas[module.path[1]].add(module.path[2])
    return {wing for wing, inside in areas.items() if len(inside) > 2}


def _room(path: tuple[str, ...], wings: set[str]) -> str:
    if path[0] != "features":
        return path[0]
    return "/".join(path[: 3 if len(path) > 2 and path[1] in wings else 2])


def _room_of(target: tuple[str, ...], rooms: Mapping[tuple[str, ...], str]) -> str | None:
    for path in (target, target[:-1], (*target, "__init__"), (*target[:-1], "__init__")):
        if path in rooms:
            return rooms[path]
    return None


def circles(graph: Mapping[str, set[str]]) -> list[str]:
    """Rooms from which a way of arrows leads back."""

    @cache
    def below(room: str) -> frozenset[str]:
        seen: set[str] = set()
        waiting = list(graph[room])
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                waiting += graph[each]
        return frozenset(seen)

    return sorted(room for room in graph if room in below(room))


def floors(graph: Mapping[str, set[str]]) -> dict[str, int]:
    """Of a graph without circles: the length of the longest way down from each room."""

    @cache
    def floor(room: str) -> int:
        return 1 + max((floor(each) for each in graph[room]), default=0)

    return {room: floor(room) for room in graph}


def alike(modules: list[Module]) -> tuple[int, int]:
    """Pairs of functions of one shape, and those among them that are the same to the letter."""
    shapes: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        for function in module.functions:
            if _lines(function) >= ALIKE_LINES:
                body = ast.Module(_without_docstring(function), [])
                shapes[_shape(body)].append(ast.dump(body))
    pairs = [pair for bodies in shapes.values() for pair in combinations(bodies, 2)]
    return len(pairs), sum(one == other for one, other in pairs)


def _without_docstring(function: Function) -> list[ast.stmt]:
    body = function.body
    return body[1:] if ast.get_docstring(function) is not None else body


def _shape(node: ast.AST) -> str:
    """The tree with all names and constants alike."""
    match node:
        case ast.Name() | ast.Constant():
            return "."
        case ast.AST():
            fields = (value for _, value in ast.iter_fields(node))
            return f"{type(node).__name__}({','.join(_of_field(value) for value in fields)})"


def _of_field(value: object) -> str:
    if isinstance(value, list):
        return f"[{','.join(_of_field(each) for each in value)}]"
    return _shape(value) if isinstance(value, ast.AST) else "."


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _parameters(function: Function) -> int:
    given = function.args
    names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def _spread(numbers: list[int]) -> str:
    """Median, nine tenths, most."""
    numbers = sorted(numbers)
    return f"{numbers[len(numbers) // 2]} / {numbers[len(numbers) * 9 // 10]} / {numbers[-1]}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", type=Path, default=Path(entrepot.__file__).parent)
    modules = read(parser.parse_args().source)
    graph = arrows(modules)
    inside = {room: {each for each in seen if each in graph} for room, seen in graph.items()}
    back = circles(inside)
    functions = [function for module in modules for function in module.functions]
    shapes, same = alike(modules)
    table = Table(show_header=False)
    for name, figure in (
        ("files, lines", f"{len(modules)}, {sum(module.lines for module in modules):,}"),
        ("lines of a file (median / nine tenths / most)", _spread([module.lines for module in modules])),
        ("rooms, floors", f"{len(graph)}, {max(floors(graph).values()) if not back else '-'}"),
        (
            "arrows of those possible without a circle",
            f"{sum(map(len, graph.values()))} of {len(graph) * (len(graph) - 1) // 2}",
        ),
        ("rooms in circles", ", ".join(back) or "none"),
        ("functions", f"{len(functions):,}"),
        ("their lines", _spread([_lines(function) for function in functions])),
        ("their parameters", _spread([_parameters(function) for function in functions])),
        (f"pairs of {ALIKE_LINES} lines and more alike but for names, the same", f"{shapes}, {same}"),
    ):
        table.add_row(name, figure)
    console = Console(highlight=False, width=120)
    console.print(table)


if __name__ == "__main__":
    main()
