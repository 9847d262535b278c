"""The two sides of a comparison: one is kept, the other passes by, kind by kind."""

from __future__ import annotations

import hashlib
import struct
import weakref
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from io import SEEK_END
from tempfile import TemporaryFile
from typing import Any, Protocol

import msgspec

from entrepot.engine.wire.json import encode, parse
from entrepot.features.seeding.comparing.clients import Client
from entrepot.features.seeding.comparing.forms import (
    Forms,
    Identity,
    Key,
    implied_by,
    is_implied,
    without_secrets,
    without_zeros,
)
from entrepot.features.seeding.kinds import Kind
from entrepot.kernel.errors import ApiError

Values = dict[str, Any]
CLIENTS = "ApiClients"
CODES = "PromotionCodes"
_DIGEST = 16
_encoder = msgspec.json.Encoder(order="deterministic", decimal_format="number")


class Texts:
    """Texts without line ends in a temporary file that has no name, and goes with this."""

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="entrepot-")  # noqa: SIM115 - it is open as long as this is there
        weakref.finalize(self, self._file.close)

    def add(self, text: bytes) -> int:
        """Where it stands."""
        place = self._file.seek(0, SEEK_END)
        self._file.write(text + b"\n")
        return place

    def at(self, place: int) -> bytes:
        """What `add` has put there."""
        self._file.seek(place)
        return self._file.readline()


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

    @property
    def lacks(self) -> frozenset[str]:
        """Names of kinds of which nobody can know here what there is."""
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
    place: int
    texts: Texts

    @property
    def record(self) -> Values:
        """As it was read."""
        values: Values = parse(self.texts.at(self.place))
        return values


_PACKED = struct.Struct(f"=QQ{_DIGEST}s")
_BETWEEN = "\0"


@dataclass(slots=True)
class Kept:
    """All records of one side; what has been compared is taken away. In memory are a key and a digest of each, packed, and their
    texts in a temporary file: there may be very many.
    """

    forms: Forms
    implied: defaultdict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    clients: list[Client] = field(default_factory=list)
    lacks: frozenset[str] = frozenset()
    coded: set[str] = field(default_factory=set)
    """Promotions whose codes are listed, in lower case: these, and not as many as there shall be."""
    _kinds: dict[str, dict[str, bytes]] = field(default_factory=lambda: defaultdict(dict))
    _texts: Texts = field(default_factory=Texts)

    def add(self, kind: Kind, formed: Formed, line: int = 0) -> bool:
        """Whether it is the first with its key: of assignments the last one counts (ASG-1)."""
        known = self._kinds[kind.name]
        key = _BETWEEN.join(formed.key)
        is_new = key not in known
        if is_new or kind.section == "Assignments":
            known[key] = _PACKED.pack(line, self._texts.add(encode(formed.record)), formed.digest)
        if kind.name == CODES:
            self.coded.add(formed.key[0])
            self.implied[CODES].discard(formed.key[:1])
        for name, implied in implied_by(kind, formed.form):
            if name != CODES or implied[0] not in self.coded:
                self.implied[name].add(implied)
        if kind.name == CLIENTS:
            self.clients.append(client_of(formed))
        return is_new

    def take(self, kind: Kind, key: Key) -> Held | None:
        """A record that is then no more among those that are left."""
        packed = self._kinds[kind.name].pop(_BETWEEN.join(key), None)
        return None if packed is None else self._held(packed)

    def take_same(self, kind: Kind, record: Values) -> bool:
        """Take the record of which another one already is the form, as those that are read from a marketplace are: forming it anew, which
        takes most of the time of a comparison, would make the same.
        """
        known, key = self._kinds[kind.name], _BETWEEN.join(self.forms.key(kind, record, record))
        packed = known.get(key)
        if packed is None:
            return False
        form = without_zeros(kind, without_secrets(kind, record))
        if not packed.endswith(digest_of(form)):
            return False
        del known[key]
        return True

    def has(self, kind: Kind, key: Key) -> bool:
        """Whether a record is left, or comes with others."""
        is_left = _BETWEEN.join(key) in self._kinds[kind.name]
        return is_left or is_implied(key, self.implied.get(kind.name, ()))

    def left(self, kind: Kind) -> Iterator[tuple[Key, Held]]:
        """What nobody has taken, in the order in which it was added."""
        for key, packed in self._kinds[kind.name].items():
            yield tuple(key.split(_BETWEEN)), self._held(packed)

    async def records(self, kind: Kind) -> AsyncIterator[Values]:
        """As a side of its own."""
        for _, held in self.left(kind):
            yield held.record

    def _held(self, packed: bytes) -> Held:
        line, place, digest = _PACKED.unpack(packed)
        return Held(line, digest, place, self._texts)


def formed(forms: Forms, kind: Kind, record: Values) -> Formed:
    """Raises ApiError for what the API would refuse."""
    form = forms.form(kind, record)
    return Formed(forms.key(kind, record, form), record, form, digest_of(without_zeros(kind, form)))


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
