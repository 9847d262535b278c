"""That whoever changes what users keep of their groups locks before and computes anew after it (AUTH-17, LOC-3)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import entrepot
from entrepot.app.registry import registry
from entrepot.engine.feeding import writes_of
from entrepot.features.people.holdings import OF_GROUPS, OF_USERS, HoldingHooks

SOURCE = Path(entrepot.__file__).parent / "features"
KEPT_FROM = {
    table
    for sql in (OF_USERS, OF_GROUPS)
    for table in re.findall(r"\b(?:FROM|JOIN) ([a-z_]+) (?=[a-z] ON|m\b)", sql)
    if table not in ("profiles", "locales", "held", "wanted")
} - {"security_profiles"}
"""Tables of links. Of profiles numbers are kept, which never change."""
LISTS = {"LEFT_BEHIND"}
"""Names of tables whose rows somebody deletes."""


def test_what_is_kept_comes_from_these_tables() -> None:
    assert {"user_group_members", "security_profile_assignments", "locale_assignments"} == KEPT_FROM


def test_assignments_whose_gifts_users_keep_have_it_done() -> None:
    kept = [each for table, each in registry().assignments.items() if table in KEPT_FROM]
    assert len(kept) == 2
    assert all(isinstance(each.hooks, HoldingHooks) for each in kept)


def test_assignments_whose_gifts_users_keep_override_none_of_it() -> None:
    """Whoever overrides one of them would have to call the one above."""
    for assignment in registry().assignments.values():
        if assignment.table in KEPT_FROM:
            own = vars(type(assignment.hooks)).keys() & {
                "check_write",
                "after_write",
                "check_delete",
                "after_delete",
            }
            assert not own, f"{type(assignment.hooks).__name__} overrides {sorted(own)}"


def test_statements_that_write_such_tables_run_within_a_change_of_holdings() -> None:
    found = [use for path in SOURCE.rglob("*.py") for use in _uses(path.read_text(), path.stem)]
    assert len(found) >= 7, found
    assert [use for use, guarded in found if not guarded] == []


def test_a_statement_outside_is_found() -> None:
    text = """
SQL = "DELETE FROM user_group_members WHERE marketplace_id = $1"
async def careless(call):
    await call.db.execute(SQL)
async def careful(call):
    async with holdings.changing(call.db, 1) as holders:
        await call.db.execute(SQL)
class Hooks:
    async def check_delete(self, call, old):
        await call.db.execute(SQL)
        await holdings.refresh(call.db, 1)
"""
    assert list(_uses(text, "m")) == [
        ("m.careless", False),
        ("m.careful", True),
        ("m.Hooks.check_delete", False),
    ]
    locked = text.replace(
        "class Hooks:",
        "class Hooks:\n    async def lock_first(self, call):\n        await holdings.lock(call.db, 1)",
    )
    assert ("m.Hooks.check_delete", True) in list(_uses(locked, "m"))


def _uses(text: str, module: str) -> Iterator[tuple[str, bool]]:
    """The functions that use a statement, with whether they do it as they should: within the block, called within it by the module, or
    in hooks that lock first of all and compute anew.
    """
    tree = ast.parse(text)
    names = set(_writing(tree)) | LISTS
    guarded = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.AsyncWith)
        and any("holdings.changing(" in ast.unparse(item) for item in block.items)
        for node in ast.walk(block)
    }
    called = {
        node.func.id for node in guarded if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    homes: list[tuple[ast.Module | ast.ClassDef, str, bool]] = [(tree, module, False)]
    homes += [
        (
            node,
            f"{module}.{node.name}",
            "holdings.lock("
            in "".join(ast.unparse(each) for each in node.body if getattr(each, "name", "") == "lock_first"),
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    for home, place, locks_first in homes:
        for function in home.body:
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            uses = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id in names]
            if uses:
                in_hooks = locks_first and (
                    "_refresh(" in ast.unparse(function) or "holdings.refresh(" in ast.unparse(function)
                )
                within = all(node in guarded for node in uses) or function.name in called
                yield f"{place}.{function.name}", within or in_hooks


def _writing(tree: ast.Module) -> Iterator[str]:
    """The module's constants that are statements which write such a table."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts = [each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)]
            sql = " ".join(each for each in texts if isinstance(each, str))
            if any(write.table in KEPT_FROM for write in writes_of(sql)):
                yield node.targets[0].id
