"""States have one home: no text outside the domain spells one out (migrations are frozen, and held by the schema's test)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import entrepot
from entrepot.domain.orders.approvals import ApprovalStatus
from entrepot.domain.orders.status import OrderStatus

SOURCE = Path(entrepot.__file__).parent
STATES = "|".join([*OrderStatus, *ApprovalStatus])
SPELLED = re.compile(rf"'({STATES})'|^({STATES})$")
ANOTHER = {
    (
        "features/people/identity/enums.py",
        "Unsubmitted",
    ): "an option of moving a user, which is not an order's state",
    ("features/trade/synchronization/runs.py", "Completed"): "of a run, which is no order's",
    ("features/people/portal/restoring.py", "Completed"): "of a restore, which is none either",
    ("features/trade/dashboards/orders.py", "Canceled"): "the property that counts them",
    ("storage/portal.py", "Completed"): "the same",
    ("storage/synchronization.py", "Completed"): "of a run",
}


def spelled(path: Path) -> Iterator[str]:
    """The states that texts of a file name, as values of SQL or by themselves."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (found.group(1) or found.group(2) for found in SPELLED.finditer(node.value))


def test_no_text_names_a_state() -> None:
    """SQL takes its states from named sets of domain/orders/status.py and approvals.py (`engine.statements.texts`)."""
    found = {
        (str(path.relative_to(SOURCE)), state)
        for path in sorted(SOURCE.rglob("*.py"))
        if path.relative_to(SOURCE).parts[0] != "domain" and "migrations" not in path.parts
        for state in spelled(path)
    }
    assert found == set(ANOTHER)
    assert {state for path in sorted(SOURCE.glob("domain/orders/*.py")) for state in spelled(path)} == {
        *OrderStatus,
        *ApprovalStatus,
    }, "the pattern finds what there is"
