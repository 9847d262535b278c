"""What one query may ask for: every limit that its reading has, so that work is bounded as a whole and not by its parts.

The unit is one look at each row: a test of a field, a term in a field, a key to sort by. Storefronts send up to a dozen.
A field that other tables are asked for costs several.
None of the limits is the original's, which publishes none (all inferred).
"""

from __future__ import annotations

from entrepot.kernel.errors import InvalidQueryError

MOST_LOOKS = 50
MOST_VALUES = 1000
"""Values of all filters, each counted for every field that it is compared with; `ID=a|b|c` is one look and three values."""
MOST_PAIRS = 200
"""Parts between `&`, whatever they are."""
MOST_BYTES = 16_384
"""Of a query string; twice what URLs may have (FLT-9), and as much within a page key."""
MOST_BYTES_WITH_KEY = 4 * MOST_BYTES
"""Of one that holds a page key, too."""
WILDCARDS_OF_A_LOOK = 5
LOOKS_OF_DEAR_FIELDS = 5

MAX_NAME_LENGTH = 1000
MAX_XP_DEPTH = 50
MAX_VALUE_LENGTH = 8192
MAX_WILDCARDS = 100
"""Of one pattern."""
MAX_SEARCH_LENGTH = 1000


class Budget:
    """What is left of the limits of one query. Spent before the work is done; raises Search.InvalidQuery beyond them."""

    def __init__(self) -> None:
        self._looks = MOST_LOOKS
        self._values = MOST_VALUES

    def look(self, times: int) -> None:
        self._looks -= times
        if self._looks < 0:
            raise InvalidQueryError

    def compare(self, values: int) -> None:
        self._values -= values
        if self._values < 0:
            raise InvalidQueryError


def require_few(names: int) -> None:
    """Before names are looked up of which each may cost a look."""
    if names > MOST_LOOKS:
        raise InvalidQueryError


def require_short(query: bytes, *, has_key: bool = False) -> None:
    """Before a query string is taken apart."""
    most = MOST_BYTES_WITH_KEY if has_key else MOST_BYTES
    if len(query) > most or query.count(b"&") >= MOST_PAIRS:
        raise InvalidQueryError
