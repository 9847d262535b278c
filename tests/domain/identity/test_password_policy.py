"""The strictest rules of several profiles, and what they say of a password (AUTH-55, AUTH-57 to AUTH-61)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.identity.password_config import PasswordConfig, check_config
from entrepot.domain.identity.password_policy import (
    PLATFORM_MINIMUM,
    PasswordPolicy,
    blocked_passwords,
    combine,
    is_expired,
    is_too_soon,
    requirement_data,
    unmet_requirements,
)

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
SWAPPED = PasswordConfig(upper_case_required=True, special_character_required=True, numeric_required=True)


@pytest.mark.parametrize(
    ("rule", "configs", "expected"),
    [
        ("AUTH-55 no profile", [], {}),
        ("AUTH-55 a profile that sets nothing", [PasswordConfig()], {}),
        (
            "AUTH-57 worked example",
            [
                PasswordConfig(minimum_character_count=10, max_consecutive_dupe_chars=1),
                PasswordConfig(minimum_character_count=12, max_consecutive_dupe_chars=3),
            ],
            {"minimum_character_count": 12, "max_consecutive_dupe_chars": 1},
        ),
        (
            "AUTH-57 the larger wins",
            [
                PasswordConfig(limit_password_reuse=3, minimum_password_age=60, lockout_duration=30),
                PasswordConfig(limit_password_reuse=24, minimum_password_age=5, lockout_duration=10),
            ],
            {"limit_password_reuse": 24, "minimum_password_age": 60, "lockout_duration": 30},
        ),
        (
            "AUTH-57 the smaller wins",
            [
                PasswordConfig(maximum_password_age=90, allowed_failed_attempts=3),
                PasswordConfig(maximum_password_age=30, allowed_failed_attempts=9),
            ],
            {"maximum_password_age": 30, "allowed_failed_attempts": 3},
        ),
        (
            "AUTH-57 a lock without end is the strictest",
            [PasswordConfig(lockout_duration=1440), PasswordConfig(lockout_duration=0)],
            {"lockout_duration": 0},
        ),
        (
            "AUTH-57 three classes do not demand the fourth",
            [SWAPPED],
            {"lower_case_required": False, "special_character_required": True},
        ),
        (
            "AUTH-55 a part of the classes comes on top of the platform's",
            [PasswordConfig(special_character_required=True)],
            {"special_character_required": True},
        ),
        ("AUTH-55 one that the platform has", [PasswordConfig(numeric_required=True)], {}),
        (
            "AUTH-57 a profile with a part weakens no other",
            [SWAPPED, PasswordConfig(numeric_required=True)],
            {"special_character_required": True},
        ),
        (
            "AUTH-57 booleans OR",
            [
                SWAPPED,
                PasswordConfig(lower_case_required=True, upper_case_required=True, numeric_required=True),
            ],
            {"special_character_required": True},
        ),
        (
            "AUTH-55 weaker parts fall back",
            [PasswordConfig(minimum_character_count=4, allowed_failed_attempts=50, lockout_duration=1)],
            {},
        ),
    ],
)
def test_combine(rule: str, configs: list[PasswordConfig], expected: dict[str, Any]) -> None:
    assert combine(configs) == replace(PLATFORM_MINIMUM, **expected), rule


def test_auth_55_platform_minimum() -> None:
    assert requirement_data(PLATFORM_MINIMUM) == {
        "MinimumCharacterCount": 10,
        "UpperCaseRequired": True,
        "LowerCaseRequired": True,
        "NumericRequired": True,
    }
    assert (PLATFORM_MINIMUM.allowed_failed_attempts, PLATFORM_MINIMUM.lockout_duration) == (10, 2)


@pytest.mark.parametrize(
    ("rule", "changes", "password", "unmet"),
    [
        ("AUTH-55 good", {}, "Abcdefghi1", []),
        ("AUTH-55 nine characters", {}, "Abcdefgh1", ["MinimumCharacterCount"]),
        ("AUTH-55 no upper", {}, "abcdefghi1", ["UpperCaseRequired"]),
        ("AUTH-55 no lower", {}, "ABCDEFGHI1", ["LowerCaseRequired"]),
        ("AUTH-55 no digit", {}, "Abcdefghij", ["NumericRequired"]),
        (
            "AUTH-55 empty",
            {},
            "",
            ["MinimumCharacterCount", "UpperCaseRequired", "LowerCaseRequired", "NumericRequired"],
        ),
        ("AUTH-55 length counts characters, not bytes", {}, "Äöüßéèçñ1", ["MinimumCharacterCount"]),
        ("AUTH-55 letters of other scripts", {}, "Äöüßéèçñø1", []),
        ("AUTH-57 ccc", {"max_consecutive_dupe_chars": 2}, "Abcccd12345", ["MaxConsecutiveDupeChars"]),
        ("AUTH-57 cc", {"max_consecutive_dupe_chars": 2}, "Abccd123456", []),
        ("AUTH-57 Cc are two", {"max_consecutive_dupe_chars": 1}, "AbCcd123456", []),
        (
            "AUTH-57 special missing",
            {"special_character_required": True},
            "Abcdefghi1",
            ["SpecialCharacterRequired"],
        ),
        ("AUTH-57 special", {"special_character_required": True}, "Abcdefgh1!", []),
        ("AUTH-57 lower not demanded", {"lower_case_required": False}, "ABCDEFGHI1", []),
    ],
)
def test_unmet_requirements(rule: str, changes: dict[str, Any], password: str, unmet: list[str]) -> None:
    policy = replace(PLATFORM_MINIMUM, **changes)
    assert [requirement.value for requirement in unmet_requirements(policy, password)] == unmet, rule


def test_auth_58_data_lists_only_the_requirements_in_force() -> None:
    assert list(requirement_data(combine([SWAPPED])).items()) == [
        ("MinimumCharacterCount", 10),
        ("UpperCaseRequired", True),
        ("SpecialCharacterRequired", True),
        ("NumericRequired", True),
    ]
    data = requirement_data(replace(PLATFORM_MINIMUM, max_consecutive_dupe_chars=2, limit_password_reuse=5))
    assert data["MaxConsecutiveDupeChars"] == 2
    assert "LimitPasswordReuse" not in data


@pytest.mark.parametrize(
    ("rule", "maximum_age", "age", "expired"),
    [
        ("AUTH-61 no limit", None, timedelta(days=10_000), False),
        ("AUTH-61 to the very instant", 30, timedelta(days=30), False),
        ("AUTH-61 past it", 30, timedelta(days=30, microseconds=1), True),
        ("AUTH-61 without a password", 30, None, False),
    ],
)
def test_expiry(rule: str, maximum_age: int | None, age: timedelta | None, expired: bool) -> None:
    policy = replace(PLATFORM_MINIMUM, maximum_password_age=maximum_age)
    assert is_expired(policy, None if age is None else NOW - age, NOW) is expired, rule


@pytest.mark.parametrize(
    ("rule", "minimum_age", "age", "too_soon"),
    [
        ("AUTH-60 no limit", 0, timedelta(0), False),
        ("AUTH-60 within it", 5, timedelta(minutes=5) - timedelta(microseconds=1), True),
        ("AUTH-60 at its end", 5, timedelta(minutes=5), False),
        ("AUTH-60 without a password", 5, None, False),
    ],
)
def test_minimum_age(rule: str, minimum_age: int, age: timedelta | None, too_soon: bool) -> None:
    policy = replace(PLATFORM_MINIMUM, minimum_password_age=minimum_age)
    assert is_too_soon(policy, None if age is None else NOW - age, NOW) is too_soon, rule


@pytest.mark.parametrize(
    ("limit", "blocked"),
    [(0, []), (1, ["current"]), (2, ["current", "older"]), (24, ["current", "older", "oldest"])],
)
def test_auth_60_reuse_blocks_the_last_passwords_with_the_current_one(limit: int, blocked: list[str]) -> None:
    policy = replace(PLATFORM_MINIMUM, limit_password_reuse=limit)
    assert blocked_passwords(policy, ["current", "older", "oldest"]) == blocked


def optional(low: int, high: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(low, high)


configs = st.builds(
    PasswordConfig,
    limit_password_reuse=optional(0, 24),
    max_consecutive_dupe_chars=optional(1, 24),
    maximum_password_age=optional(1, 365),
    minimum_password_age=optional(1, 60),
    allowed_failed_attempts=optional(1, 10),
    lockout_duration=st.none() | st.just(0) | st.integers(2, 1440),
    upper_case_required=st.booleans(),
    lower_case_required=st.booleans(),
    special_character_required=st.booleans(),
    numeric_required=st.booleans(),
    minimum_character_count=optional(10, 50),
)


def as_strictness(policy: PasswordPolicy) -> tuple[float, ...]:
    """Larger is stricter, in every place."""
    return (
        policy.minimum_character_count,
        -(policy.max_consecutive_dupe_chars or 1_000),
        policy.limit_password_reuse,
        policy.minimum_password_age,
        -(policy.maximum_password_age or 1_000),
        -policy.allowed_failed_attempts,
        policy.lockout_duration or 10_000,
    )


def classes(policy: PasswordPolicy) -> tuple[bool, ...]:
    return (
        policy.upper_case_required,
        policy.lower_case_required,
        policy.special_character_required,
        policy.numeric_required,
    )


@given(st.lists(configs, max_size=4), st.randoms(use_true_random=False))
def test_auth_57_combining_is_idempotent_and_commutative(profiles: list[PasswordConfig], random: Any) -> None:
    shuffled = [*profiles, *profiles]
    random.shuffle(shuffled)
    assert combine(shuffled) == combine(profiles)


@given(st.lists(configs, max_size=3), configs)
def test_auth_57_another_profile_never_weakens(
    profiles: list[PasswordConfig], another: PasswordConfig
) -> None:
    check_config(another)
    before, after = combine(profiles), combine([*profiles, another])
    assert all(b <= a for b, a in zip(as_strictness(before), as_strictness(after), strict=True))
    assert sum(classes(after)) >= 3
    if any(profile.classes for profile in profiles):
        assert all(b <= a for b, a in zip(classes(before), classes(after), strict=True))


@given(st.lists(configs, max_size=3), st.text(max_size=60))
def test_auth_57_a_password_good_for_all_profiles_together_is_good_for_each(
    profiles: list[PasswordConfig], password: str
) -> None:
    strict = [profile for profile in profiles if profile.classes]
    if not unmet_requirements(combine(profiles), password):
        assert all(not unmet_requirements(combine([profile]), password) for profile in strict)
