"""Plans for people and for programs. Secrets are in neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from entrepot.features.seeding.comparing.texts import Printed, change_text, properties
from entrepot.features.seeding.planning.plan import Action, Extra, Plan, Step

Values = dict[str, Any]
MARKS = {Action.CREATE: "+", Action.CHANGE: "~", Action.DELETE: "-"}
EXTRA = "?"


def plan_lines(plan: Plan, *, details: bool = False) -> Iterator[Printed]:
    """`+` is created, `~` changed, property by property, `-` deleted; `?` stays, though it is not in the file: how many of each kind, and
    with `details` which.
    """
    for step in plan.steps:
        mark = MARKS[step.action]
        yield Printed(mark, f"{mark} {title(step)}")
        for each in step.found:
            yield Printed(mark, f"    {change_text(each)}")
    for (kind, why), count in Counter((each.kind, each.why) for each in plan.extra).items():
        yield Printed(EXTRA, f"{EXTRA} {kind.name}: {count:,} more in the marketplace; {why}")
        if details:
            found = (each for each in plan.extra if (each.kind, each.why) == (kind, why))
            yield from (Printed(EXTRA, f"    {title(each)}") for each in found)


def title(step: Step | Extra) -> str:
    """`Products lamp`, `Users acme/bob`."""
    return " ".join((step.kind.name, "/".join(step.identity.values()))).strip()


def summary(plan: Plan, *, done: bool = False) -> str:
    """`1 to create, 2 to change, 0 to delete; 3 are not in the file.`"""
    words = ("created", "changed", "deleted") if done else ("to create", "to change", "to delete")
    counts = [f"{plan.count(action):,} {word}" for action, word in zip(Action, words, strict=True)]
    told = ", ".join(counts) if plan else "Nothing to do"
    left = f"; {len(plan.extra):,} not in the file" if plan.extra else ""
    return f"{told}{left}."


def plan_value(plan: Plan, marketplace: str) -> Values:
    """For programs."""
    return {
        "Marketplace": marketplace,
        "Create": plan.count(Action.CREATE),
        "Change": plan.count(Action.CHANGE),
        "Delete": plan.count(Action.DELETE),
        "Steps": [_value(step) for step in plan.steps],
        "NotInFile": [{"Kind": each.kind.name, "ID": each.identity} for each in plan.extra],
    }


def _value(step: Step) -> Values:
    about: Values = {"Action": step.action, "Kind": step.kind.name, "ID": step.identity}
    match step.action:
        case Action.CREATE:
            about["Record"] = step.wished_form
        case Action.CHANGE:
            about["Properties"] = properties(step.found)
    return about
