"""What is chosen about a product on a line: its specs with options or texts (LI-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from entrepot.domain.orders.prices import Markup
from entrepot.domain.pricing.markups import PriceMarkupType
from entrepot.kernel.errors import (
    SpecOptionNotFoundError,
    SpecSelectionError,
    SpecValueError,
    SpecValuesMissingError,
)


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a spec. `number` stands for it in variants."""

    id: str
    value: str
    number: int
    is_open_text: bool = False
    markup_type: str | None = None
    markup: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A spec of a product, with the defaults that hold for it (SPC-4)."""

    id: str
    name: str
    required: bool = False
    allows_text: bool = False
    defines_variant: bool = False
    default_value: str | None = None
    default_option: str | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    """By lower-case ID."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The specs of a line as the wire shows them, what they add to its price, and the options that pick its variant."""

    specs: list[dict[str, Any]]
    markups: tuple[Markup, ...]
    variant: frozenset[int]


def choose(specs: Sequence[Spec], wanted: Sequence[Mapping[str, Any]]) -> Choices:
    """The choices that a line's `Specs` mean; what it leaves open takes the defaults.

    Specs that the product does not have are left out (inferred). Raises Spec.OptionNotFound, RequiresSelection,
    RequiresValue and OneOrMoreRequiresValue, whose Data lists the specs.
    """
    by_id = {str(each["SpecID"]).lower(): each for each in wanted}
    shown, markups, numbers = [], [], set()
    missing = []
    for spec in specs:
        entry = by_id.get(spec.id.lower())
        chosen = _default(spec) if entry is None else _chosen(spec, entry)
        if chosen is None:
            if spec.required:
                missing.append(spec)
            continue
        option, value = chosen
        shown.append(_wire(spec, option, value))
        if option is None:
            continue
        if option.markup_type is not None and option.markup is not None:
            markups.append(Markup(PriceMarkupType(option.markup_type), option.markup))
        if spec.defines_variant:
            numbers.add(option.number)
    if missing:
        raise SpecValuesMissingError([{"ID": spec.id, "Name": spec.name} for spec in missing])
    return Choices(shown, tuple(markups), frozenset(numbers))


Chosen = tuple[Option | None, str | None]


def _chosen(spec: Spec, entry: Mapping[str, Any]) -> Chosen | None:
    option_id, value = entry.get("OptionID"), entry.get("Value") or None
    if option_id:
        option = spec.options.get(str(option_id).lower())
        if option is None:
            raise SpecOptionNotFoundError({"SpecID": spec.id, "OptionID": option_id})
        if option.is_open_text:
            if value is None:
                raise SpecValueError({"SpecID": spec.id, "OptionID": option.id})
            return option, value
        return option, option.value
    if spec.allows_text:
        if value is not None:
            return None, value
        if spec.options:
            return _default(spec)
        found = _default(spec)
        if found is None and spec.required:
            raise SpecValueError({"SpecID": spec.id})
        return found
    if value is not None and spec.options:
        raise SpecSelectionError({"SpecID": spec.id})
    return _default(spec) if value is None else (None, value)


def _default(spec: Spec) -> Chosen | None:
    if spec.default_option:
        option = spec.options.get(spec.default_option.lower())
        if option is not None:
            return option, spec.default_value if option.is_open_text else option.value
    return (None, spec.default_value) if spec.default_value else None


def _wire(spec: Spec, option: Option | None, value: str | None) -> dict[str, Any]:
    return {
        "SpecID": spec.id,
        "Name": spec.name,
        "OptionID": None if option is None else option.id,
        "Value": value,
        "PriceMarkupType": None if option is None else option.markup_type,
        "PriceMarkup": None if option is None else option.markup,
    }
