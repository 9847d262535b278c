"""Differences of JSON values: none to itself, and what they lead to is the other value."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.differences.values import ABSENT, Difference, changed, differences, path_text, same

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.decimals(-3, 3, places=1, allow_nan=False)
    | st.text("ab", max_size=2)
)
NAMES = st.text("abc", max_size=2)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_nothing_differs_from_itself(value: Any) -> None:
    assert list(differences(value, copy.deepcopy(value))) == []
    assert same(value, copy.deepcopy(value))


@given(VALUES, VALUES)
def test_the_differences_lead_from_one_to_the_other(one: Any, other: Any) -> None:
    before = copy.deepcopy(one)
    found = list(differences(one, other))
    assert same(changed(one, found), other)
    assert same(one, before), "the value itself was changed"
    assert bool(found) != same(one, other)


@given(VALUES, VALUES)
def test_the_other_way_round_they_are_the_same_with_sides_exchanged(one: Any, other: Any) -> None:
    there, back = list(differences(one, other)), list(differences(other, one))
    assert [each.path for each in there] == [each.path for each in back]
    assert all(same(a.before, b.after) and same(a.after, b.before) for a, b in zip(there, back, strict=True))


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.data())
def test_the_order_of_properties_is_nothing(value: dict[str, Any], data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(value.items()))))
    assert list(differences(value, shuffled)) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1, Decimal("1.0"), []),
        (1, True, [Difference((), 1, True)]),
        (0, False, [Difference((), 0, False)]),
        (None, ABSENT, [Difference((), None, ABSENT)]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [Difference(("a", "b"), 1, 2)]),
        ({"a": None}, {}, [Difference(("a",), None, ABSENT)]),
        ([1, 2], [2, 1], [Difference((), [1, 2], [2, 1])]),
        ([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 3}], [Difference((1, "a"), 2, 3)]),
        ([{"a": 1}], [{"a": 1}, {"a": 3}], [Difference((), [{"a": 1}], [{"a": 1}, {"a": 3}])]),
        ({"a": [{}]}, {"a": []}, [Difference(("a",), [{}], [])]),
    ],
)
def test_examples(before: Any, after: Any, expected: list[Difference]) -> None:
    found = list(differences(before, after))
    assert found == expected
    assert [type(each.before) for each in found] == [type(each.before) for each in expected]


def test_paths_as_text() -> None:
    assert path_text(("PriceBreaks", 1, "Price")) == "PriceBreaks[1].Price"
    assert path_text(("xp", "a b")) == "xp.a b"
    assert path_text(()) == ""
