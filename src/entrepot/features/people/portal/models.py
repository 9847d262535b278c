"""Bodies about accounts, by the names of the portal's SDK. Recaptcha is ignored, as every property that is not here."""

from __future__ import annotations

from entrepot.declare.types import Bool, Date, Secret, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.mail.headers import LONGEST_ADDRESS
from entrepot.features.people.portal.accounts import LONGEST_NAME

LONGEST_CODE = 100


class Registration(Wire):
    """Asks for a code with which an account can be made."""

    Email: Text = column(required=True, max=LONGEST_ADDRESS)


class Verification(Wire):
    """A new account, proven by the code that was mailed to its address."""

    Email: Text = column(required=True, max=LONGEST_ADDRESS)
    Code: Text = column(required=True, max=LONGEST_CODE)
    Username: Text = column(required=True, max=100)
    Password: Secret = column(required=True)
    Name: Text = column(max=LONGEST_NAME)
    Country: Text = column(max=100)
    Region: Text = column(max=100)


class EmailOfAccount(Wire):
    """Names an account by its address."""

    Email: Text = column(required=True, max=LONGEST_ADDRESS)


class ForgottenPassword(Wire):
    """A new password, proven by a mailed code."""

    Email: Text = column(required=True, max=LONGEST_ADDRESS)
    Code: Text = column(required=True, max=LONGEST_CODE)
    Password: Secret = column(required=True)


class Unlocking(Wire):
    """Ends a lock, with the code that was mailed when it began."""

    Email: Text = column(required=True, max=LONGEST_ADDRESS)
    Code: Text = column(required=True, max=LONGEST_CODE)


class Confirmation(Wire):
    """The code that was mailed about something that the caller has asked for."""

    Code: Text = column(required=True, max=LONGEST_CODE)


class PortalUser(Wire):
    """An account, as its owner sees it. SCAdmin: whether it is of who runs the server."""

    Username: Text = column(required=True, max=100)
    Name: Text = column(max=LONGEST_NAME)
    Email: Text = column(max=LONGEST_ADDRESS)
    TermsAccepted: Date = column(read_only=True, nullable=True)
    Country: Text = column(max=100)
    Region: Text = column(max=100)
    SCAdmin: Bool = column(read_only=True)
    Verified: Bool = column(read_only=True)


class PasswordChange(Wire):
    """The caller's new password. RefreshToken: that of the session that goes on beside the calling one."""

    NewPassword: Secret = column(required=True)
    CurrentPassword: Secret = column(required=True)
    RefreshToken: Text = column(max=LONGEST_CODE)


class EmailChange(Wire):
    """The caller's new address, to which a code is mailed."""

    Email: Text = column(required=True, max=LONGEST_ADDRESS)
    Password: Secret = column(required=True)


class PortalToken(Wire):
    """An access token of the portal, and what renews it."""

    access_token: Text = column(confidential=True)
    refresh_token: Text = column(confidential=True)
    token_type: Text = column()
    expires_in: Text = column()
