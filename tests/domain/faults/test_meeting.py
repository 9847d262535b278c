"""Which requests a fault meets."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.faults.meeting import Aim, Asked, matches, meets

SUBMIT = Asked("Orders.Submit", "/v1/orders/Outgoing/o1/submit", "AAAA")


@pytest.mark.parametrize(
    ("aim", "met"),
    [
        (Aim(), True),
        (Aim(operation="orders.submit"), True),
        (Aim(operation="Orders.*"), True),
        (Aim(operation="*.Submit"), True),
        (Aim(operation="Orders"), False),
        (Aim(operation="Cart.Submit"), False),
        (Aim(path="/v1/orders/*/submit"), True),
        (Aim(path="/v1/orders/*/o1/*"), True),
        (Aim(path="/v1/orders/*/o2/*"), False),
        (Aim(path="/v1/orders"), False),
        (Aim(client_id="aaaa"), True),
        (Aim(client_id="bbbb"), False),
        (Aim(operation="Orders.*", path="/v1/orders/*", client_id="AAAA"), True),
        (Aim(operation="Orders.*", path="/v1/cart/*"), False),
    ],
)
def test_it_meets_what_it_is_aimed_at(aim: Aim, met: bool) -> None:
    assert meets(aim, SUBMIT, 0.0) is met


@pytest.mark.parametrize(("share", "chance", "met"), [(0.25, 0.2, True), (0.25, 0.25, False), (0, 0, False), (1, 0.999, True)])  # fmt: skip
def test_of_those_it_meets_a_share(share: float, chance: float, met: bool) -> None:
    assert meets(Aim(share=share), SUBMIT, chance) is met


PATTERNS = st.text("ab*.(", max_size=8)


@given(PATTERNS, st.text("ab.(", max_size=10))
def test_a_star_is_any_text_and_all_else_is_itself(pattern: str, text: str) -> None:
    plain = ".*".join(re.escape(part) for part in pattern.split("*"))
    assert matches(pattern, text) == bool(re.fullmatch(plain, text, re.DOTALL))


def test_no_pattern_makes_a_long_path_dear() -> None:
    """What a regular expression of many stars would take years for."""
    begun = process_time()
    assert not matches("*a" * 100 + "*b", "a" * 60_000)
    assert process_time() - begun < 5


def test_many_patterns_are_no_dearer_than_their_text() -> None:
    """As many as several marketplaces may have, each with as many stars as there is room for."""
    begun = process_time()
    assert not any(matches(f"{number}{'*x' * 248}", "/v1/me") for number in range(4_000))
    assert process_time() - begun < 5
