"""Refusals of the portal (PORT)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class NotAdministratorError(ApiError):
    code = "Portal.NotAdministrator"
    status = 403
    message = "Only the owner of the marketplace and those who administer it may do this."


class NotStagingError(ApiError):
    code = "Portal.NotStaging"
    message = "Only marketplaces of the environment Staging are restored."


class NotProductionError(ApiError):
    code = "Portal.NotProduction"
    message = "A staging marketplace is restored from one of the environment Production."


class RestoresExceededError(ApiError):
    code = "Portal.StagingRestoresExceeded"
    message = "The marketplace was restored as often as one may ask for."


class StagingWebhookFailedError(ApiError):
    code = "Portal.StagingRestoreWebhookFailed"
    message = "The webhook did not answer with success."


class ImpersonationTypeError(ApiError):
    code = "Portal.ImpersonationNotAllowed"
    status = 403
    message = "The account may not act as users of this type in the marketplace."


class SignUpClosedError(ApiError):
    code = "Portal.SignUpClosed"
    status = 403
    message = "This server makes no accounts by itself: ask who runs it (entrepot portal user create)."


class EmailTakenError(ApiError):
    code = "Portal.EmailTaken"
    status = 409
    message = "The e-mail address belongs to another account."


class InvalidCodeError(ApiError):
    code = "Portal.InvalidCode"
    message = "The code is wrong, was used, or has expired."


class WrongPasswordError(ApiError):
    code = "Portal.WrongPassword"
    message = "The present password is not right."


class LastAuthorizationMethodError(ApiError):
    code = "Portal.LastAuthorizationMethod"
    message = "The only way to sign in to an account cannot be removed."


class AuthorizationMethodUnavailableError(ApiError):
    code = "Portal.AuthorizationMethodUnavailable"
    message = "This server is not registered there: accounts do not sign in by it."


class IdentityTakenError(ApiError):
    code = "Portal.IdentityTaken"
    status = 409
    message = "Another account of this server signs in by it. Remove it there first."


class AuthorizationMethodLinkedError(ApiError):
    code = "Portal.AuthorizationMethodLinked"
    status = 409
    message = "The account is linked with another one there. Remove that first."


class IdentityUnknownError(ApiError):
    code = "Portal.IdentityUnknown"
    status = 403
    message = (
        "No account of this server is known to belong to it. If you have one, sign in to it as before, and link them on the page"
        " Account."
    )


class ProviderUnreachedError(ApiError):
    code = "Portal.ProviderUnreached"
    status = 502
    message = "It could not be asked who you are: no answer came in time, or none that makes sense. Try again in a minute."


class EnvironmentNotAllowedError(ApiError):
    code = "Portal.EnvironmentNotAllowed"
    status = 403
    message = "Only who runs the server makes marketplaces of this environment; yours are of Sandbox."


class TooManyMarketplacesError(ApiError):
    code = "Portal.TooManyMarketplaces"
    message = "The account owns as many marketplaces as one may."


class NotOwnerError(ApiError):
    code = "Portal.NotOwner"
    status = 403
    message = "Only the owner may do this."


class OwnerAccessError(ApiError):
    code = "Portal.OwnerHasAccess"
    message = "The owner may do everything, and needs no access."


class TooManyContributorsError(ApiError):
    code = "Portal.TooManyContributors"
    message = "The marketplace gives access to as many as one may."


class SearchRebuildsExceededError(ApiError):
    code = "Portal.SearchRebuildsExceeded"
    message = (
        "Search indexes have been built anew on request as often as they may be in an hour, or in a week."
    )


class NotTeamAdministratorError(ApiError):
    code = "Portal.NotTeamAdministrator"
    status = 403
    message = "Only the owner of the team and those who administer it may do this."


class NotMemberError(ApiError):
    code = "Portal.NotMember"
    message = "A team is given to one of its members."


class TeamOwnerLeavesError(ApiError):
    code = "Portal.TeamOwnerLeaves"
    message = "The owner of a team gives it to a member before leaving it."


class TooManyTeamsError(ApiError):
    code = "Portal.TooManyTeams"
    message = "The account owns as many teams as one may."


class TooManyMembersError(ApiError):
    code = "Portal.TooManyMembers"
    message = "The team has as many members as one may."
