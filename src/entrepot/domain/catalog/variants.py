"""Variants: one for each combination of the options of a product's specs (VAR-1 to VAR-4)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, product

from entrepot.kernel.ids import MAX_ID_LENGTH

MAX_VARIANTS = 1500
MAX_NAME = 100


class TooManyVariantsError(Exception):
    """The options make more than MAX_VARIANTS combinations (VAR-2)."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a spec that defines variants. `number` stands for it in combinations: an ID may change."""

    number: int
    id: str
    value: str


Combination = frozenset[int]
"""The numbers of the options of a variant."""


@dataclass(frozen=True, slots=True)
class NewVariant:
    """A variant to be made; `options` in the order of the specs."""

    id: str
    name: str
    options: tuple[int, ...]


def missing_variants(
    product_id: str,
    specs: Sequence[Sequence[Option]],
    *,
    existing: Collection[Combination] = (),
    taken: Collection[str] = (),
) -> list[NewVariant]:
    """The variants that a product lacks, in the order of its specs and their options (VAR-4).

    specs: the options of each spec, both in their order (SPC-5); none, or one without options, makes no combination.
    existing: the combinations that have a variant, whatever its ID. taken: the IDs in use.

    An ID is the product's and the options' joined by hyphens, a name the product ID and the options' values joined by
    spaces (VAR-3), cut to the length of a name. Where the ID is taken a number follows it, and a long one is cut to
    the length of an ID. Raises TooManyVariantsError, whatever exists already.
    """
    if not specs:
        return []
    if math.prod(len(options) for options in specs) > MAX_VARIANTS:
        raise TooManyVariantsError
    ids = _FreeIds(taken)
    made = []
    for options in product(*specs):
        numbers = tuple(option.number for option in options)
        if frozenset(numbers) not in existing:
            wanted = "-".join([product_id, *(option.id for option in options)]).replace(" ", "-")
            name = " ".join([product_id, *(option.value for option in options)])[:MAX_NAME].rstrip()
            made.append(NewVariant(ids.take(wanted), name, numbers))
    return made


class _FreeIds:
    """IDs that are not in use; they differ in more than case (ID-4)."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._used = {each.lower() for each in taken}
        self._numbers: dict[str, Iterator[int]] = {}

    def take(self, wanted: str) -> str:
        """The ID, or the ID with the lowest number from 2 on that makes it free."""
        free = wanted[:MAX_ID_LENGTH]
        numbers = self._numbers.setdefault(free.lower(), count(2))
        while free.lower() in self._used:
            suffix = f"-{next(numbers)}"
            free = wanted[: MAX_ID_LENGTH - len(suffix)] + suffix
        self._used.add(free.lower())
        return free
