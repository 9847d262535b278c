"""A file as the wished state: its records, and what they refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from entrepot.declare.registry import Registry
from entrepot.features.seeding.batches import Look
from entrepot.features.seeding.comparing.files import name_of, read_file
from entrepot.features.seeding.comparing.forms import Key
from entrepot.features.seeding.comparing.sides import Formed, Kept
from entrepot.features.seeding.identities import Identities, home, home_of
from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.looks import looks_of
from entrepot.features.seeding.placeholders import MARKETPLACE
from entrepot.features.seeding.problems import Problems
from entrepot.features.seeding.reading import Record
from entrepot.features.seeding.unknown import Unknown

Values = dict[str, Any]
Place = tuple[str, str, str]
"""Table, home and ID, folded."""


class Placed(Protocol):
    """A record of a kind that something is to be done about."""

    @property
    def kind(self) -> Kind: ...

    @property
    def key(self) -> Key: ...

    @property
    def form(self) -> Values: ...


@dataclass(frozen=True, slots=True)
class _Need:
    line: int
    what: str
    look: Look
    value: str


class References:
    """What there will be, and what records of the file refer to."""

    def __init__(self, registry: Registry, marketplace: str) -> None:
        self._registry = registry
        self._marketplace = marketplace.lower()
        self._identities = Identities()
        self._needs: dict[Place, _Need] = {}

    def add(self, kind: Kind, form: Values) -> None:
        """An object that will be there."""
        assert kind.resource is not None
        self._identities.add(kind.table, home_of(kind.resource, form), str(form[kind.id_name]))
        if kind.table == "buyers" and not form["DefaultCatalogID"]:
            # BUY-1: its default catalog comes with it.
            self._identities.add("catalogs", "", str(form["ID"]))

    def take(self, kind: Kind, record: Record, made: Formed) -> None:
        """A record of the file: of what it refers to the first mention is kept."""
        if kind.section == "Objects":
            self.add(kind, made.form)
        for look, where, value in self._looked_up(kind, made.form):
            place = (look.table, where.lower(), value.lower())
            # Most stand above in the file.
            if place not in self._needs and self._identities.find(*place) is None:
                self._needs[place] = _Need(record.line, name_of(kind, record), look, value)

    def check(self, problems: Problems) -> None:
        """A problem for each thing that is nowhere."""
        for (table, where, folded), need in self._needs.items():
            if self._identities.find(table, where, folded) is None:
                under = f" under {where.replace('=', ' ').replace('/', ', ')}" if where else ""
                message = f"there is no {need.look.object_type} {need.value}{under} in the file, nor does one stay in the marketplace"
                problems.add(need.line, need.what, message, need.look.shown)

    def depths(self, steps: Iterable[Placed]) -> dict[tuple[str, Key], int]:
        """How many of the steps' own records stand above each, where records refer to others of their kind."""
        above: dict[tuple[str, Key], Place] = {}
        places: dict[Place, tuple[str, Key]] = {}
        for step in steps:
            form = step.form
            if step.kind.section != "Objects":
                continue
            here = (step.kind.name, step.key)
            for look, where, value in self._looked_up(step.kind, form):
                if look.table == step.kind.table:
                    above[here] = (look.table, where.lower(), value.lower())
            assert step.kind.resource is not None
            resource = step.kind.resource
            object_id = str(form[step.kind.id_name])
            places[step.kind.table, home_of(resource, form).lower(), object_id.lower()] = here
        return {each: _depth(each, above, places) for each in above}

    def _looked_up(self, kind: Kind, form: Values) -> Iterator[tuple[Look, str, str]]:
        for look in looks_of(kind, self._registry):
            value = form.get(look.shown)
            if not isinstance(value, str) or not value or self._is_owner(look, value):
                continue
            yield look, home((column, form.get(column)) for column in look.home), value

    def _is_owner(self, look: Look, value: str) -> bool:
        return look.owner and (value == MARKETPLACE or value.lower() == self._marketplace)


@dataclass(frozen=True, slots=True)
class Wished:
    """named: the kinds that the file names, be it with no records."""

    kept: Kept
    named: frozenset[str]
    references: References
    unknown: Unknown


def read_wished(
    registry: Registry,
    path: Path,
    marketplace: str,
    problems: Problems,
    advance: Callable[[int], None] = lambda _: None,
) -> Wished:
    """What a file wishes of a marketplace. Adds problems; raises SeedRefusedError and OSError."""
    references = References(registry, marketplace)
    records = read_file(registry, path, problems, marketplace, advance=advance, look=references.take)
    return Wished(records.kept, records.named, references, records.unknown)


def _depth(
    start: tuple[str, Key], above: dict[tuple[str, Key], Place], places: dict[Place, tuple[str, Key]]
) -> int:
    """A loop ends where it began: the API's own rule refuses it."""
    depth, here = 0, start
    seen = {here}
    while here in above:
        upper = places.get(above[here])
        if upper is None or upper in seen:
            break
        seen.add(upper)
        here, depth = upper, depth + 1
    return depth
