"""Bodies of requests about forgotten credentials (AUTH-64 to AUTH-68)."""

from __future__ import annotations

from entrepot.declare.types import Secret, Text
from entrepot.declare.wire import Wire, column


class PasswordResetRequest(Wire):
    """Asks for a verification code, for the user of a name or for all of an e-mail address."""

    ClientID: Text = column(required=True)
    Email: Text = column()
    Username: Text = column()
    URL: Text = column()


class PasswordReset(Wire):
    """A new password, proven by a verification code."""

    ClientID: Text = column(required=True)
    Username: Text = column(required=True)
    Password: Secret = column()


class OneTimePasswordRequest(Wire):
    """Asks for a password that is good for one login."""

    ClientID: Text = column(required=True)
    Username: Text = column()
    Email: Text = column()
