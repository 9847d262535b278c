"""Combinations of options and what they are called (VAR-1 to VAR-4)."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.catalog.variants import (
    MAX_VARIANTS,
    Option,
    TooManyVariantsError,
    missing_variants,
)
from entrepot.kernel.ids import MAX_ID_LENGTH, is_id

COLORS = [Option(1, "Red", "Bright red"), Option(2, "Blue", "Blue")]
SIZES = [Option(3, "Small", "S"), Option(4, "Large", "L"), Option(5, "X Large", "XL")]


def same_size(specs: int, options: int) -> list[list[Option]]:
    return [[Option(s * options + o, f"{s}_{o}", "v") for o in range(options)] for s in range(specs)]


def test_worked_example() -> None:
    """VAR-1, VAR-3: 2 x 3 options are 6 variants, in the order of specs and options."""
    made = missing_variants("SHIRT", [COLORS, SIZES])
    assert [(each.id, each.name, each.options) for each in made] == [
        ("SHIRT-Red-Small", "SHIRT Bright red S", (1, 3)),
        ("SHIRT-Red-Large", "SHIRT Bright red L", (1, 4)),
        ("SHIRT-Red-X-Large", "SHIRT Bright red XL", (1, 5)),
        ("SHIRT-Blue-Small", "SHIRT Blue S", (2, 3)),
        ("SHIRT-Blue-Large", "SHIRT Blue L", (2, 4)),
        ("SHIRT-Blue-X-Large", "SHIRT Blue XL", (2, 5)),
    ]


@pytest.mark.parametrize("specs", [[], [[]], [COLORS, []]])
def test_nothing_to_combine(specs: list[list[Option]]) -> None:
    assert missing_variants("SHIRT", specs) == []


def test_limit() -> None:
    """VAR-2: 3^6 pass, 4^6 do not, nor does the first beyond 1500, whatever is there already."""
    assert len(missing_variants("P", same_size(6, 3))) == 729
    for specs in (same_size(6, 4), [same_size(1, 1501)[0]], same_size(60, 2)):
        with pytest.raises(TooManyVariantsError):
            missing_variants("P", specs, existing={frozenset({0})})
    assert len(missing_variants("P", [same_size(1, MAX_VARIANTS)[0]])) == MAX_VARIANTS


def test_only_missing_combinations() -> None:
    """VAR-4: matched by options in any order, not by ID; an ID in use by something else gets a number."""
    existing = {frozenset({3, 1}), frozenset({1}), frozenset({2, 3, 9})}
    made = missing_variants("SHIRT", [COLORS, SIZES[:2]], existing=existing, taken=["shirt-blue-SMALL"])
    assert [each.id for each in made] == ["SHIRT-Red-Large", "SHIRT-Blue-Small-2", "SHIRT-Blue-Large"]


def test_long_and_equal_ids() -> None:
    """ID-1: at most 100 characters, and never the same twice, also where only the case or a hyphen differs."""
    long = "o" * 60
    options = [Option(1, f"{long}a", "w" * 120), Option(2, f"{long}b", "w"), Option(3, f"{long}A", "w")]
    made = missing_variants("p" * 60, [options])
    assert [each.id[-4:] for each in made] == ["oooo", "oo-2", "oo-3"]
    assert [len(each.id) for each in made] == [100, 100, 100]
    assert len(made[0].name) == 100
    close = missing_variants(
        "p", [[Option(1, "a", "a"), Option(2, "a-b", "a")], [Option(3, "b-c", "b"), Option(4, "c", "c")]]
    )
    assert [each.id for each in close] == ["p-a-b-c", "p-a-c", "p-a-b-b-c", "p-a-b-c-2"]


LETTERS = st.text("aAb-", min_size=1, max_size=3)
SPECS = st.lists(st.lists(LETTERS, min_size=1, max_size=4, unique_by=str.lower), min_size=1, max_size=4).map(
    lambda specs: [
        [Option(10 * s + o, text, text) for o, text in enumerate(options)] for s, options in enumerate(specs)
    ]
)


@given(SPECS, st.integers(0, 255), st.sets(LETTERS.map(lambda text: f"P-{text}")))
def test_every_combination_has_one_variant(specs: list[list[Option]], done: int, taken: set[str]) -> None:
    """VAR-1, VAR-4: what is there and what is made are all combinations, each once; IDs are valid and new."""
    whole = missing_variants("P", specs)
    existing = {frozenset(each.options) for each in whole[:done]}
    made = missing_variants("P", specs, existing=existing, taken=taken)
    combinations = [frozenset(each.options) for each in made]
    assert len(whole) == prod(len(options) for options in specs)
    assert {*combinations, *existing} == {frozenset(each.options) for each in whole}
    assert len(combinations) + len(existing) == len(whole)
    ids = [each.id.lower() for each in made]
    assert len({*ids, *(each.lower() for each in taken)}) == len(ids) + len({each.lower() for each in taken})
    assert all(is_id(each.id) and len(each.id) <= MAX_ID_LENGTH for each in made)
    for each in made:
        assert [number // 10 for number in each.options] == list(range(len(specs)))
