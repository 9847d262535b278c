"""Passwords that are guessed first (security 30, ASVS 6.2.4)."""

from __future__ import annotations

import pytest

from entrepot.domain.identity.common_passwords import ENDINGS, ROWS, WORDS, is_common, is_listed, is_own_name
from entrepot.domain.identity.password_config import MINIMUM_CHARACTER_COUNT
from entrepot.domain.identity.password_policy import PLATFORM_MINIMUM, unmet_requirements


def listed() -> frozenset[str]:
    """The list, written out."""
    made = {f"{word}{ending}" for word in WORDS for ending in ENDINGS}
    made |= {f"{ending}{word}" for word in WORDS for ending in ENDINGS[:10]}
    made |= {f"{word}{other}{ending}" for word in WORDS[:40] for other in WORDS[:40] for ending in ("", "1")}
    for row in ROWS:
        for walk in (row, row[::-1]):
            pieces = {
                walk[start:end] for start in range(len(walk)) for end in range(start + 4, len(walk) + 1)
            }
            made |= pieces | {f"{piece}{ending}" for piece in pieces for ending in ENDINGS[:4]}
    return frozenset(each for each in made if len(each) >= MINIMUM_CHARACTER_COUNT)


LISTED = listed()


def test_the_list_is_long_enough() -> None:
    """Of what the platform minimum would let pass when somebody capitalizes the first letter."""
    passing = [
        each
        for each in LISTED
        if not unmet_requirements(PLATFORM_MINIMUM, each.capitalize()) and is_common(each.capitalize())
    ]
    assert len(passing) >= 3_000


def test_what_is_listed_is_told_without_the_list() -> None:
    """All of it, and nothing that differs from it by a character more, less or other."""
    assert [each for each in LISTED if not is_listed(each)] == []
    near = {
        changed
        for each in sorted(LISTED)[::7]
        for changed in (each[1:], each[:-1], f"{each}x", f"x{each}", f"{each[:3]}0{each[4:]}", each + each)
    }
    assert {each for each in near if is_listed(each)} == near & LISTED


@pytest.mark.parametrize(
    "password",
    [
        "Password123", "pAssword1234", "P@ssw0rd123", "Qwerty12345", "Aa1aaaaaaa", "Welcome2026!", "Summer2025!!",
        "1Q2w3e4r5t6y", "Letmein1234", "Iloveyou2020", "Abcdefg1234", "Administrator1", "Zaq12wsxcde3", "1234567890Qwerty",
        "QwertyQwerty",
    ],
)  # fmt: skip
def test_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    [
        "Abcccd12345", "Brand-new-passw0rd", "correctHorse1battery", "Tr0ub4dor&3x", "Xk29fjwLq0", "Password-of-mine-77",
        "Sitecore-is-my-shop-4", "Elevenchar1", "Summer4821rain",
    ],
)  # fmt: skip
def test_not_common(password: str) -> None:
    """No more is refused than what the list holds: a common word in a longer password is none."""
    assert not is_common(password)


@pytest.mark.parametrize(
    ("password", "names", "own"),
    [
        ("admin01ADMIN01", ("admin01",), True),
        ("Admin01!1", ("admin01",), True),
        ("Jane@Example.com1", ("jane@example.com", "jane"), True),
        ("JaneJane12", ("jane@example.com", "jane"), True),
        ("admin01Xk29fjw", ("admin01",), False),
        ("Xk29fjwLq0", ("admin01",), False),
        ("Ab1234567Z", ("ab",), False),
        ("Whatever-99", (), False),
    ],
)
def test_own_names(password: str, names: tuple[str, ...], own: bool) -> None:
    assert is_own_name(password, names) == own
