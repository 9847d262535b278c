"""The pages of one list: by IDs where it can be read in their order, else by page keys or numbers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from entrepot.features.seeding.remote.errors import StrangerError
from entrepot.features.seeding.remote.source import Source

SIZE = 100
MOST = 100_000
"""Records that can be reached by page numbers (LIST-4)."""
_SPECIAL = re.compile(r"([|*!<>=\\])")

Values = dict[str, Any]
Query = tuple[tuple[str, str], ...]
Cursor = dict[str, Any]
"""From where a list goes on, as JSON: `{"after": ID}` or `{"page": number, "key": page key}`."""


@dataclass(frozen=True, slots=True)
class Page:
    """Items of a list, of how many there are in all, and what goes on after them; None after the last."""

    items: list[Values]
    total: int
    then: Cursor | None


async def first_page(source: Source, path: str, query: Query, *, size: int = SIZE, order: Query = ()) -> Page:
    """The first items, and how many there are."""
    return await _page(source, path, (*query, ("page", "1"), ("pageSize", str(size)), *order), {"page": 2})


async def pages_by_id(source: Source, path: str, query: Query, after: str = "") -> AsyncIterator[Page]:
    """In the order of IDs, each page beginning after the last ID of the one before (LIST-5): what is added or deleted meanwhile
    moves nothing.
    """
    order = (("sortBy", "ID"),)
    while True:
        beyond = (("ID", f">{escaped(after)}"),) if after else ()
        page = await first_page(source, path, (*query, *beyond), order=order)
        last = page.items[-1].get("ID") if page.items else None
        if not isinstance(last, str) or last == after:
            yield Page([], page.total, None)
            return
        ended = len(page.items) < SIZE or page.then is None
        yield Page(page.items, page.total, None if ended else {"after": last})
        if ended:
            return
        after = last


async def pages_by_number(
    source: Source, path: str, query: Query, cursor: Cursor | None = None
) -> AsyncIterator[Page]:
    """By NextPageKey where the list has one (LIST-6), else by page numbers."""
    cursor, asked = cursor or {"page": 1}, set[str]()
    while cursor is not None and cursor.get("key") not in asked:
        number, key = int(cursor["page"]), cursor.get("key")
        # One that leads back would lead there for ever.
        asked |= {key} if isinstance(key, str) else set()
        place = (
            (("pageKey", key),) if isinstance(key, str) else (("page", str(number)), ("pageSize", str(SIZE)))
        )
        page = await _page(source, path, (*query, *place), {"page": number + 1})
        yield page
        cursor = page.then


def escaped(text: str) -> str:
    """Text as a filter takes it literally (FLT-6)."""
    return _SPECIAL.sub(r"\\\1", text)


async def _page(source: Source, path: str, query: Query, then: Cursor) -> Page:
    told = await source.get(path, query)
    meta, items = told.get("Meta"), told.get("Items")
    if (
        not isinstance(meta, dict)
        or not isinstance(items, list)
        or not all(isinstance(each, dict) for each in items)
    ):
        raise StrangerError(
            f"{source.url} does not speak OrderCloud: GET {path} was not answered with a page."
        )
    total, pages = meta.get("TotalCount"), meta.get("TotalPages")
    if not isinstance(total, int) or not isinstance(pages, int):
        raise StrangerError(f"{source.url} does not speak OrderCloud: the page of GET {path} has no counts.")
    key = meta.get("NextPageKey")
    follows = bool(items) and (isinstance(key, str) or int(then["page"]) <= pages)
    return Page(items, total, {**then, "key": key} if follows else None)
