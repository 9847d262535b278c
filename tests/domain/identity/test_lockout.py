"""Failed logins and locks (AUTH-62, AUTH-63)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.identity.lockout import CLEAR, UNTIL_UNLOCKED, LoginState
from entrepot.domain.identity.password_policy import PLATFORM_MINIMUM

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def after_failures(count: int, state: LoginState = CLEAR, now: datetime = NOW) -> LoginState:
    for _ in range(count):
        state = state.after_failure(PLATFORM_MINIMUM, now)
    return state


def test_auth_62_worked_example_with_the_default_policy() -> None:
    nine = after_failures(9)
    assert (nine.failed_attempts, nine.is_locked(NOW)) == (9, False)
    ten = after_failures(1, nine)
    assert (ten.failed_attempts, ten.locked_until) == (10, NOW + 2 * MINUTE)
    assert ten.is_locked(NOW)
    assert ten.is_locked(NOW + 2 * MINUTE - timedelta(microseconds=1))
    assert not ten.is_locked(NOW + 2 * MINUTE)


def test_auth_62_attempts_during_a_lock_neither_count_nor_extend_it() -> None:
    locked = after_failures(10)
    assert after_failures(5, locked, NOW + MINUTE) == locked


def test_auth_62_counting_restarts_when_a_timed_lock_ends() -> None:
    locked = after_failures(10)
    assert (locked.attempts_at(NOW), locked.attempts_at(NOW + 2 * MINUTE)) == (10, 0)
    assert after_failures(1, locked, NOW + 2 * MINUTE) == LoginState(1)


def test_auth_56_a_lock_of_duration_0_lasts_until_unlocked() -> None:
    state = CLEAR.after_failure(replace(PLATFORM_MINIMUM, allowed_failed_attempts=1, lockout_duration=0), NOW)
    assert state == LoginState(1, UNTIL_UNLOCKED)
    assert state.is_locked(NOW + timedelta(days=365 * 1000))


def test_a_policy_that_got_stricter_locks_at_the_next_failure() -> None:
    state = LoginState(5).after_failure(replace(PLATFORM_MINIMUM, allowed_failed_attempts=3), NOW)
    assert state.is_locked(NOW)


@pytest.mark.parametrize("state", [CLEAR, LoginState(9), LoginState(0, None)])
def test_who_is_not_locked_is_not_locked(state: LoginState) -> None:
    assert not state.is_locked(NOW)


@given(st.integers(1, 10), st.integers(0, 30))
def test_the_count_never_passes_what_is_allowed(allowed: int, failures: int) -> None:
    policy = replace(PLATFORM_MINIMUM, allowed_failed_attempts=allowed)
    state = CLEAR
    for _ in range(failures):
        state = state.after_failure(policy, NOW)
    assert state.failed_attempts == min(failures, allowed)
    assert state.is_locked(NOW) is (failures >= allowed)
