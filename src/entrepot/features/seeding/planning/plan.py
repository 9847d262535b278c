"""What has to be done so that a marketplace is what a file says."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from entrepot.declare.registry import Registry
from entrepot.domain.differences.values import Difference
from entrepot.features.seeding.comparing.comparing import Compared, Comparison
from entrepot.features.seeding.comparing.forms import Identity, Key
from entrepot.features.seeding.comparing.sides import Formed, Held, Side
from entrepot.features.seeding.kinds import Kind, kinds_of
from entrepot.features.seeding.planning.wished import References, Wished
from entrepot.features.seeding.planning.writes import Writes, writes_of
from entrepot.features.seeding.problems import Problems
from entrepot.features.seeding.unknown import Unknown

Values = dict[str, Any]


class Action(enum.StrEnum):
    """What becomes of a record."""

    CREATE = "Create"
    CHANGE = "Change"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class Step:
    """One record. wished: as the file has it, None to delete; current: as the marketplace has it, secrets and all, with the file's IDs of
    API clients; the forms are without secrets. found: what becomes another, from what is to what is wished.
    """

    kind: Kind
    action: Action
    key: Key
    identity: Identity
    wished: Held | None = None
    wished_form: Values | None = None
    current: Values | None = None
    current_form: Values | None = None
    found: tuple[Difference, ...] = ()
    depth: int = 0
    """How many of the plan's own records of the kind stand above it."""

    @property
    def form(self) -> Values:
        """As it is wished; where it goes, as it is."""
        return self.wished_form or self.current_form or {}


class Left(enum.StrEnum):
    """Why a record stays that is not in the file."""

    UNNAMED = "the file says nothing of the kind"
    KEPT = "--prune deletes what is not in the file"
    BOUND = "they go with others only"


@dataclass(frozen=True, slots=True)
class Extra:
    """A record that is not in the file, and stays."""

    kind: Kind
    identity: Identity
    why: Left


@dataclass(slots=True)
class Plan:
    """steps: in the order of kinds, those that delete last and in reverse. clients: the marketplace's IDs of API clients, by those of
    the file in lower case. coded: promotions whose codes the file lists, in lower case.
    """

    steps: list[Step] = field(default_factory=list)
    extra: list[Extra] = field(default_factory=list)
    clients: Mapping[str, str] = field(default_factory=dict)
    coded: frozenset[str] = frozenset()
    unknown: Unknown = field(default_factory=Unknown)

    def __bool__(self) -> bool:
        return bool(self.steps)

    def count(self, action: Action) -> int:
        """Steps of one sort."""
        return sum(step.action is action for step in self.steps)


async def make_plan(
    registry: Registry, wished: Wished, side: Side, problems: Problems, *, prune: bool
) -> Plan:
    """`wished` is used up. prune: whether records go that the file does not have, of the kinds that it names. Adds a problem for each
    reference to what is neither in the file nor stays in the marketplace.
    """
    kinds = kinds_of(registry)
    pruned = wished.named if prune else frozenset[str]()
    writes = {kind.name: writes_of(kind, registry) for kind in kinds}
    references = wished.references

    def passes(kind: Kind, made: Formed) -> None:
        goes = kind.name in pruned and writes[kind.name].deletes and not wished.kept.has(kind, made.key)
        if kind.section == "Objects" and not goes:
            references.add(kind, made.form)

    comparison = Comparison(wished.kept, side, kinds, passes)
    changes: list[Step] = []
    deletes: list[Step] = []
    extra: list[Extra] = []
    async for each in comparison.run():
        step = _step(each)
        if step.action is not Action.DELETE:
            changes += [] if _is_done(step, writes[each.kind.name]) else [step]
        elif each.kind.name not in wished.named:
            extra.append(Extra(each.kind, each.identity, Left.UNNAMED))
        elif writes[each.kind.name].delete(each.passed or {}) is None:
            extra.append(Extra(each.kind, each.identity, Left.BOUND))
        elif each.kind.name in pruned:
            deletes.append(step)
        else:
            extra.append(Extra(each.kind, each.identity, Left.KEPT))
    references.check(problems)
    doing = [*_parents_first(changes, references), *reversed(_parents_first(deletes, references))]
    return Plan(doing, extra, comparison.ids, frozenset(wished.kept.coded), wished.unknown)


def _step(each: Compared) -> Step:
    action = Action.DELETE if each.kept is None else Action.CHANGE if each.found else Action.CREATE
    found = tuple(Difference(one.path, one.after, one.before) for one in each.found)
    return Step(
        each.kind,
        action,
        each.key,
        each.identity,
        each.kept,
        each.kept_form,
        each.passed,
        each.passed_form,
        found,
    )


def _is_done(step: Step, writes: Writes) -> bool:
    """Whether nothing can be done about it: a product cannot lose its variants but with the options that make them."""
    return step.action is Action.CHANGE and (
        writes.change is None or all(one.path == ("VariantCount",) and not one.after for one in step.found)
    )


def _parents_first(steps: Iterable[Step], references: References) -> list[Step]:
    """In the order of kinds; those that create come before those that change, and after what they stand below."""
    found = list(steps)
    depths = references.depths(found)
    placed = [replace(step, depth=depths.get((step.kind.name, step.key), 0)) for step in found]
    order = {kind: place for place, kind in enumerate(dict.fromkeys(step.kind.name for step in found))}
    return sorted(placed, key=lambda step: (order[step.kind.name], step.action is Action.CHANGE, step.depth))
