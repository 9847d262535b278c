"""Parent and child products merged (PRD-6)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.catalog.inheritance import inherited, merged_xp

NAMES = ("Description", "ShipWeight")


@pytest.mark.parametrize(
    ("own", "parent", "expected"),
    [
        ({"A": {"x": 9}}, {"A": {"x": 1, "y": 2}}, {"A": {"x": 9}}),
        ({"B": 1}, {"A": 2}, {"A": 2, "B": 1}),
        (None, {"A": 1}, {"A": 1}),
        ({"A": 1}, None, {"A": 1}),
        ({}, {"A": 1}, {"A": 1}),
        ({"A": None}, {"A": 1}, {"A": None}),
        ({}, None, {}),
        (None, None, None),
    ],
)
def test_xp(own: Any, parent: Any, expected: Any) -> None:
    """By top-level key; the child's value wins whole."""
    assert merged_xp(own, parent) == expected


@pytest.mark.parametrize(
    ("own", "parent", "active"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_active(own: bool, parent: bool, active: bool) -> None:
    """Both have to be."""
    blank = dict.fromkeys((*NAMES, "xp"))
    assert inherited({**blank, "Active": own}, {**blank, "Active": parent}, NAMES)["Active"] is active


values = st.none() | st.integers() | st.text() | st.just(0) | st.just("")
xps = st.none() | st.dictionaries(st.sampled_from("abc"), st.none() | st.integers() | st.lists(st.integers()))
products = st.fixed_dictionaries({**dict.fromkeys(NAMES, values), "Active": st.booleans(), "xp": xps})


@given(own=products, parent=products)
def test_every_child(own: dict[str, Any], parent: dict[str, Any]) -> None:
    """What a child has set it shows, be it 0 or empty, and all else as its parent; neither is changed, and merging what is
    shown once more changes nothing.
    """
    before = copy.deepcopy((own, parent))
    shown = inherited(own, parent, NAMES)
    assert (own, parent) == before
    for name in NAMES:
        assert shown[name] == (parent[name] if own[name] is None else own[name])
    of_child, of_parent = own["xp"] or {}, parent["xp"] or {}
    assert (shown["xp"] is None) == (own["xp"] is None and parent["xp"] is None)
    for key in of_child.keys() | of_parent.keys():
        assert shown["xp"][key] == (of_child[key] if key in of_child else of_parent[key])
    assert (shown["xp"] or {}).keys() == of_child.keys() | of_parent.keys()
    assert inherited(shown, parent, NAMES) == shown
