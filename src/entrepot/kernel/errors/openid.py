"""Refused logins by OpenID Connect: what a browser is shown, or the application's error page is told (OIDC-4)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class OpenIdLoginError(ApiError):
    """A login that ends. The texts are for the person who logs in."""

    code = "Auth.OauthError"


class LoginParameterError(OpenIdLoginError):
    message = "The address of the login is incomplete or too long."


class LoginNotConfiguredError(OpenIdLoginError):
    message = "There is no such login for this application."


class LoginStateError(OpenIdLoginError):
    message = "This login has ended, was used already or began in another browser. Please log in again."


class LoginAddressError(OpenIdLoginError):
    message = "The login of this application is not set up: it names an address that cannot be used."


class AuthorityRefusedError(OpenIdLoginError):
    message = "The identity provider has refused the login."


class AuthorityTokenError(OpenIdLoginError):
    message = "error validating token with authority"


class LoginUserUnknownError(OpenIdLoginError):
    message = "No user belongs to this identity."


class LoginEventError(OpenIdLoginError):
    message = "The user could not be set up for the login."


class LoginEndedError(OpenIdLoginError):
    """With the text of the integration event."""

    message = "The login was ended."
