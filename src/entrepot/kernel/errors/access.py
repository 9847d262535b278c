"""401 and 403 (auth spec, section 5)."""

from __future__ import annotations

from collections.abc import Iterable

from entrepot.kernel.errors.error import ApiError


class UnauthorizedError(ApiError):
    status = 401
    challenge = "Bearer"
    """What else it may say: where one learns how to get a token."""

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": self.challenge}


class InvalidTokenError(UnauthorizedError):
    code = "InvalidToken"
    message = "Access token is invalid or expired."


class TokenRevokedError(UnauthorizedError):
    code = "Auth.TokenRevoked"
    message = "The provided token has been revoked. Please re-authenticate."


class UserGoneError(UnauthorizedError):
    code = "Auth.UserNotFound"
    message = "The user of this token no longer exists."


class UserInactiveError(UnauthorizedError):
    code = "Auth.UserNotActive"
    message = "The user is not active."


class CompanyInactiveError(UnauthorizedError):
    code = "Auth.CompanyNotActive"
    message = "The user's company is not active."


class SellerInactiveError(UnauthorizedError):
    code = "Auth.SellerNotActive"
    message = "The marketplace is not active."


class ClientInactiveError(UnauthorizedError):
    code = "Auth.ClientNotActive"
    message = "The API client is not active."


class InsufficientRolesError(ApiError):
    code = "Auth.InsufficientRoles"
    status = 403
    message = "User does not have role(s) required to perform this action."

    def __init__(self, sufficient: Iterable[str], assigned: Iterable[str]) -> None:
        super().__init__({"SufficientRoles": list(sufficient), "AssignedRoles": list(assigned)})


class UserTypeError(ApiError):
    code = "Auth.UserNotAuthorizedToAdmin"
    status = 403
    message = "User is not authorized to administer this resource."


class GrantCeilingError(ApiError):
    code = "Auth.GrantCeiling"
    status = 403
    message = "Nobody grants roles, or takes over a user with roles, that he does not hold."


class MetricsForbiddenError(ApiError):
    code = "Metrics.Forbidden"
    status = 403
    message = "The metrics are for programs of this machine, or for whoever has the metrics token."


class GuestProhibitedError(ApiError):
    code = "Auth.AnonUserProhibited"
    status = 403
    message = "Anonymous users cannot perform this action."


class XpNotAllowedError(ApiError):
    code = "User.XPNotAllowed"
    status = 403
    message = "User is not allowed to write xp of its own record."
