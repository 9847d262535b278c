"""The password settings of a security profile, as written (AUTH-55, AUTH-56)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from entrepot.kernel.errors import InvalidPasswordConfigurationError, PropertyError, ValidationError

MINIMUM_CHARACTER_COUNT = 10
"""The platform's floor: no configuration may go below."""

MINIMUM_CLASSES = 3
"""How many classes of characters a configuration must name to name them in place of the platform's (inferred)."""


class CharacterClass(enum.Enum):
    """What a password can be required to contain."""

    UPPER = enum.auto()
    LOWER = enum.auto()
    SPECIAL = enum.auto()
    NUMERIC = enum.auto()


PLATFORM_CLASSES = frozenset({CharacterClass.UPPER, CharacterClass.LOWER, CharacterClass.NUMERIC})


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordConfig:
    """None and false mean not set; the platform minimum then speaks. Units: days for maximum_password_age, minutes
    for minimum_password_age and lockout_duration (0 = until an administrator unlocks).
    """

    limit_password_reuse: int | None = None
    max_consecutive_dupe_chars: int | None = None
    maximum_password_age: int | None = None
    minimum_password_age: int | None = None
    allowed_failed_attempts: int | None = None
    lockout_duration: int | None = None
    upper_case_required: bool = False
    lower_case_required: bool = False
    special_character_required: bool = False
    numeric_required: bool = False
    minimum_character_count: int | None = None

    @property
    def classes(self) -> frozenset[CharacterClass]:
        """The character classes that it requires: its own, if these are three; fewer come on top of the platform's."""
        named = {
            CharacterClass.UPPER: self.upper_case_required,
            CharacterClass.LOWER: self.lower_case_required,
            CharacterClass.SPECIAL: self.special_character_required,
            CharacterClass.NUMERIC: self.numeric_required,
        }
        found = frozenset(each for each, required in named.items() if required)
        return found | PLATFORM_CLASSES if 0 < len(found) < MINIMUM_CLASSES else found


@dataclass(frozen=True, slots=True)
class _Bounds:
    """A wire property, where PasswordConfig keeps it, and its admitted values."""

    wire_name: str
    field: str
    minimum: int
    maximum: int
    or_zero: bool = False

    def admits(self, value: int) -> bool:
        return self.minimum <= value <= self.maximum or (self.or_zero and value == 0)

    def error(self, value: int) -> PropertyError:
        zero = "0 or " if self.or_zero else ""
        return PropertyError(
            f"{self.wire_name} must be {zero}between {self.minimum} and {self.maximum}.",
            {
                "Property": f"PasswordConfig.{self.wire_name}",
                "Minimum": self.minimum,
                "Maximum": self.maximum,
                "Value": value,
            },
        )


BOUNDS = (
    _Bounds("LimitPasswordReuse", "limit_password_reuse", 0, 24),
    _Bounds("MaxConsecutiveDupeChars", "max_consecutive_dupe_chars", 1, 24),
    _Bounds("MaximumPasswordAge", "maximum_password_age", 1, 365),
    _Bounds("MinimumPasswordAge", "minimum_password_age", 1, 60),
    _Bounds("AllowedFailedAttempts", "allowed_failed_attempts", 1, 10),
    _Bounds("LockoutDuration", "lockout_duration", 2, 1440, or_zero=True),
)
"""In the contract's order. Zero for LockoutDuration means until unlocked."""


def check_config(config: PasswordConfig) -> None:
    """Refuse settings that may not be saved.

    Raises:
        ValidationError: numbers out of range, one entry each.
        InvalidPasswordConfigurationError: fewer characters than the platform asks. What is unset or weaker otherwise
            falls back to the platform's minimum (AUTH-55).
    """
    wrong = [
        bounds.error(value)
        for bounds in BOUNDS
        if (value := getattr(config, bounds.field)) is not None and not bounds.admits(value)
    ]
    if wrong:
        raise ValidationError(*wrong)
    count = config.minimum_character_count
    if count is not None and count < MINIMUM_CHARACTER_COUNT:
        raise InvalidPasswordConfigurationError(
            {"MinimumCharacterCount": count, "Minimum": MINIMUM_CHARACTER_COUNT}
        )
