"""Passwords that are guessed first (security 30, ASVS 6.2.4)."""

from __future__ import annotations

import pytest

from entrepot.domain.identity.common_passwords import COMMON_PASSWORDS, is_common, is_own_name
from entrepot.domain.identity.password_policy import PLATFORM_MINIMUM, unmet_requirements


def test_the_list_is_long_enough() -> None:
    """Of what the platform minimum would let pass when somebody capitalizes the first letter."""
    passing = [
        each
        for each in COMMON_PASSWORDS
        if not unmet_requirements(PLATFORM_MINIMUM, each.capitalize()) and is_common(each.capitalize())
    ]
    assert len(passing) >= 3_000


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
