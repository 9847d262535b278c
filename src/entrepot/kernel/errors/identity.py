"""Refusals about users, passwords, profiles and impersonation."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class UsernameTakenError(ApiError):
    code = "User.UsernameMustBeUnique"
    status = 409
    message = "Username is already in use."


class DeleteDefaultContextUserError(ApiError):
    """409 by CONV-11 and USR-3, which cite a release note; AUTH-73 lists it among the 400s."""

    code = "User.CannotDeleteDefaultContextUser"
    status = 409
    message = "The user is the default context user of an API client."


class DeleteUserWithOpenOrderError(ApiError):
    code = "User.CannotDeleteWithOpenOrder"
    message = "The user has an order that is open or awaits approval."


class MoveUserWithOpenOrderError(ApiError):
    code = "User.CannotMoveeWithOpenOrder"
    message = "The user has an order that is open or awaits approval."


class MoveDefaultContextUserError(ApiError):
    code = "User.CannotMoveDefaultContextUser"
    message = "The user is the default context user of an API client."


class InsecurePasswordError(ApiError):
    code = "PasswordReset.InsecurePassword"
    message = "Password does not meet security requirements."


class PasswordReuseError(ApiError):
    code = "PasswordReset.CannotReusePassword"
    message = "The password was used before and cannot be used again yet."


class PasswordChangeTooSoonError(ApiError):
    code = "PasswordReset.TooSoonToChange"
    message = "The password was changed too recently to be changed again."


class InvalidPasswordConfigurationError(ApiError):
    code = "SecurityProfile.InvalidPasswordConfiguration"
    message = "Password settings must ask for at least 10 characters."


class InvalidVerificationError(ApiError):
    code = "PasswordReset.InvalidVerification"
    message = "The verification code is wrong, was used, or has expired."


class ResetLockedOutError(ApiError):
    code = "PasswordReset.LockedOut"
    message = "The account is locked; its password cannot be reset now."


class ResetClientError(ApiError):
    code = "PasswordReset.MissingOrInvalidClientID"
    message = "ClientID is missing or names no active API client."


class ResetUsernameRequiredError(ApiError):
    code = "PasswordReset.MissingUsername"
    message = "Username is required."


class ResetUsernameOrEmailRequiredError(ApiError):
    code = "PasswordReset.MissingUsernameOrEmail"
    message = "Username or Email is required."


class OneTimePasswordRecipientError(ApiError):
    code = "OneTimePasswordRequest.UsernameOrEmailRequired"
    message = "Username or Email is required."


class ClientAndEmailRequiredError(ApiError):
    code = "Auth.ClientIDAndEmailRequired"
    message = "clientID and email are required."


class ExternalRoleGroupError(ApiError):
    code = "SecurityProfile.ExternalRoleGroupReadOnly"
    message = "The security profile is kept elsewhere and cannot be changed here."


class BuyerOfOtherRoleError(ApiError):
    code = "SecurityProfile.CannotProvideBuyerID"
    message = "buyerID goes with commerceRole Buyer only."


class SupplierOfOtherRoleError(ApiError):
    code = "SecurityProfile.CannotProvideSupplierID"
    message = "supplierID goes with commerceRole Supplier only."


class DeleteImpersonationProfileError(ApiError):
    code = "Impersonation.CannotDeleteSecurityProfile"
    message = "An impersonation config names this security profile."


class MoveImpersonationUserError(ApiError):
    code = "User.CannotMoveDevImpersonationUser"
    message = "An impersonation config names this user."


class ImpersonationClientNotFoundError(ApiError):
    code = "Impersonation.ClientIDNotFound"
    message = "The API client does not exist or is not available to the caller."


class ImpersonatedBuyerNotAssignedError(ApiError):
    code = "Impersonation.BuyerNotAssigned"
    message = "The API client is not available to the buyer of the impersonated user."


class ImpersonationConfigError(ApiError):
    code = "Impersonation.ConfigError"
    message = "No impersonation configuration grants roles to this impersonation."
