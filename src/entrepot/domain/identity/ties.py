"""What a token holds by besides its own user: it ends with whoever asked for it, and with what gave it its roles."""

from __future__ import annotations

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """A user's sessions of one token generation; a revocation raises it. `user_key` is internal, below 0 of a default user."""

    user_key: int
    generation: int


class Giver(enum.StrEnum):
    """What gives roles to the tokens that go abroad with its calls."""

    EVENT = "event"
    SUBSCRIPTION = "subscription"
    WEBHOOK = "webhook"
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Elevation:
    """Roles that an integration has given (IE-5, WH-5, MS-5). They hold as long as it has them.

    id: of the integration event, the webhook or the message sender; "" for what a marketplace has one of.
    """

    giver: Giver
    roles: tuple[str, ...]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Ties:
    """The ties of one token.

    sessions: of those who asked for it, the nearest first: an impersonator, or who was invited to somebody's order.
    configs: stamps of the impersonation configs that allowed it; a config that changes has another one.
    elevations: of several integrations, where what one has called with its token made the server call another.
    reset_code: digest of the verification code of which the token is a copy, in hexadecimal (AUTH-64).
    """

    sessions: tuple[Session, ...] = ()
    configs: tuple[str, ...] = ()
    elevations: tuple[Elevation, ...] = ()
    reset_code: str | None = None

    def __bool__(self) -> bool:
        return self != NO_TIES

    def behind(self, session: Session) -> Ties:
        """Those of a token that is given to a caller with these ties, whose own session is `session`."""
        return Ties((session, *self.sessions), self.configs, self.elevations)


NO_TIES = Ties()
