"""The password rules in force for one user, and what they say about a password (AUTH-55 to AUTH-61)."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeVar

from entrepot.domain.identity.password_config import (
    MINIMUM_CHARACTER_COUNT,
    PLATFORM_CLASSES,
    CharacterClass,
    PasswordConfig,
)

T = TypeVar("T")

MAXIMUM_REUSE_LIMIT = 24
"""How many past passwords are worth keeping: the largest LimitPasswordReuse."""


class Requirement(enum.StrEnum):
    """What a password itself can fail, by the wire's name, in the order of the error's Data."""

    MinimumCharacterCount = "MinimumCharacterCount"
    MaxConsecutiveDupeChars = "MaxConsecutiveDupeChars"
    UpperCaseRequired = "UpperCaseRequired"
    LowerCaseRequired = "LowerCaseRequired"
    SpecialCharacterRequired = "SpecialCharacterRequired"
    NumericRequired = "NumericRequired"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy:
    """The effective rules; the defaults are the platform minimum. Units as in PasswordConfig; None = no such rule."""

    minimum_character_count: int = MINIMUM_CHARACTER_COUNT
    max_consecutive_dupe_chars: int | None = None
    upper_case_required: bool = True
    lower_case_required: bool = True
    special_character_required: bool = False
    numeric_required: bool = True
    limit_password_reuse: int = 0
    minimum_password_age: int = 0
    maximum_password_age: int | None = None
    allowed_failed_attempts: int = 10
    lockout_duration: int = 2


PLATFORM_MINIMUM = PasswordPolicy()


def combine(configs: Iterable[PasswordConfig]) -> PasswordPolicy:
    """The strictest value of each setting over all profiles of a user, never below the platform minimum (AUTH-57).

    Character classes: those that any profile requires. Only where none requires any do the platform's classes
    hold, since a profile may swap one of them for another.
    """
    configs = tuple(configs)
    classes = frozenset[CharacterClass]().union(*(config.classes for config in configs)) or PLATFORM_CLASSES
    minimum = PLATFORM_MINIMUM
    return PasswordPolicy(
        minimum_character_count=max(
            (minimum.minimum_character_count, *_values(configs, lambda c: c.minimum_character_count))
        ),
        max_consecutive_dupe_chars=min(
            _values(configs, lambda c: c.max_consecutive_dupe_chars), default=None
        ),
        upper_case_required=CharacterClass.UPPER in classes,
        lower_case_required=CharacterClass.LOWER in classes,
        special_character_required=CharacterClass.SPECIAL in classes,
        numeric_required=CharacterClass.NUMERIC in classes,
        limit_password_reuse=max(_values(configs, lambda c: c.limit_password_reuse), default=0),
        minimum_password_age=max(_values(configs, lambda c: c.minimum_password_age), default=0),
        maximum_password_age=min(_values(configs, lambda c: c.maximum_password_age), default=None),
        allowed_failed_attempts=min(
            (minimum.allowed_failed_attempts, *_values(configs, lambda c: c.allowed_failed_attempts))
        ),
        lockout_duration=_longest_lock(
            (minimum.lockout_duration, *_values(configs, lambda c: c.lockout_duration))
        ),
    )


def unmet_requirements(policy: PasswordPolicy, password: str) -> tuple[Requirement, ...]:
    """What the password lacks, in the order of Requirement; empty = it is good enough.

    Characters are Unicode code points. A letter without case counts toward the length alone; special is whatever
    is neither letter nor digit.
    """
    dupes = policy.max_consecutive_dupe_chars
    failed = {
        Requirement.MinimumCharacterCount: len(password) < policy.minimum_character_count,
        Requirement.MaxConsecutiveDupeChars: dupes is not None and _longest_run(password) > dupes,
        Requirement.UpperCaseRequired: policy.upper_case_required and not any(c.isupper() for c in password),
        Requirement.LowerCaseRequired: policy.lower_case_required and not any(c.islower() for c in password),
        Requirement.SpecialCharacterRequired: policy.special_character_required
        and all(c.isalnum() for c in password),
        Requirement.NumericRequired: policy.numeric_required and not any(c.isdecimal() for c in password),
    }
    return tuple(requirement for requirement in Requirement if failed[requirement])


def requirement_data(policy: PasswordPolicy) -> dict[str, int | bool]:
    """The error's Data: every requirement in force, met or not (AUTH-58)."""
    values: dict[Requirement, int | bool | None] = {
        Requirement.MinimumCharacterCount: policy.minimum_character_count,
        Requirement.MaxConsecutiveDupeChars: policy.max_consecutive_dupe_chars,
        Requirement.UpperCaseRequired: policy.upper_case_required,
        Requirement.LowerCaseRequired: policy.lower_case_required,
        Requirement.SpecialCharacterRequired: policy.special_character_required,
        Requirement.NumericRequired: policy.numeric_required,
    }
    return {requirement.value: value for requirement, value in values.items() if value}


def is_expired(policy: PasswordPolicy, last_set: datetime | None, now: datetime) -> bool:
    """Whether the password is older than MaximumPasswordAge (AUTH-61, E10). A user without a password has no age."""
    if policy.maximum_password_age is None or last_set is None:
        return False
    return now > last_set + timedelta(days=policy.maximum_password_age)


def is_too_soon(policy: PasswordPolicy, last_set: datetime | None, now: datetime) -> bool:
    """Whether the user must still wait before changing it again (AUTH-60). One that was set later than now, before the clock was set
    back, is not too young.
    """
    return last_set is not None and last_set <= now < last_set + timedelta(
        minutes=policy.minimum_password_age
    )


def blocked_passwords(policy: PasswordPolicy, newest_first: Sequence[T]) -> Sequence[T]:
    """The past passwords (their hashes) that may not come again; the first of the list is the current one (AUTH-60)."""
    return newest_first[: policy.limit_password_reuse]


def _values(configs: Sequence[PasswordConfig], read: Callable[[PasswordConfig], int | None]) -> list[int]:
    return [value for config in configs if (value := read(config)) is not None]


def _longest_lock(minutes: Sequence[int]) -> int:
    """0 is the strictest: it lasts until an administrator unlocks."""
    return 0 if 0 in minutes else max(minutes)


def _longest_run(text: str) -> int:
    return max((sum(1 for _ in run) for _, run in groupby(text)), default=0)
