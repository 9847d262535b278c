"""The raw query string as pairs of name and value (grammar of section 7, FLT-7)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from entrepot.domain.listing.budget import require_short

QueryPair = tuple[str, str]


def split_query(query: bytes) -> list[QueryPair]:
    """Splits at `&` first and decodes then; `+` is a space and bytes that are no UTF-8 become U+FFFD."""
    return [_split_pair(pair) for pair in query.split(b"&") if pair]


def _split_pair(pair: bytes) -> QueryPair:
    encoded_name, equals, encoded_value = pair.partition(b"=")
    name, value = _decode(encoded_name), _decode(encoded_value)
    if not equals:
        return _split_at_sign(name)
    if name[-1:] in {">", "<", "!"}:
        # Total>=100 reads as the client meant it: the name lends its last character to the value.
        return name[:-1], f"{name[-1]}={value}"
    return name, value


def _split_at_sign(text: str) -> QueryPair:
    """`Order.DateSubmitted>1/1/2022`, which holds no `=`."""
    position = next((index for index, character in enumerate(text) if character in "<>"), len(text))
    return text[:position], text[position:]


def _decode(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The pairs of a list request, told apart: list options and filters. Operation parameters are left out."""

    options: dict[str, list[str]]
    filters: list[QueryPair]

    def first(self, option: str) -> str | None:
        """The first value of an option that is not empty (LIST-1)."""
        return next((value for value in self.options.get(option, ()) if value), None)

    def names(self, option: str) -> list[str]:
        """The comma-delimited names of an option, of all its repetitions (SRCH-5)."""
        joined = ",".join(self.options.get(option, ()))
        return [name.strip() for name in joined.split(",") if name.strip()]


OPTIONS = frozenset({"search", "searchon", "searchtype", "sortby", "page", "pagesize", "pagekey", "filters"})
DEPTH = "depth"
"""Clients that read every list in one way send it to each: no filter, even where no operation declares it (FLT-2)."""
NAMED_AS_ARRAY = "[]"
"""What clients write after the name of a repeated parameter: `searchOn[]=Name`."""


def option_name(name: str) -> str:
    """The name by which an option or a parameter is known: lower case, without the sign of an array."""
    return name.lower().removesuffix(NAMED_AS_ARRAY)


def sort_pairs(pairs: list[QueryPair], parameters: frozenset[str]) -> ListQuery:
    """Tells options, the operation's `parameters` (lower case) and filters apart, by name in any case (FLT-2).

    Raises Search.InvalidQuery for nested filters beyond the limits.
    """
    options: dict[str, list[str]] = {}
    filters: list[QueryPair] = []
    for name, value in pairs:
        option = option_name(name)
        if option == "filters":
            # A nested query string, already decoded once: xp.Country=US&xp.Type=X.
            nested = value.encode()
            require_short(nested)
            filters.extend(split_query(nested))
        elif option in OPTIONS:
            options.setdefault(option, []).append(value)
        elif option not in parameters and option != DEPTH:
            filters.append((name, value))
    return ListQuery(options, filters)
