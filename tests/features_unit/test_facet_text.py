"""What is remembered of the texts of facets beside the indexes."""

from __future__ import annotations

import json
import weakref
from collections import Counter

import pytest

from entrepot.domain.catalog.index.counts import Counts
from entrepot.features.catalog.product_index.definitions import Facet
from entrepot.features.catalog.product_index.facet_text import LONGEST_KNOWN, facet_text


class Text(str):
    """As an object of which it can be told whether it is still there."""

    __slots__ = ("__weakref__",)


@pytest.mark.parametrize("length", [1, LONGEST_KNOWN + 1])
def test_long_texts_are_quoted_and_not_remembered(length: int) -> None:
    """A value may be 8,000 characters long; what is remembered of an index stands in its room, and goes with it."""
    value = Text('"' * length)
    facet, held = Facet("Size", "size", 1, "null"), weakref.ref(value)
    counts = Counts(1, Counter({(0, value): 2}))
    (told,) = json.loads(facet_text([facet], counts, {value: 0}))
    assert told["Values"] == [{"Value": '"' * length, "Count": 2}]
    del value, counts, told
    assert (held() is None) == (length > LONGEST_KNOWN)
