"""The two sides of a comparison: one is kept, the other passes by, kind by kind."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from entrepot.engine.wire.json import encode, parse
from entrepot.features.seeding.comparing.clients import Client
from entrepot.features.seeding.comparing.forms import Forms, Identity, Key, implied_by
from entrepot.features.seeding.kinds import Kind
from entrepot.kernel.errors import ApiError

Values = dict[str, Any]
CLIENTS = "ApiClients"
_DIGEST = 16
_encoder = msgspec.json.Encoder(order="deterministic", decimal_format="number")


class Side(Protocol):
    """Where records come from."""

    @property
    def forms(self) -> Forms:
        """How its records are read."""
        ...

    @property
    def implied(self) -> Mapping[str, set[Key]]:
        """By the name of a kind, records that come with others (forms.implied_by)."""
        ...

    def records(self, kind: Kind) -> AsyncIterator[Values]:
        """Those of a kind; more than once, if asked."""
        ...


@dataclass(frozen=True, slots=True)
class Formed:
    """A record with what it is compared by."""

    key: Key
    record: Values
    form: Values
    digest: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """A kept record: its text, and the digest of its form, by which most are equal. line: of a file, 0 for none."""

    line: int
    digest: bytes
    text: bytes

    @property
    def record(self) -> Values:
        """As it was read."""
        values: Values = parse(self.text)
        return values


@dataclass(slots=True)
class Kept:
    """All records of one side, some hundred bytes for each; what has been compared is taken away."""

    forms: Forms
    kinds: dict[str, dict[Key, Held]] = field(default_factory=lambda: defaultdict(dict))
    implied: Mapping[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    clients: list[Client] = field(default_factory=list)

    def add(self, kind: Kind, formed: Formed, line: int = 0) -> bool:
        """Whether it is the first with its key: of assignments the last one counts (ASG-1)."""
        held = Held(line, formed.digest, bytes(encode(formed.record)))
        known = self.kinds[kind.name]
        is_new = formed.key not in known
        if is_new or kind.section == "Assignments":
            known[formed.key] = held
        for name, key in implied_by(kind, formed.form):
            self.implied[name].add(key)
        if kind.name == CLIENTS:
            self.clients.append(client_of(formed))
        return is_new

    def take(self, kind: Kind, key: Key) -> Held | None:
        """A record that is then no more among those that are left."""
        return self.kinds[kind.name].pop(key, None)

    def left(self, kind: Kind) -> Iterator[tuple[Key, Held]]:
        """What nobody has taken, in the order in which it was added."""
        yield from self.kinds[kind.name].items()

    async def records(self, kind: Kind) -> AsyncIterator[Values]:
        """As a side of its own."""
        for held in list(self.kinds[kind.name].values()):
            yield held.record


def formed(forms: Forms, kind: Kind, record: Values) -> Formed:
    """Raises ApiError for what the API would refuse."""
    form = forms.form(kind, record)
    return Formed(forms.key(kind, record, form), record, form, digest_of(form))


def digest_of(form: Values) -> bytes:
    """The same for equal forms, whatever the order of properties."""
    return hashlib.blake2b(_encoder.encode(form), digest_size=_DIGEST).digest()


def client_of(made: Formed) -> Client:
    """An API client as it is paired with those of the other side."""
    about = {name: value for name, value in made.form.items() if name != "ID"}
    return Client(str(made.form.get("AppName") or ""), digest_of(about), str(made.form["ID"]))


async def kept(side: Side, kinds: tuple[Kind, ...]) -> Kept:
    """All of a side. Raises UnreadableRecordError."""
    keeping = Kept(side.forms)
    for kind in kinds:
        async for record in side.records(kind):
            keeping.add(kind, readable(side.forms, kind, record))
    return keeping


class UnreadableRecordError(Exception):
    """A record of a marketplace that this version cannot read."""


def readable(forms: Forms, kind: Kind, record: Values) -> Formed:
    """A record of a marketplace. Raises UnreadableRecordError."""
    try:
        return formed(forms, kind, record)
    except ApiError as error:
        told = "; ".join(item.message for item in error.items())
        raise UnreadableRecordError(f"{kind.name} {record.get('ID') or ''}: {told}") from error


__all__ = ["CLIENTS", "Formed", "Held", "Identity", "Kept", "Side", "client_of", "formed", "kept", "readable"]
