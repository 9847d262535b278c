"""Meta.Facets of what was counted, as JSON text (FAC-2 to FAC-4)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

from entrepot.domain.catalog.index.counts import Counts
from entrepot.features.catalog.product_index.definitions import Facet

IN_ORDER = """
SELECT array_agg(given.text ORDER BY lower(given.text), given.text) FROM unnest(CAST($1 AS text[])) AS given(text)
"""
"""How the database sorts the texts of values. Without a marketplace, since it looks at no table."""
LONGEST_KNOWN = 100
"""Characters of a text whose quoting is remembered: a value may be as long as an xp, and no index's room holds what all share."""


def facet_text(facets: Sequence[Facet], counts: Counts, order: Mapping[str, int]) -> str:
    """order: the place of each text in the order of the database. Raises KeyError for a text that it does not have."""
    found: list[list[tuple[int, int, str]]] = [[] for _ in facets]
    for (place, text), count in counts.values.items():
        if count > 0 and _is_shown(facets[place], count):
            found[place].append((-count, order[text], text))
    for (place, text), count in counts.offered.items():
        if count > 0 and counts.values[place, text] <= 0:
            found[place].append((0, order[text], text))
    listed = (_facet(facet, sorted(values)) for facet, values in zip(facets, found, strict=True) if values)
    return f"[{','.join(listed)}]"


def _is_shown(facet: Facet, count: int) -> bool:
    return facet.least is not None and count >= facet.least


def _facet(facet: Facet, values: list[tuple[int, int, str]]) -> str:
    shown = ",".join(f'{{"Value":{_quoted(text)},"Count":{-count}}}' for count, _, text in values)
    name, path = _quoted(facet.name), _quoted(facet.path)
    return f'{{"Name":{name},"XpPath":{path},"Values":[{shown}],"xp":{facet.xp}}}'


def _quoted(text: str) -> str:
    return _known(text) if len(text) <= LONGEST_KNOWN else json.dumps(text, ensure_ascii=False)


@lru_cache(maxsize=4_096)
def _known(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
