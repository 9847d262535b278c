"""Refused grants: answers of POST /oauth/token (auth spec, section 2)."""

from __future__ import annotations

from typing import ClassVar

from entrepot.kernel.errors.error import ApiError, ErrorItem


class TokenGrantError(ApiError):
    """A refused grant. `class_code` is the guide's name of the refusal, where it has one (AUTH-11)."""

    error: ClassVar[str] = "invalid_grant"
    class_code: ClassVar[str | None] = None

    def items(self) -> tuple[ErrorItem, ...]:
        own = ErrorItem(self.code, self.text, self.data)
        if self.class_code is None:
            return (own,)
        return (ErrorItem(self.class_code, self.text, self.data), own)


class InvalidContentTypeError(TokenGrantError):
    code = "Request.InvalidContentType"
    error = "invalid_request"
    message = "Invalid content type. Please use x-www-form-urlencoded."


class UnsupportedGrantError(TokenGrantError):
    code = "Auth.OauthError"
    error = "unsupported_grant_type"
    message = "grant_type must be password, client_credentials or refresh_token."


class UnknownClientError(TokenGrantError):
    code = "Auth.OauthError"
    class_code = "InvalidGrant"
    message = "API client does not exist."


class GrantClientInactiveError(TokenGrantError):
    code = "Auth.ClientNotActive"
    class_code = "InvalidGrant"
    message = "The API client is not active."


class InvalidClientSecretError(TokenGrantError):
    code = "Auth.OauthError"
    class_code = "InvalidGrant"
    error = "invalid_client"
    status = 401
    message = "invalid client secret"


class MissingCredentialsError(TokenGrantError):
    code = "Auth.UsernameAndPasswordRequired"
    message = "Username and password are required."


class InvalidCredentialsError(TokenGrantError):
    code = "Auth.InvalidUsernameOrPassword"
    class_code = "InvalidCredentials"
    message = "Username or password is incorrect."


class ClientNotForUserError(TokenGrantError):
    code = "Auth.OauthError"
    class_code = "InvalidGrant"
    status = 401
    message = "The API client is not available to this user."


class LockedOutError(TokenGrantError):
    code = "Auth.LockedOut"
    message = "The account is locked after too many failed attempts."


class GrantUserInactiveError(TokenGrantError):
    code = "Auth.UserNotActive"
    message = "The user is not active."


class GrantCompanyInactiveError(TokenGrantError):
    code = "Auth.CompanyNotActive"
    message = "The user's company is not active."


class GrantSellerInactiveError(TokenGrantError):
    code = "Auth.SellerNotActive"
    message = "The marketplace is not active."


class PasswordExpiredError(TokenGrantError):
    code = "Auth.PasswordExpired"
    message = "The password has expired and must be reset."


class InsecurePasswordGrantError(TokenGrantError):
    code = "Auth.InsecurePassword"
    message = "Password does not meet security requirements."


class MinimumRolesError(TokenGrantError):
    code = "Auth.InsufficientRoles"
    message = "User does not have the roles that this API client requires."


class InvalidRefreshTokenError(TokenGrantError):
    code = "Auth.OauthError"
    class_code = "InvalidGrant"
    message = "Refresh token is invalid or expired."


class AnonymousUserIdError(TokenGrantError):
    code = "Auth.OauthError"
    error = "invalid_request"
    message = "anonuserid is too long."


class DefaultContextUserRequiredError(TokenGrantError):
    code = "Auth.OauthError"
    message = "Default context user required for client credentials grant"
