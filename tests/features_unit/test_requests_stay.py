"""A request stays what it was: nothing assigns to what a call has been given (handlers take their target as an argument)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import entrepot

SOURCE = Path(entrepot.__file__).parent
GIVEN = {
    "operation",
    "path",
    "query",
    "content",
    "backend",
    "caller",
    "peer_of",
    "request_id",
    "authorization",
}


def assigned(path: Path) -> Iterator[str]:
    """What the file assigns to attributes of calls, or to items of them, but where a call is made."""
    tree = ast.parse(path.read_text())
    makers = [
        each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name == "new_call"
    ]
    making = {part for each in makers for part in ast.walk(each)}
    for node in ast.walk(tree):
        if node in making:
            continue
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
            targets = [node.target]
        elif isinstance(node, ast.Delete):
            targets = node.targets
        for target in targets:
            for part in ast.walk(target):
                inner = part.value if isinstance(part, ast.Subscript) else part
                if isinstance(inner, ast.Attribute) and ast.unparse(inner.value).endswith("call"):
                    yield inner.attr


def test_no_call_is_edited() -> None:
    """`call.path = ...`, `call.caller = ...` and their like: a twin, a chore and a use case that goes on make no request anew."""
    found = {
        (str(path.relative_to(SOURCE)), name)
        for path in sorted(SOURCE.rglob("*.py"))
        for name in assigned(path)
    }
    assert {name for _, name in found} & GIVEN == set(), found
    assert ("engine/units.py", "connection") in found, "assignments are seen"
