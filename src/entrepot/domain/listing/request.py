"""A list request: the options and filters of a query string, checked against the list's shape."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from entrepot.domain.listing.budget import MAX_SEARCH_LENGTH, Budget
from entrepot.domain.listing.conditions import conditions, known_paths
from entrepot.domain.listing.fields import SCALAR_KINDS, FieldKind, FieldPath, ListShape
from entrepot.domain.listing.filters import FilterCondition
from entrepot.domain.listing.page_key import encode_page_key, read_query
from entrepot.domain.listing.query import ListQuery, sort_pairs
from entrepot.domain.listing.terms import SearchTerms, read_terms
from entrepot.kernel.errors import (
    InvalidPageSizeError,
    InvalidQueryError,
    InvalidSearchPropertyError,
    InvalidSortPropertyError,
    InvalidTypeError,
    ResultSetTooLargeError,
)
from entrepot.kernel.recent import Recent

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
MAX_RESULT = 100_000

_INTEGER = re.compile(r"[+-]?[0-9]+")


class SearchType(Enum):
    """How a premium list searches (SRCH-4)."""

    ANY_TERM = "AnyTerm"
    ALL_TERMS_ANY_FIELD = "AllTermsAnyField"
    ALL_TERMS_SAME_FIELD = "AllTermsSameField"
    EXACT_PHRASE = "ExactPhrase"
    EXACT_PHRASE_PREFIX = "ExactPhrasePrefix"


@dataclass(frozen=True, slots=True)
class SortEntry:
    path: FieldPath
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What one list request asks for. `search_on` is empty without `search`; `sort_by` is empty for the default."""

    search: str | None = None
    search_on: tuple[FieldPath, ...] = ()
    search_type: SearchType = SearchType.ANY_TERM
    terms: SearchTerms | None = None
    """The words of `search` on premium lists, which search by words (SRCH-4); None on the others."""
    sort_by: tuple[SortEntry, ...] = ()
    page: int = 1
    page_size: int = DEFAULT_PAGE_SIZE
    filters: tuple[FilterCondition, ...] = ()
    raw_query: bytes = field(default=b"", compare=False, repr=False)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size

    @property
    def is_short(self) -> bool:
        """Whether it is worth remembering what is made of it."""
        return len(self.raw_query) <= LONGEST_KNOWN

    def is_followed(self, total: int) -> bool:
        """Whether there is a page after this one."""
        return self.page * self.page_size < total

    def following_page_key(self) -> str:
        """The key of the page after this one, if there is one."""
        encode = _known_page_key if self.is_short else encode_page_key
        return encode(self.raw_query, self.page + 1, self.page_size)

    def next_page_key(self, total: int) -> str | None:
        """The key of the page after this one; None on the last (LIST-6)."""
        return self.following_page_key() if self.is_followed(total) else None


LONGEST_KNOWN = 500
"""Characters of a query string that is remembered with what it was read as."""
_MOST_REMEMBERED = 8 * 2**20
_BYTES_OF_A_CHARACTER = 100
"""About what a request takes for each character of its query."""
_known: Recent[tuple[ListShape, ListRequest]] = Recent(_MOST_REMEMBERED)


def read_list_request(query: str | bytes, shape: ListShape) -> ListRequest:
    """The request of a raw query string, the same object for one that was read of late: applications send the same few over
    and over.

    Raises List.InvalidPageSize, List.InvalidType, List.InvalidProperty, List.InvalidSearchProperty,
    List.InvalidSortProperty, Search.ResultSetTooLarge and Search.InvalidQuery, and nothing else.
    """
    if len(query) > LONGEST_KNOWN:
        return _read(query, shape)
    # A shape is dear to compare. As long as it is held here, no other has its id.
    key = (id(shape), query)
    known = _known.get(key)
    if known is not None:
        return known[1]
    request = _read(query, shape)
    _known.keep(key, (shape, request), _BYTES_OF_A_CHARACTER * (10 + len(request.raw_query)))
    return request


def _read(query: str | bytes, shape: ListShape) -> ListRequest:
    raw_query, pairs = read_query(query)
    parsed = sort_pairs(pairs, shape.reserved)
    page, page_size = _position(parsed)
    if shape.paging_only:
        return ListRequest(page=page, page_size=page_size, raw_query=raw_query)
    budget = Budget()
    search = _phrase(parsed.first("search"))
    search_on = _search_on(parsed, shape, searched=search is not None)
    terms = read_terms(search, shape, search_on) if search is not None and shape.premium else None
    budget.look((1 if terms is None else len(terms.terms)) * _looks_of_a_term(search_on, shape))
    sort_by = _sort_by(parsed, shape)
    budget.look(sum(shape.looks(entry.path) for entry in sort_by))
    return ListRequest(
        search=search,
        search_on=search_on,
        terms=terms,
        search_type=_search_type(parsed, shape),
        sort_by=sort_by,
        page=page,
        page_size=page_size,
        filters=conditions(parsed.filters, shape, budget),
        raw_query=raw_query,
    )


