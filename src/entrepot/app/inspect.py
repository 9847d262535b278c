"""What the server is made of, for people: `entrepot routes`, `entrepot explain` and `entrepot openapi`."""

from __future__ import annotations

import difflib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from entrepot.declare.operation import Operation
from entrepot.declare.registry import Registry
from entrepot.domain.orders.status import moves
from entrepot.http.hearing import is_heard
from entrepot.http.openapi import render
from entrepot.http.routing import mounted
from entrepot.kernel.user_types import UserType

Row = tuple[str, ...]


def print_routes(registry: Registry, containing: str = "") -> None:
    """List the operations, by path. `containing` keeps those with it in verb and path, ID or a role."""
    wanted = containing.casefold()
    rows = [
        row
        for operation in sorted(registry.operations.values(), key=lambda found: (found.path, found.verb))
        if wanted in " ".join(row := _route(operation)).casefold()
    ]
    _print_table(("Verb", "Path", "Operation", "Roles"), rows)


def explain(registry: Registry, operation_id: str) -> None:
    """Show everything that is declared about one operation. Exits with 1 if there is none of that ID."""
    folded = {known.casefold(): known for known in registry.operations}
    known = folded.get(operation_id.casefold())
    if known is None:
        near = difflib.get_close_matches(operation_id.casefold(), folded, n=5, cutoff=0.5)
        hint = f" Did you mean {', '.join(folded[name] for name in near)}?" if near else ""
        print(f"entrepot: there is no operation {operation_id}.{hint}", file=sys.stderr)
        raise SystemExit(1)
    _print_facts(facts(registry, registry.operations[known]))


def openapi(registry: Registry, base_url: str = "http://localhost:8080") -> None:
    """Print the OpenAPI document of a server at base_url."""
    print(render(registry, base_url).decode())


def facts(registry: Registry, operation: Operation) -> Iterator[tuple[str, str]]:
    """Heading and text of everything worth knowing; headings without a text are left out when printed."""
    yield "Operation", operation.id
    yield "Route", f"{operation.verb} {mounted(operation.path)}"
    yield "Summary", operation.summary
    yield "Declared at", _place(operation.source)
    yield "Handler", _handler(operation.handler)
    yield "Prepared by", "" if operation.prepare is None else _handler(operation.prepare)
    yield "Hooks", operation.hooks or ""
    yield "Unit of work", operation.unit.value
    yield "Webhook route", f"{operation.verb} v1{operation.path}" if is_heard(operation) else ""
    yield "Roles", "none needed, not even a token" if operation.public else _any_of(operation.roles)
    yield "User types", ", ".join(kind.value for kind in UserType if kind in operation.user_types)
    yield "Guests", "allowed" if operation.guests else "refused"
    yield "Invited to an order", "allowed" if operation.invited else ""
    yield "Path parameters", ", ".join(operation.path_parameters)
    yield "Query parameters", ", ".join(f"{query.name} ({query.type.label})" for query in operation.query)
    yield from _list_facts(operation)
    if operation.body is not None:
        yield "Body", f"{operation.body.model.__name__}{', partial' if operation.body.partial else ''}"
        required = [c.name for c in operation.body.model.__columns__.values() if c.required]
        yield "Required", "" if operation.body.partial else ", ".join(required)
    yield "Answer", _answer(operation)
    for move in moves(*operation.moves):
        yield "Moves", move
    for step in operation.steps:
        yield "Step", step
    errors = sorted({(error.status, error.code) for error in operation.errors})
    yield "Errors", ", ".join(f"{code} ({status})" for status, code in errors)
    if operation.table is not None:
        yield "Table", operation.table
        yield "Columns", ", ".join(_columns(registry, operation.table))


def _list_facts(operation: Operation) -> Iterator[tuple[str, str]]:
    lists = operation.lists
    if lists is None:
        return
    yield "Searchable", "any property" if lists.search is None else ", ".join(lists.search)
    yield "Sortable", "any property" if lists.sort is None else ", ".join(lists.sort)
    options = {"paging only": lists.bare, "premium search": lists.premium, "facets": lists.facets}
    yield "List", ", ".join(name for name, holds in options.items() if holds)


def _answer(operation: Operation) -> str:
    if operation.returns is None:
        return f"{operation.status} without a body"
    model = operation.returns.model.__name__
    return f"{operation.status} {f'page of {model}' if operation.returns.page else model}"


def _columns(registry: Registry, table: str) -> Iterator[str]:
    """Columns of the table as they are declared: keys first, then properties, then what never leaves the server."""
    entity, assignment = registry.entities.get(table), registry.assignments.get(table)
    yield "marketplace_id"
    if entity is not None:
        yield from ("key",) if entity.keyed else ()
        yield from (parent.stored for parent in (*entity.parents, *entity.owners))
        parents = {parent.stored for parent in (*entity.parents, *entity.owners)}
        properties = entity.model.__columns__.values()
        yield from (c.name for c in properties if c.stored and c.name not in parents)
        yield from (stored.name for stored in entity.stored)
    elif assignment is not None:
        yield from (thing.stored for thing in assignment.things)
        yield from (stored.name for stored in assignment.stored)


def _handler(handler: Callable[..., Any]) -> str:
    """Name and place of the code that answers, behind partials and wrappers."""
    found: Any = handler
    while isinstance(found, partial):
        found = found.func
    found = inspect.unwrap(found)
    if not (inspect.isfunction(found) or inspect.ismethod(found)):
        found = type(found).__call__
    code = found.__code__
    return f"{found.__module__}.{found.__qualname__} at {_place(f'{code.co_filename}:{code.co_firstlineno}')}"


def _place(source: str) -> str:
    """`file:line`, relative to the working directory where it lies below it."""
    file, _, line = source.rpartition(":")
    path = Path(file)
    return f"{path.relative_to(Path.cwd())}:{line}" if path.is_relative_to(Path.cwd()) else source


def _any_of(roles: Iterable[str]) -> str:
    return ", ".join(roles) or "none needed"


def _route(operation: Operation) -> Row:
    roles = "public" if operation.public else " ".join(operation.roles) or "-"
    return operation.verb, mounted(operation.path), operation.id, roles


def _print_table(headings: Row, rows: list[Row]) -> None:
    """Coloured on a terminal; elsewhere aligned text with one line a row, for grep."""
    console = Console(highlight=False, emoji=False)
    if console.is_terminal:
        table = Table(*headings, box=None, padding=(0, 2, 0, 0), header_style="bold")
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
        return
    widths = [max(len(cell) for cell in column) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print_facts(found: Iterable[tuple[str, str]]) -> None:
    console = Console(highlight=False, emoji=False)
    shown = [(heading, text) for heading, text in found if text]
    if console.is_terminal:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column()
        for heading, text in shown:
            grid.add_row(heading, Text(text))
        console.print(grid)
        return
    width = max(len(heading) for heading, _ in shown)
    for heading, text in shown:
        print(f"{heading.ljust(width)}  {text}")
