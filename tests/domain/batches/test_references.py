"""References of one request to the answer of another."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.batches.references import (
    Reference,
    filled,
    filled_path,
    place_of,
    reached,
    read,
    references_in,
)
from entrepot.kernel.errors import (
    MalformedReferenceError,
    NothingAtReferenceError,
    UnfitReferenceError,
    UnknownReferenceError,
)

ANSWER = {"ID": "a/b", "n": Decimal("1E+3"), "list": [{"x": 1}], "none": None, "": "empty"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def value_of(reference: Reference) -> Any:
    return reached(ANSWER, reference)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${0}", ANSWER),
        ("${a.list.0.x}", 1),
        ("${a.list}", [{"x": 1}]),
        ("${a.none}", None),
        ("=${a.list.0.x}", "=1"),
        ("${a.ID}${a.ID}", "a/ba/b"),
        ("${a.n} of", "1000 of"),
        ("$${a.ID}", "${a.ID}"),
        ("$$${a.ID}", "$${a.ID}"),
        ("$$$${a.ID}", "$$${a.ID}"),
        ("{a.ID} $ } $a", "{a.ID} $ } $a"),
    ],
)
def test_what_a_text_becomes(text: str, value: Any) -> None:
    assert filled(text, value_of) == value
    assert filled({"a": [text]}, value_of) == {"a": [value]}


def test_in_a_path() -> None:
    """A slash does not split it."""
    assert filled_path(read("/v1/x/${a.ID}/y"), value_of) == "/v1/x/a%2Fb/y"


@given(JSON)
def test_a_value_without_references_stays(value: Any) -> None:
    """And no text makes it fail in any other way than it is said."""
    try:
        found = [*references_in(value)]
    except MalformedReferenceError:
        return
    if not found and "${" not in str(value):
        assert filled(value, value_of) == value


@given(st.text(st.sampled_from("${}.a0 "), max_size=30))
def test_every_text_is_read_or_refused(text: str) -> None:
    refusals = (MalformedReferenceError, UnknownReferenceError, NothingAtReferenceError, UnfitReferenceError)
    with suppress(*refusals):
        for part in read(text):
            if isinstance(part, Reference):
                assert place_of(part, {"a": 0}, 1, 1) == 0
        filled(text, value_of)
