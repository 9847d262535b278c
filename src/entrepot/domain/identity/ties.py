"""What a token holds by besides its own user: it ends with whoever asked for it, and with what gave it its roles."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """A user's sessions of one token generation; a revocation raises it. `user_key` is internal."""

    user_key: int
    generation: int


@dataclass(frozen=True, slots=True)
class Elevation:
    """Roles that an integration has given (IE-5): those of the integration event of this ID, or of the subscription
    integration. They hold as long as it has them.
    """

    roles: tuple[str, ...]
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ties:
    """The ties of one token.

    sessions: of those who asked for it, the nearest first: an impersonator, or who was invited to somebody's order.
    configs: stamps of the impersonation configs that allowed it; a config that changes has another one.
    reset_code: digest of the verification code of which the token is a copy, in hexadecimal (AUTH-64).
    """

    sessions: tuple[Session, ...] = ()
    configs: tuple[str, ...] = ()
    elevation: Elevation | None = None
    reset_code: str | None = None

    def __bool__(self) -> bool:
        return self != NO_TIES

    def behind(self, session: Session) -> Ties:
        """Those of a token that is given to a caller with these ties, whose own session is `session`."""
        return Ties((session, *self.sessions), self.configs, self.elevation)


NO_TIES = Ties()
