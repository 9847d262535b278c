"""What differs, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from entrepot.domain.differences.values import ABSENT, Difference, path_text
from entrepot.engine.wire.json import dump
from entrepot.features.seeding.comparing.comparing import Compared

Values = dict[str, Any]
LONGEST = 120
"""Characters of a value on a line for people."""
ADDED, REMOVED, CHANGED = "+", "-", "~"


@dataclass(frozen=True, slots=True)
class Printed:
    """Of a readable form: what it is about, and its text."""

    mark: str
    text: str


def difference_lines(found: Compared) -> Iterator[Printed]:
    """`+`: only the second side has it, `-`: only the first one, `~`: with each property that differs."""
    mark = CHANGED if found.found else REMOVED if found.passed_form is None else ADDED
    yield Printed(mark, f"{mark} {title(found)}")
    for each in found.found:
        yield Printed(mark, f"    {change_text(each)}")


def title(found: Compared) -> str:
    """`Products lamp`, `Users acme/bob`."""
    return " ".join((found.kind.name, "/".join(found.identity.values()))).strip()


def change_text(each: Difference) -> str:
    """`Inventory.Enabled: false -> true`."""
    return f"{path_text(each.path)}: {value_text(each.before)} -> {value_text(each.after)}"


def value_text(value: Any) -> str:
    """JSON, shortened; `(none)` for what is not there."""
    text = "(none)" if value is ABSENT else dump(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def difference_value(found: Compared) -> Values:
    """For programs: of what one side only has the record, else what differs. Secrets are in none."""
    only = found.kept_form if found.passed_form is None else found.passed_form
    change = "Changed" if found.found else "Removed" if found.passed_form is None else "Added"
    about: Values = {"Kind": found.kind.name, "ID": found.identity, "Change": change}
    return about | ({"Properties": properties(found.found)} if found.found else {"Record": only})


def properties(found: Iterable[Difference]) -> list[Values]:
    """Path, Before and After; a side that does not have the property has no such name."""
    return [
        {"Path": path_text(each.path)}
        | {
            name: value
            for name, value in (("Before", each.before), ("After", each.after))
            if value is not ABSENT
        }
        for each in found
    ]


def summary(marks: Counter[str]) -> str:
    """`1 added, 2 changed, 1 removed.`"""
    if not marks:
        return "No differences."
    words = ((ADDED, "added"), (CHANGED, "changed"), (REMOVED, "removed"))
    return ", ".join(f"{marks[mark]:,} {word}" for mark, word in words if marks[mark]) + "."
