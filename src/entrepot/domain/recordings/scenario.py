"""Recorded requests as steps that can be taken again, elsewhere: what answers have made is a variable where later requests have it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from entrepot.domain.recordings.masking import MASK

Path = tuple[str | int, ...]
MOST_IDS = 200
"""Of one answer: a page may hold a hundred items."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A request and its answer, masked. path: with `/v1` and as it was sent, percent-encoded. form: of a body that is a form. token: the
    label of the token it was sent with, "" for none; gives: that of the one it was answered with. cut: bodies too long to be kept.
    """

    at: str
    operation: str
    method: str
    path: str
    query: str
    status: int
    milliseconds: float
    body: Any = None
    form: Mapping[str, str] | None = None
    has_body: bool = False
    answer: Any = None
    has_answer: bool = False
    token: str = ""
    gives: str = ""
    cut: bool = False


@dataclass(slots=True)
class Step:
    """A request with `{{name}}` for variables. keeps: variables that its answer gives, and where."""

    entry: Entry
    path: str
    query: str
    body: Any
    form: dict[str, str] | None
    token: str
    keeps: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """given: variables that whoever takes the steps has to know, with what was recorded; "" for a secret."""

    steps: tuple[Step, ...]
    given: Mapping[str, str]


@dataclass(slots=True)
class _Made:
    name: str
    step: Step
    path: Path
    is_used: bool = False


def scenario(entries: Sequence[Entry]) -> Scenario:
    """Pure, and the same for the same entries."""
    return _Building().run(entries)


class _Building:
    def __init__(self) -> None:
        self._literals: set[str] = set()
        self._made: dict[str, _Made] = {}
        self._tokens: dict[str, _Made] = {}
        self._given: dict[str, str] = {}
        self._names: set[str] = set()

    def run(self, entries: Sequence[Entry]) -> Scenario:
        steps = []
        for entry in entries:
            step = self._step(entry)
            self._look(entry, step)
            steps.append(step)
        for made in (*self._made.values(), *self._tokens.values()):
            if made.is_used:
                made.step.keeps[made.name] = made.path
        return Scenario(tuple(steps), dict(self._given))

    def _step(self, entry: Entry) -> Step:
        """The request, with what earlier answers have made as variables."""
        path = "/".join(
            self._secret("code")
            if unquote(part) == MASK
            else self._text(unquote(part), quote(unquote(part), safe="~:@!$&'()*+,;="))
            for part in entry.path.split("/")
        )
        query = "&".join(self._parameter(part) for part in entry.query.split("&") if part)
        body = self._value(entry.body, "") if entry.has_body else None
        form = None if entry.form is None else {n: self._field(n, v, entry) for n, v in entry.form.items()}
        step = Step(entry, path, query, body, form, self._bearer(entry.token))
        if entry.gives:
            self._tokens.setdefault(entry.gives, _Made(self._name("access_token"), step, ("access_token",)))
        return step

    def _look(self, entry: Entry, step: Step) -> None:
        """The IDs that an answer has made: those that nobody has sent before."""
        if 200 <= entry.status < 300 and entry.has_answer:
            for path, name, value in _ids(entry.answer):
                if value not in self._literals and value not in self._made:
                    called = name if name != "ID" or not entry.operation else f"{_thing(entry.operation)}_ID"
                    self._made[value] = _Made(self._name(called), step, path)

    def _bearer(self, label: str) -> str:
        if not label:
            return ""
        made = self._tokens.get(label)
        if made is None:
            # One that was there before: whoever takes the steps has to bring another.
            name = self._name("token")
            self._given[name] = ""
            made = self._tokens[label] = _Made(name, Step(_NOBODY, "", "", None, None, ""), ())
        elif made.path:
            made.is_used = True
        return f"{{{{{made.name}}}}}"

    def _parameter(self, part: str) -> str:
        name, equals, value = part.partition("=")
        if not equals:
            return part
        plain = unquote_plus(value)
        return f"{name}={self._secret(name) if plain == MASK else self._text(plain, value)}"

    def _field(self, name: str, value: str, entry: Entry) -> str:
        if value == MASK and 400 <= entry.status < 500:
            # What was refused is not what opens: with that the login would succeed when it is sent again.
            return self._known(f"refused_{name}", "refused")
        if value == MASK:
            return self._secret(name, (entry.form or {}).get("username", ""))
        if name in ("client_id", "username"):
            return self._known(name, value)
        return self._text(value, value)

    def _value(self, value: Any, name: str, owner: str = "") -> Any:
        if isinstance(value, dict):
            whose = str(value.get("Username") or value.get("ID") or "")
            return {key: self._value(inner, key, whose) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner, name, owner) for inner in value]
        if value == MASK and name:
            return self._secret(name, owner)
        return self._text(value, value) if isinstance(value, str) else value

    def _text(self, value: str, otherwise: str) -> str:
        made = self._made.get(value)
        if made is None:
            self._literals.add(value)
            return otherwise
        made.is_used = True
        return f"{{{{{made.name}}}}}"

    def _known(self, name: str, value: str) -> str:
        """A variable with what was recorded as its value."""
        for known, recorded in self._given.items():
            if recorded == value and re.fullmatch(rf"{name}(_\d+)?", known):
                return f"{{{{{known}}}}}"
        known = self._name(name)
        self._given[known] = value
        return f"{{{{{known}}}}}"

    def _secret(self, name: str, owner: str = "") -> str:
        variable = _snake(f"{name}_{owner}" if owner else name)
        self._given.setdefault(variable, "")
        self._names.add(variable)
        return f"{{{{{variable}}}}}"

    def _name(self, wanted: str) -> str:
        name, number = _snake(wanted), 1
        while name in self._names:
            number += 1
            name = f"{_snake(wanted)}_{number}"
        self._names.add(name)
        return name


_NOBODY = Entry("", "", "", "", "", 0, 0)


def _ids(value: Any) -> Iterator[tuple[Path, str, str]]:
    """Path, a name, and the text of each ID in an answer, the outermost first."""
    due: list[tuple[Path, str, Any]] = [((), "", value)]
    count = 0
    while due and count < MOST_IDS:
        path, name, here = due.pop(0)
        if isinstance(here, dict):
            for key, inner in here.items():
                if isinstance(inner, str) and inner and inner != MASK and key.lower().endswith("id"):
                    count += 1
                    yield (*path, key), (f"{name}_{key}" if key == "ID" and name else key), inner
                elif isinstance(inner, dict | list):
                    due.append(((*path, key), key, inner))
        elif isinstance(here, list):
            due += [((*path, place), name, inner) for place, inner in enumerate(here)]


def _thing(operation: str) -> str:
    """`LineItems.Create` -> `LineItem`."""
    return operation.partition(".")[0].removesuffix("s")


def _snake(text: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") or "value"
    return f"v_{name}" if name[0].isdigit() else name


def entry_values(entry: Entry) -> dict[str, Any]:
    """As it is kept, in JSON."""
    return {name: getattr(entry, name) for name in Entry.__slots__}


def read_entry(text: str) -> Entry:
    """Of a JSON text of `entry_values`."""
    return Entry(**json.loads(text))
