"""What the database makes of words in searches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from entrepot.engine.call import Database
from entrepot.features.catalog.product_index.live import LiveIndex

AT_ONCE = 500
MOST = 100_000
"""Words that are remembered, beyond which all are forgotten but those that are asked for."""
_READ = """
SELECT given.word, CAST(to_tsquery('simple', quoted.word) AS text) AS plain,
       CAST(to_tsquery('english', quoted.word) AS text) AS stem
FROM unnest(CAST($1 AS text[])) AS given(word), concat('''', given.word, '''') AS quoted(word)
"""
"""As storage/listing/text_queries.py writes them. Without a marketplace, since it looks at no table."""
_ONE = re.compile(r"'((?:[^'\\]|'')+)'")


async def read_words(live: LiveIndex, words: Iterable[str], db: Database) -> None:
    """Find out what becomes of words, one statement for some hundred. What is several lexemes, or none, counts as none."""
    known, left = live.lexemes, iter(words)
    while part := list(islice(left, AT_ONCE)):
        if len(known) > MOST:
            known.clear()
        for row in await db.fetch(_READ, part):
            known[row["word"]] = _lexeme(row["plain"]), _lexeme(row["stem"])


def _lexeme(query: str) -> str | None:
    one = _ONE.fullmatch(query)
    return one[1].replace("''", "'") if one else None
