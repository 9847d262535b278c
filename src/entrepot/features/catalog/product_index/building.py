"""Building an index in the background: in slices, none of which holds the event loop or the database for long."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import asyncpg

from entrepot.domain.catalog.index.index import ProductIndex
from entrepot.engine.call import Database
from entrepot.engine.sql import numbered
from entrepot.features.catalog.product_index.definitions import Facet, read_facets
from entrepot.features.catalog.product_index.following import Pending, note
from entrepot.features.catalog.product_index.reading import OF_PRODUCT, read_product, read_rows

SLICE = 100
"""Products of one statement."""
PIECE = 25
"""Products between two turns of the event loop; some 2 ms."""
NOTED_AFTER = 50
"""Slices after which the log of changes is read, which tells only so many at once."""
PROBES = 1_000
"""Places in the order of products' numbers at which samples are taken, and how many products each takes."""
NEIGHBOURS = 20
PROBES_AT_ONCE = 50
SEEN = 3
"""How many products of the sample have a word that the index holds."""
PACKED_AT_ONCE = 2_000

_EPOCH = "SELECT epoch FROM catalog_epochs WHERE marketplace_id = $1"
_SPAN = """
SELECT (SELECT min(p.number) FROM products p WHERE p.marketplace_id = $1) AS first,
       (SELECT max(p.number) FROM products p WHERE p.marketplace_id = $1) AS last
"""
_SAMPLE = f"""
WITH s AS (
    SELECT near.search_words, near.search_stems FROM unnest($2::bigint[]) AS probe(number), LATERAL (
        SELECT p.search_words, p.search_stems FROM products p
        WHERE p.marketplace_id = $1 AND p.number >= probe.number ORDER BY p.number LIMIT {NEIGHBOURS}) near)
SELECT CAST(json_build_array((SELECT json_agg(tsvector_to_array(s.search_words)) FROM s),
                             (SELECT json_agg(tsvector_to_array(s.search_stems)) FROM s)) AS text)
"""
_NEXT = f"""
SELECT CAST(json_agg(read.product) AS text) AS products, max(read.id) AS last FROM (
    SELECT {OF_PRODUCT} AS product, p."ID" AS id FROM products p
    WHERE p.marketplace_id = :marketplace_id AND p."ID" > CAST(:after AS citext)
    ORDER BY p."ID" LIMIT {SLICE}) read
"""


class TooLargeError(Exception):
    """The index takes more room than it may."""


@dataclass(frozen=True, slots=True)
class Built:
    """An index as of the epoch before it was begun, with whatever was read later; the facets are those of its epoch. pending: what
    has changed since; size: in bytes.
    """

    index: ProductIndex
    facets: tuple[Facet, ...]
    pending: Pending
    size: int


async def build(db: Database, marketplace_id: int, *, most: int) -> Built:
    """The index of a marketplace. What has changed meanwhile is to be applied. Raises MovedError and, beyond `most` bytes,
    TooLargeError.
    """
    epoch = await db.fetchval(_EPOCH, marketplace_id)
    facets = await read_facets(db, marketplace_id)
    words, stems = await _lexicons(db, marketplace_id)
    index = ProductIndex(epoch, words=words, stems=stems, facets=len(facets))
    index.history.start(epoch)
    pending = Pending(epoch)
    async with aclosing(_read_ahead(db, marketplace_id, facets)) as slices:
        async for products in slices:
            await _add(index, products)
            if len(index.numbers) % (SLICE * NOTED_AFTER) == 0:
                await note(pending, marketplace_id, db)
            if index.rough_size > most:
                raise TooLargeError
    return Built(index, facets, pending, index.size_beside_postings + await _packed(index))


async def _read_ahead(db: Database, marketplace_id: int, facets: Sequence[Facet]) -> AsyncGenerator[str]:
    """All products in the order of their IDs, slice by slice; the next one is read while one is worked upon."""
    sql, names = numbered(_NEXT)
    values: dict[str, Any] = {"marketplace_id": marketplace_id, "ways": [facet.way for facet in facets]}

    def read(after: str) -> asyncio.Task[asyncpg.Record | None]:
        values["after"] = after
        return asyncio.create_task(_fetched(db, sql, [values[name] for name in names]))

    reading = read("")
    try:
        while (row := await reading) is not None and row["products"] is not None:
            reading = read(row["last"])
            yield row["products"]
    finally:
        reading.cancel()


async def _fetched(db: Database, sql: str, arguments: Sequence[Any]) -> asyncpg.Record | None:
    return await db.fetchrow(sql, *arguments)


async def _add(index: ProductIndex, text: str) -> None:
    rows = read_rows(text)
    for first in range(0, len(rows), PIECE):
        await asyncio.sleep(0)
        for row in rows[first : first + PIECE]:
            index.add(read_product(row))


async def _packed(index: ProductIndex) -> int:
    """Give back what postings do not need; the bytes that they take."""
    postings, size = index.postings, 0
    for first in range(0, len(postings), PACKED_AT_ONCE):
        await asyncio.sleep(0)
        for term in range(first, min(first + PACKED_AT_ONCE, len(postings))):
            postings.pack(term)
            size += postings.size(term)
    return size


async def _lexicons(db: Database, marketplace_id: int) -> tuple[list[str], list[str]]:
    """The words and stems that more than few products have, as a sample of the products tells."""
    words: Counter[str] = Counter()
    stems: Counter[str] = Counter()
    span = await db.fetchrow(_SPAN, marketplace_id)
    if span is None or span["first"] is None:
        return [], []
    for probes in _probes(span["first"], span["last"]):
        read = read_rows(await db.fetchval(_SAMPLE, marketplace_id, probes))
        for found, counter in zip(read, (words, stems), strict=True):
            await asyncio.sleep(0)
            for each in found or ():
                counter.update(each)
    return _frequent(words), _frequent(stems)


def _probes(first: int, last: int) -> Iterator[list[int]]:
    """Numbers spread over all; of few products nearly every one is looked at, some of them several times."""
    step = max(NEIGHBOURS, (last - first) // PROBES + 1)
    numbers = list(range(first, last + 1, step))
    for place in range(0, len(numbers), PROBES_AT_ONCE):
        yield numbers[place : place + PROBES_AT_ONCE]


def _frequent(counter: Counter[str]) -> list[str]:
    return sorted(word for word, count in counter.items() if count >= SEEN)