def list_meta(
    request: ListRequest, total: int, count: int, *, next_page_key: str | None = None
) -> dict[str, Any]:
    """The Meta object of a page of `count` items out of `total` matches (LIST-2): 1-based, ItemRange inclusive."""
    return {
        "Page": request.page,
        "PageSize": request.page_size,
        "TotalCount": total,
        "TotalPages": -(-total // request.page_size),
        "ItemRange": [request.offset + 1, request.offset + count],
        "NextPageKey": next_page_key,
    }


_known_page_key = lru_cache(maxsize=1024)(encode_page_key)


def _position(query: ListQuery) -> tuple[int, int]:
    page_text, size_text = query.first("page"), query.first("pagesize")
    size = DEFAULT_PAGE_SIZE if size_text is None else _integer(size_text)
    if size is None or not 1 <= size <= MAX_PAGE_SIZE:
        raise InvalidPageSizeError("pageSize", size_text)
    page = 1 if page_text is None else _integer(page_text)
    if page is None or page < 1:
        raise InvalidTypeError("page", page_text)
    if page * size > MAX_RESULT:
        raise ResultSetTooLargeError
    return page, size


def _integer(text: str) -> int | None:
    """The whole number of a text. Whatever is longer than 18 digits is far beyond every limit; its size is enough."""
    text = text.strip()
    if _INTEGER.fullmatch(text) is None:
        return None
    if len(text) > 18:
        return -1 if text.startswith("-") else 10**18
    return int(text)


def _phrase(text: str | None) -> str | None:
    if text is not None and ("\0" in text or len(text) > MAX_SEARCH_LENGTH):
        raise InvalidQueryError
    return text


def _looks_of_a_term(search_on: tuple[FieldPath, ...], shape: ListShape) -> int:
    """Each searched field is one look; those that a list searches anyway are one together, for they share an index."""
    beyond = [path for path in search_on if path not in shape.search_paths]
    return sum(map(shape.looks, beyond)) + (len(beyond) < len(search_on))


def _search_type(query: ListQuery, shape: ListShape) -> SearchType:
    """SRCH-4: of no effect outside premium lists."""
    text = query.first("searchtype")
    if text is None or not shape.premium:
        return SearchType.ANY_TERM
    for member in SearchType:
        if member.value.lower() == text.strip().lower():
            return member
    raise InvalidTypeError("searchType", text)


def _search_on(query: ListQuery, shape: ListShape, *, searched: bool) -> tuple[FieldPath, ...]:
    """SRCH-1: the fields to search, in order of weight; xp paths weigh least."""
    names = query.names("searchon")
    if not searched:
        return ()
    if not names:
        return shape.search_paths
    paths = known_paths([each for name in names for each in shape.by_group.get(name.lower(), (name,))], shape)
    xp_paths = [path for path in paths if path.xp_keys and path.kind is FieldKind.XP]
    natives = [path for path in paths if path not in xp_paths]
    for path in natives:
        if path.kind not in SCALAR_KINDS or (path.repeated and path not in shape.grouped_paths):
            raise InvalidSearchPropertyError(path.full_name)
        if shape.search is not None and path not in shape.search_paths:
            raise InvalidSearchPropertyError(path.full_name)
    if shape.search is not None:
        natives.sort(key=shape.search_paths.index)
    return (*natives, *xp_paths)


def _sort_by(query: ListQuery, shape: ListShape) -> tuple[SortEntry, ...]:
    """SRCH-5."""
    names = query.names("sortby")
    paths = known_paths([name.lstrip("!").strip() for name in names], shape, unique=False)
    entries: dict[FieldPath, SortEntry] = {}
    for name, path in zip(names, paths, strict=True):
        if path.kind is FieldKind.XP:
            allowed = bool(path.xp_keys) and not path.repeated
        elif shape.sort is None:
            within = path.name in shape.sorted_within
            allowed = path.kind in SCALAR_KINDS and (within or not path.repeated)
        else:
            allowed = path in shape.sort_paths
        if not allowed:
            raise InvalidSortPropertyError(path.full_name)
        entries.setdefault(path, SortEntry(path, name.startswith("!")))
    return tuple(entries.values())
