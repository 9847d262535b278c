"""Steps and rows of explanations, as they are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from entrepot.declare.roles import FULL_ACCESS, SELLERS_ONLY, Right
from entrepot.engine.access import allowed_types
from entrepot.features.people.explaining.models import StepOutcome

Values = dict[str, Any]

ROOT = "/entrepot/v1/explain"
TAG = "Explanations"
COMMON: dict[str, Any] = {
    "tag": TAG,
    "roles": (FULL_ACCESS,),
    "user_types": allowed_types(SELLERS_ONLY, Right.READ),
}
MOST_ROWS = 50
"""Rows of a step that are shown."""


def link(operation: str, path: str, **given: str | None) -> Values:
    """What shows a row: the GET operation, and its path with the values of its parameters; those that the path does not name go
    into the query, but for None.
    """
    query = {}
    for name, value in given.items():
        place = f"{{{name}}}"
        if place in path:
            path = path.replace(place, quote(value or "", safe=""))
        elif value is not None:
            query[name] = value
    return {"Operation": operation, "Path": path + (f"?{urlencode(query, quote_via=quote)}" if query else "")}


NOWHERE: Mapping[str, None] = {"Operation": None, "Path": None}


def row(
    kind: str, row_id: str, says: str, where: Mapping[str, Any] = NOWHERE, *, decides: bool = False
) -> Values:
    """A row of a step, and what shows it."""
    return {"Type": kind, "ID": row_id, "Says": says, "Decides": decides, **where}


def step(
    name: str,
    outcome: StepOutcome,
    message: str,
    rows: Sequence[Values] = (),
    *,
    decides: bool = False,
    more: int = 0,
) -> Values:
    """A step; rows that decide go first where there are more than are shown."""
    shown = sorted(rows, key=lambda each: not each["Decides"])[:MOST_ROWS] if len(rows) > MOST_ROWS else rows
    return {
        "Step": name,
        "Outcome": outcome,
        "Decides": decides,
        "Message": message,
        "Rows": list(shown),
        "More": more + len(rows) - len(shown),
    }


def passed(holds: bool) -> StepOutcome:
    """Passed or Failed."""
    return StepOutcome.PASSED if holds else StepOutcome.FAILED


def reason(steps: Sequence[Values]) -> str:
    """What the deciding step says; of several the first that failed, else the first."""
    deciding = [each for each in steps if each["Decides"]]
    failed = [each for each in deciding if each["Outcome"] is StepOutcome.FAILED]
    return str((failed or deciding)[0]["Message"])
