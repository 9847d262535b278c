"""Templates of mail: Entrepot's own, and before them those of a directory, per marketplace and locale."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import Any

from jinja2 import ChainableUndefined, FileSystemLoader, Template
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from entrepot.features.people.mail.filters import date, link, money

OWN = Path(__file__).parent / "templates"
WORDING = "wording.toml"
LONGEST_RANGE = 1_000
_MARKETPLACE = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LOCALE = re.compile(r"([A-Za-z]{2,8})(?:[-_][A-Za-z0-9]{1,8}){0,3}")


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates reach nothing but what they are given, and make nothing huge of it."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic alone: a text times a thousand million is a text, too."""
        if operator == "**" or not all(
            isinstance(each, int | float) or _is_decimal(each) for each in (left, right)
        ):
            raise SecurityError(f"{operator} is for numbers")
        return super().call_binop(context, operator, left, right)


def _is_decimal(value: Any) -> bool:
    return type(value).__name__ == "Decimal"


@dataclass(frozen=True, slots=True)
class Scope:
    """Directories in which a template is looked for, the first one that has it counting."""

    places: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path | None, marketplace: str, locale: str) -> Scope:
        """folder/MARKETPLACE/LOCALE, folder/MARKETPLACE, folder/LOCALE, folder, then our own; of locale de-AT also de. Looks at
        the disk.
        """
        if folder is None:
            return cls((OWN,))
        names = tuple(_locales(locale))
        shops = (marketplace,) if _MARKETPLACE.fullmatch(marketplace) else ()
        sought = (
            *(folder / shop / name for shop in shops for name in names),
            *(folder / shop for shop in shops),
        )
        sought = (*sought, *(folder / name for name in names), folder)
        return cls((*(place for place in sought if place.is_dir()), OWN))

    def template(self, *names: str) -> Template:
        """The first of the names that any place has. Raises jinja2.TemplateError."""
        return environment(self.places).select_template(names)

    def wording(self) -> dict[str, dict[str, Any]]:
        """Table -> texts; those of earlier places go before those of later ones. Raises OSError, ValueError."""
        merged: dict[str, dict[str, Any]] = {}
        for place in reversed(self.places):
            for table, texts in _tables(place / WORDING).items():
                merged.setdefault(table, {}).update(texts)
        return merged

    def sentence(self, text: str) -> Template:
        """A text of the wording, plain. Raises jinja2.TemplateError."""
        return _sentence(self.places, text)


def _tables(file: Path) -> Mapping[str, dict[str, Any]]:
    """Of a file of wording as it is now, not to be changed; none of one that is not there."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return {}
    return _read(file, found.st_mtime_ns, found.st_size) if S_ISREG(found.st_mode) else {}


@lru_cache(maxsize=64)
def _read(file: Path, _changed: int, _size: int) -> Mapping[str, dict[str, Any]]:
    """Reading a file takes more than the rest of a message does."""
    tables = tomllib.loads(file.read_text("utf-8"))
    return {name: texts for name, texts in tables.items() if isinstance(texts, dict)}


@lru_cache(maxsize=256)
def _sentence(places: tuple[Path, ...], text: str) -> Template:
    """Compiled once: half of what a message took."""
    return environment(places).from_string(text)


@lru_cache(maxsize=64)
def environment(places: tuple[Path, ...]) -> Sandbox:
    """That of templates in these places; it sees changes of the files."""
    found = Sandbox(
        loader=FileSystemLoader(places),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=ChainableUndefined,
        finalize=lambda value: "" if value is None else value,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=100,
    )
    found.globals = {"range": _short_range}
    found.filters |= {"money": money, "date": date, "link": link}
    return found


def _short_range(*bounds: int) -> range:
    found = range(*bounds)
    if len(found) > LONGEST_RANGE:
        raise SecurityError(f"a range has at most {LONGEST_RANGE} numbers")
    return found


def _locales(locale: str) -> Iterator[str]:
    found = _LOCALE.fullmatch(locale)
    if found is not None:
        yield locale
        if found[1] != locale:
            yield found[1]
