"""docs/reference/glossary.md: every module and every name in it exists, and names of several things are told apart in full."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import entrepot
from entrepot.app.registry import registry
from entrepot.storage.tables import define_tables

PAGE = Path(__file__).parents[2] / "docs/reference/glossary.md"
SOURCE = Path(entrepot.__file__).parent
SPAN = re.compile(r"`([^`]+)`")
ROW = re.compile(r"^\| (.+?) \| (.+) \| (.+) \|$|^\| \| (.+) \| (.+) \|$", re.MULTILINE)
WORDS, SEVERAL = PAGE.read_text().split("## One name, several things")
HEADINGS = {"word", "name"}


def rows(text: str) -> list[tuple[str, str, str]]:
    """First, middle and last cell of each row; a first one that is empty is that of the row above."""
    found: list[tuple[str, str, str]] = []
    for word, meaning, where, again, of_it in ROW.findall(text):
        found.append((word, meaning, where) if word else (found[-1][0], again, of_it))
    return [row for row in found if row[0] not in HEADINGS and not row[0].startswith("---")]


def has(owner: Any, name: str) -> bool:
    """Whether a module or class has it, be it as a field that a class only annotates."""
    for part in name.split("."):
        if part in getattr(owner, "__annotations__", {}):
            return True
        if not hasattr(owner, part):
            return False
        owner = getattr(owner, part)
    return True


def module(path: str) -> Any:
    return import_module("entrepot." + path.removesuffix(".py").replace("/", "."))


@cache
def tables() -> frozenset[str]:
    return frozenset(define_tables(registry()).tables)


@pytest.mark.parametrize(("word", "meaning", "where"), rows(WORDS), ids=lambda text: text[:30])
def test_what_a_word_leads_to_exists(word: str, meaning: str, where: str) -> None:
    """Its modules are files, and each name stands in one of them, or is a table's."""
    spans = SPAN.findall(where)
    paths = [span for span in spans if "/" in span]
    names = {span for span in (*spans, *SPAN.findall(meaning)) if "/" not in span}
    assert paths, word
    assert [path for path in paths if not (SOURCE / path).is_file()] == []
    modules = [module(path) for path in paths]
    assert {name for name in names - tables() if not any(has(each, name) for each in modules)} == set()


def defined() -> Iterator[tuple[str, str]]:
    """Every class and function at the top of a module, with the module's path."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, path.relative_to(SOURCE).as_posix()


def test_names_of_several_things_are_told_apart() -> None:
    """All modules that have the name, each once, and no name that only one has."""
    told = [(name.strip("`"), path) for name, _, where in rows(SEVERAL) for path in SPAN.findall(where)]
    names = {name for name, _ in told}
    assert sorted(told) == sorted((name, path) for name, path in defined() if name in names)
    assert all(sum(name == other for other, _ in told) > 1 for name in names)
    assert {"Audience", "Call", "Letter", "Person", "Recording", "Reference", "Source"} <= names


def test_no_other_thing_has_these_names() -> None:
    """Each had two to four classes: whatever else is one says so in its name (`OrderEvent`, `IndexedProduct`, `LogLine`)."""
    owned = {
        "Batch",
        "Body",
        "Event",
        "Kind",
        "Line",
        "Place",
        "Product",
        "Question",
        "Reach",
        "Shopper",
        "Sight",
        "Variant",
    }
    found = sorted(name for name, _ in defined() if name in owned)
    assert sorted({*found}) == found
    assert owned - {"Line"} == set(found)
