"""Failed logins and the lock that follows them (AUTH-62, AUTH-63)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from entrepot.domain.identity.password_policy import PasswordPolicy

UNTIL_UNLOCKED = datetime.max.replace(tzinfo=UTC)
"""The end of a lock that only an administrator lifts (LockoutDuration 0); it fits a timestamptz."""


@dataclass(frozen=True, slots=True)
class LoginState:
    """The two stored facts of a user: wrong passwords in a row, and the end of the lock."""

    failed_attempts: int = 0
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """A timed lock ends at its very instant."""
        return self.locked_until is not None and now < self.locked_until

    def attempts_at(self, now: datetime) -> int:
        """FailedLoginAttempts as a caller sees it: the end of a timed lock restarts the count."""
        return 0 if self._has_ended(now) else self.failed_attempts

    def after_failure(self, policy: PasswordPolicy, now: datetime) -> LoginState:
        """One wrong password or one-time password. Attempts during a lock are not counted and do not extend it."""
        if self.is_locked(now):
            return self
        failed = self.attempts_at(now) + 1
        if failed < policy.allowed_failed_attempts:
            return LoginState(failed)
        return LoginState(failed, _end_of_lock(policy, now))

    def _has_ended(self, now: datetime) -> bool:
        return self.locked_until is not None and now >= self.locked_until


CLEAR = LoginState()
"""The state after a successful login and after an unlock."""


def _end_of_lock(policy: PasswordPolicy, now: datetime) -> datetime:
    if policy.lockout_duration == 0:
        return UNTIL_UNLOCKED
    return now + timedelta(minutes=policy.lockout_duration)
