"""SQL as text: names in what is put together, numbers only in what is sent."""

from __future__ import annotations

import re
from typing import Self

_PARAMETER = re.compile(r""":(?<![:\w"']:)([a-z_]\w*)""")
"""Neither a cast nor what follows a name in the text of a JSON object. Begins with what few texts have, to be found fast."""
_NUMBER = re.compile(r"\$\d")


class Sql(str):
    """A statement, or a piece of one, whose parameters have names: `:marketplace_id`.

    Pieces are put together as texts and take aliases and expressions, never numbers; whoever sends the whole gives the
    names their numbers, once. Raises ValueError for a text that has numbers of its own.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if _NUMBER.search(text):
            raise ValueError(f"numbers in the place of names: {text}")
        return super().__new__(cls, text)

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters in the order in which they come first."""
        return tuple(dict.fromkeys(_PARAMETER.findall(self)))

    def bound(self, *names: str) -> str:
        """The statement to be sent, with $1, $2 ... for these names in order; ValueError unless they are its parameters."""
        if {*names} != {*self.names}:
            raise ValueError(f"the parameters are {self.names}, not {names}: {self}")
        return self._numbered({name: number for number, name in enumerate(names, 1)})

    def numbered(self) -> tuple[str, tuple[str, ...]]:
        """The statement to be sent, with numbers as the names come, and these names."""
        numbers: dict[str, int] = {}
        return self._numbered(numbers), tuple(numbers)

    def _numbered(self, numbers: dict[str, int]) -> str:
        return _PARAMETER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", self)
