"""Comparing two sides record by record: one is kept, the other one passes by."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.domain.differences.values import Difference, differences
from entrepot.features.seeding.comparing.clients import pairs, with_clients
from entrepot.features.seeding.comparing.forms import Identity, Key, is_implied, is_told
from entrepot.features.seeding.comparing.sides import (
    CLIENTS,
    Formed,
    Held,
    Kept,
    Side,
    client_of,
    formed,
    readable,
)
from entrepot.features.seeding.kinds import Kind

Values = dict[str, Any]
NOBODY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Compared:
    """A record that is not the same on both sides. kept: as it stands on the one that is kept; passed: on the other. Both have the
    kept side's IDs of API clients.

    found: what leads from `kept` to `passed`, where both have it.
    """

    kind: Kind
    key: Key
    identity: Identity
    kept: Held | None
    kept_form: Values | None
    passed: Values | None
    passed_form: Values | None
    found: tuple[Difference, ...] = ()


class Comparison:
    """Of a side that is kept, and is used up, with another one."""

    def __init__(
        self,
        kept: Kept,
        other: Side,
        kinds: tuple[Kind, ...],
        passes: Callable[[Kind, Formed], None] = lambda _kind, _formed: None,
    ) -> None:
        """`passes` is told of each record of the other side that is not seen at once to be as the kept one has it."""
        self._kept = kept
        self._other = other
        lacks = kept.lacks | other.lacks
        self._kinds = tuple(kind for kind in kinds if kind.name not in lacks)
        self._passes = passes
        self.clients: Mapping[str, str] = NOBODY
        """IDs of API clients of the other side in lower case -> those of the kept one."""
        self.ids: Mapping[str, str] = NOBODY
        """The other way round."""

    async def run(self) -> AsyncIterator[Compared]:
        """What differs, in the order of kinds: of each what passes by, then what only the kept side has."""
        clients = [kind for kind in self._kinds if kind.name == CLIENTS]
        passing = [
            client_of(readable(self._other.forms, kind, record))
            for kind in clients
            async for record in self._other.records(kind)
        ]
        self.clients = pairs(self._kept.clients, passing)
        self.ids = {
            self.clients[each.id.lower()].lower(): each.id
            for each in passing
            if each.id.lower() in self.clients
        }
        for kind in self._kinds:
            async for record in self._other.records(kind):
                told = with_clients(kind, record, self.clients)
                if self._kept.take_same(kind, told):
                    continue
                found = self._compare(kind, readable(self._other.forms, kind, told))
                if found is not None:
                    yield found
            for found in self._left(kind):
                yield found

    def _compare(self, kind: Kind, here: Formed) -> Compared | None:
        self._passes(kind, here)
        held = self._kept.take(kind, here.key)
        if held is None:
            if is_implied(here.key, self._kept.implied.get(kind.name, ())):
                return None
            return self._compared(kind, here.key, here.form, None, None, here)
        if held.digest == here.digest:
            return None
        there = formed(self._kept.forms, kind, held.record)
        found = tuple(each for each in differences(there.form, here.form) if is_told(kind, each))
        return self._compared(kind, here.key, there.form, held, there, here, found) if found else None

    def _left(self, kind: Kind) -> Iterator[Compared]:
        for key, held in self._kept.left(kind):
            if not is_implied(key, self._other.implied.get(kind.name, ())):
                there = formed(self._kept.forms, kind, held.record)
                yield self._compared(kind, key, there.form, held, there, None)

    def _compared(
        self,
        kind: Kind,
        key: Key,
        form: Values,
        held: Held | None,
        there: Formed | None,
        here: Formed | None,
        found: tuple[Difference, ...] = (),
    ) -> Compared:
        return Compared(
            kind,
            key,
            self._kept.forms.identity(kind, form),
            held,
            None if there is None else there.form,
            None if here is None else here.record,
            None if here is None else here.form,
            found,
        )
