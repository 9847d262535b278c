"""CONTRIBUTING.md names what there is: rooms, and the hooks at which a resource's own rules join."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import entrepot
from entrepot.declare.resource import Hooks

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
SOURCE = Path(entrepot.__file__).parent
WORD = re.compile(r"`([a-z_]+)`")


def rooms(below: str) -> set[str]:
    return {path.parent.name for path in (SOURCE / below).glob("*/__init__.py")}


@pytest.mark.parametrize(
    ("begins", "there"),
    [
        ("| `domain` |", rooms("domain")),
        ("Imports go downwards only", rooms("features/trade/orders")),
        (
            "Rules of its own join",
            {name for name, _ in inspect.getmembers(Hooks, inspect.isfunction) if name[0] != "_"},
        ),
    ],
    ids=["rooms of the domain", "rooms of orders", "hooks"],
)
def test_the_page_names_them_all(begins: str, there: set[str]) -> None:
    """One paragraph, or row of a table, for each."""
    (named,) = (part for part in re.split(r"\n\n|\n(?=\|)", PAGE.read_text()) if part.startswith(begins))
    words = set(WORD.findall(named)) - {"domain"}
    assert there
    assert there - words == set()
