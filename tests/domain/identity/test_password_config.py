"""Which password settings a security profile may hold (AUTH-55, AUTH-56)."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.domain.identity.password_config import PasswordConfig, check_config
from entrepot.kernel.errors import InvalidPasswordConfigurationError, ValidationError

THREE_CLASSES = {"upper_case_required": True, "special_character_required": True, "numeric_required": True}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        THREE_CLASSES,
        {**THREE_CLASSES, "lower_case_required": True},
        {"minimum_character_count": 10},
        {"minimum_character_count": 200, **THREE_CLASSES},
        {"limit_password_reuse": 0},
        {"limit_password_reuse": 24},
        {"max_consecutive_dupe_chars": 1},
        {"max_consecutive_dupe_chars": 24},
        {"maximum_password_age": 1},
        {"maximum_password_age": 365},
        {"minimum_password_age": 1},
        {"minimum_password_age": 60},
        {"allowed_failed_attempts": 1},
        {"allowed_failed_attempts": 10},
        {"lockout_duration": 0},
        {"lockout_duration": 2},
        {"lockout_duration": 1440},
    ],
)
def test_auth_56_settings_within_bounds_are_saved(settings: dict[str, Any]) -> None:
    check_config(PasswordConfig(**settings))


@pytest.mark.parametrize(
    ("settings", "data"),
    [
        ({"minimum_character_count": 9}, {"MinimumCharacterCount": 9, "Minimum": 10}),
        ({"minimum_character_count": -1, **THREE_CLASSES}, {"MinimumCharacterCount": -1, "Minimum": 10}),
    ],
)
def test_auth_55_settings_weaker_than_the_platform_are_refused(
    settings: dict[str, Any], data: dict[str, int]
) -> None:
    with pytest.raises(InvalidPasswordConfigurationError) as refused:
        check_config(PasswordConfig(**settings))
    assert refused.value.code == "SecurityProfile.InvalidPasswordConfiguration"
    assert refused.value.data == data


@pytest.mark.parametrize(
    ("setting", "value", "wire_name"),
    [
        ("limit_password_reuse", -1, "LimitPasswordReuse"),
        ("limit_password_reuse", 25, "LimitPasswordReuse"),
        ("max_consecutive_dupe_chars", 0, "MaxConsecutiveDupeChars"),
        ("max_consecutive_dupe_chars", 25, "MaxConsecutiveDupeChars"),
        ("maximum_password_age", 0, "MaximumPasswordAge"),
        ("maximum_password_age", 366, "MaximumPasswordAge"),
        ("minimum_password_age", 0, "MinimumPasswordAge"),
        ("minimum_password_age", 61, "MinimumPasswordAge"),
        ("allowed_failed_attempts", 0, "AllowedFailedAttempts"),
        ("allowed_failed_attempts", 11, "AllowedFailedAttempts"),
        ("lockout_duration", 1, "LockoutDuration"),
        ("lockout_duration", 1441, "LockoutDuration"),
        ("lockout_duration", -1, "LockoutDuration"),
    ],
)
def test_auth_56_numbers_out_of_bounds_are_refused(setting: str, value: Any, wire_name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        check_config(PasswordConfig(**{setting: value}))
    [item] = refused.value.items()
    assert item.code == "ValidationFailure"
    assert (item.data["Property"], item.data["Value"]) == (f"PasswordConfig.{wire_name}", value)


def test_err_5_all_bad_numbers_are_named_in_the_contract_s_order() -> None:
    with pytest.raises(ValidationError) as refused:
        check_config(PasswordConfig(lockout_duration=1, limit_password_reuse=25, minimum_character_count=1))
    assert [item.message for item in refused.value.items()] == [
        "LimitPasswordReuse must be between 0 and 24.",
        "LockoutDuration must be 0 or between 2 and 1440.",
    ]
