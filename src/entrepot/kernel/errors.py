"""Every refusal that a caller can receive: one class, one wire code, one status, one message.

    ApiError
    ├── conventions   NotFoundError, ValidationError, InvalidBodyError, IdExistsError, ...
    ├── lists         InvalidPageSizeError, InvalidPropertyError, ...
    ├── access        InvalidTokenError, InsufficientRolesError, ...
    ├── grants        TokenGrantError (answers of POST /oauth/token)
    └── refusals      business rules, by the wire's prefix

The wire form is `{"Errors": [{"ErrorCode", "Message", "Data"}]}` (ERR-1); it is rendered in http/errors.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

LONGEST_ECHO = 100
"""Characters of a refused value that its error repeats."""


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One entry of the error envelope."""

    code: str
    message: str
    data: Any = None


class ApiError(Exception):
    """A refusal with a wire code. Subclasses fix code, status and message."""

    code: ClassVar[str] = "ServerError"
    status: ClassVar[int] = 400
    message: ClassVar[str] = "An unknown error has occurred on the server."

    def __init__(self, data: Any = None, *, message: str | None = None) -> None:
        self.data = data
        self.text = message or self.message
        super().__init__(f"{self.code}: {self.text}")

    def items(self) -> tuple[ErrorItem, ...]:
        """The entries of the envelope, in order."""
        return (ErrorItem(self.code, self.text, self.data),)

    def headers(self) -> dict[str, str]:
        """Response headers that belong to the refusal."""
        return {}


# --- conventions (spec section 4) ---------------------------------------------------------------------------


class ServerError(ApiError):
    status = 500


class NotFoundError(ApiError):
    """ERR-2: Data is always an object; client libraries dereference it."""

    code = "NotFound"
    status = 404
    message = "Object not found."

    def __init__(self, object_type: str, object_id: str) -> None:
        super().__init__({"ObjectType": object_type, "ObjectID": object_id})


class RouteNotFoundError(NotFoundError):
    def __init__(self, verb: str, path: str) -> None:
        super().__init__("Route", f"{verb} {path}")


class MethodNotAllowedError(ApiError):
    code = "MethodNotAllowed"
    status = 405

    def __init__(self, verb: str, allowed: Iterable[str]) -> None:
        self.allowed = tuple(allowed)
        super().__init__(message=f"Method {verb} not allowed.")

    def headers(self) -> dict[str, str]:
        return {"Allow": ", ".join(self.allowed)}


class NotBuiltError(ApiError):
    """An operation of the contract that this server does not have yet."""

    code = "NotImplemented"
    status = 501

    def __init__(self, operation: str) -> None:
        super().__init__(
            {"Operation": operation}, message=f"{operation} is not available on this server yet."
        )


class IdExistsError(ApiError):
    code = "IdExists"
    status = 409
    message = "Object already exists."

    def __init__(self, object_type: str, object_id: str) -> None:
        super().__init__({"ObjectType": object_type, "ObjectID": object_id})


class InvalidBodyError(ApiError):
    code = "Request.InvalidRequestBody"
    message = "Request body is invalid or null."


class BodyTooLargeError(ApiError):
    code = "Request.BodyTooLarge"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__({"MaxBytes": limit}, message=f"Request body cannot exceed {limit} bytes.")


class MalformedRequestError(ApiError):
    code = "Request.Malformed"
    message = "The request is not valid HTTP."


class UrlTooLongError(ApiError):
    code = "Request.UrlTooLong"
    status = 414

    def __init__(self, limit: int) -> None:
        super().__init__({"MaxBytes": limit}, message=f"The URL cannot exceed {limit} bytes.")


class HeadersTooLargeError(ApiError):
    code = "Request.HeadersTooLarge"
    status = 431

    def __init__(self, limit: int) -> None:
        super().__init__(
            {"MaxBytes": limit}, message=f"Request line and headers cannot exceed {limit} bytes."
        )


class ConflictingWriteError(ApiError):
    """Two writes met and the database chose the other one; the request may be sent again."""

    code = "Conflict"
    status = 409
    message = "The object was changed by another request at the same time. Please try again."


class ApiOfflineError(ApiError):
    code = "Api.Offline"
    status = 503
    message = "The server cannot reach its database. Please try again later."


@dataclass(frozen=True, slots=True)
class PropertyError:
    """One bad property of a body."""

    message: str
    data: dict[str, Any]


class ValidationError(ApiError):
    """All bad properties of one body, in the contract's order (ERR-5)."""

    code = "ValidationFailure"
    message = "Model or property was invalid."

    def __init__(self, *properties: PropertyError) -> None:
        self.properties = properties
        super().__init__(message=properties[0].message if properties else None)

    def items(self) -> tuple[ErrorItem, ...]:
        if not self.properties:
            return super().items()
        return tuple(ErrorItem(self.code, p.message, p.data) for p in self.properties)


# --- lists (sections 5 to 7) --------------------------------------------------------------------------------


class ListError(ApiError):
    """A bad list option; Data names the property."""

    def __init__(self, name: str, value: str | None = None) -> None:
        data = {"Property": name}
        super().__init__(data if value is None else {**data, "Value": value[:LONGEST_ECHO]})


class InvalidPageSizeError(ListError):
    code = "List.InvalidPageSize"
    message = "Page size must be a whole number from 1 to 100."


class InvalidPropertyError(ListError):
    code = "List.InvalidProperty"
    message = "Property does not exist."


class InvalidSearchPropertyError(ListError):
    code = "List.InvalidSearchProperty"
    message = "Property cannot be searched."


class InvalidSortPropertyError(ListError):
    code = "List.InvalidSortProperty"
    message = "Property cannot be sorted by."


class InvalidTypeError(ListError):
    code = "List.InvalidType"
    message = "Value is not valid for the type of the property."


class ResultSetTooLargeError(ApiError):
    code = "Search.ResultSetTooLarge"
    message = "page times pageSize cannot exceed 100000. Page by the last ID instead."


class InvalidQueryError(ApiError):
    code = "Search.InvalidQuery"
    message = "The query is invalid."


# --- access (auth spec section 5) ---------------------------------------------------------------------------


class UnauthorizedError(ApiError):
    status = 401

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


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


class GuestProhibitedError(ApiError):
    code = "Auth.AnonUserProhibited"
    status = 403
    message = "Anonymous users cannot perform this action."


class XpNotAllowedError(ApiError):
    code = "User.XPNotAllowed"
    status = 403
    message = "User is not allowed to write xp of its own record."


# --- grants: POST /oauth/token (auth spec section 2) --------------------------------------------------------


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


# --- refusals: assignments (ASG-3) --------------------------------------------------------------------------


class GroupAndUserError(ApiError):
    code = "PartyAssignment.CannotSpecifyGroupAndUser"
    message = "An assignment names a user group or a user, not both."


class UserLevelError(ApiError):
    code = "PartyAssignment.UserLevelNotAllowed"
    message = "This cannot be assigned to a user."


class GroupLevelError(ApiError):
    code = "PartyAssignment.GroupLevelNotAllowed"
    message = "This cannot be assigned to a user group."


class SpecifiedBuyerAndSupplierError(ApiError):
    code = "PartyAssignment.CannotSpecifyBuyerAndSupplier"
    message = "An assignment names a buyer or a supplier, not both."


class ProvidedBuyerAndSupplierError(ApiError):
    code = "PartyAssignment.CannotProvideBuyerAndSupplier"
    message = "An assignment names a buyer or a supplier, not both."


class BuyerRequiredError(ApiError):
    code = "PartyAssignment.RequiresBuyer"
    message = "The assignment needs a buyer."


class BuyerAndBuyerGroupError(ValidationError):
    """BUY-7: the buyers of a group share its rows; a row of one buyer is another row."""

    def __init__(self) -> None:
        message = "An assignment names a buyer or a group of buyers, not both."
        super().__init__(PropertyError(message, {"Property": "BuyerGroupID"}))


class InvalidGroupLevelError(ApiError):
    code = "PartyAssignment.InvalidGroupLevel"
    message = "userGroupID goes with level Group only."


class InvalidUserLevelError(ApiError):
    code = "PartyAssignment.InvalidUserLevel"
    message = "userID goes with level User only."


# --- refusals: identity -------------------------------------------------------------------------------------


class UsernameTakenError(ApiError):
    code = "User.UsernameMustBeUnique"
    status = 409
    message = "Username is already in use."


class DeleteDefaultContextUserError(ApiError):
    code = "User.CannotDeleteDefaultContextUser"
    status = 409
    message = "The user is the default context user of an API client."


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
    message = "Password settings must ask for at least 10 characters and 3 of the 4 character classes."


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


# --- refusals: organizations --------------------------------------------------------------------------------


class DefaultCatalogExistsError(ApiError):
    code = "Buyer.DefaultCatalogAlreadyExists"
    status = 409
    message = "The buyer's default catalog would have the ID of a catalog that exists already."

    def __init__(self, catalog_id: str) -> None:
        super().__init__({"ObjectType": "Catalog", "ObjectID": catalog_id})


class ImpersonatedPartyError(ApiError):
    code = "Impersonation.CannotDeleteImpersonateeParty"
    message = "An impersonation config names this party or one of its users."


class NotGuestError(ApiError):
    code = "User.IsNotTemp"
    message = "Only an anonymous shopper can be registered."


class GuestTokenRequiredError(ApiError):
    code = "Auth.MustPassAnonUserToken"
    message = "anonUserToken must be a valid token of an anonymous shopper."


# --- refusals: what belongs to companies ---------------------------------------------------------------------


class AddressAssignmentPurposeError(ApiError):
    code = "AddressAssignment.MustBeBillingOrShipping"
    message = "An assigned address is for shipping, for billing, or for both."


class BuyerAddressPurposeError(ApiError):
    code = "BuyerAddress.MustBeBillingOrShipping"
    message = "An address is for shipping, for billing, or for both."


class PublicAddressError(ApiError):
    code = "Address.CannotEditPublic"
    message = "The address belongs to the company and cannot be changed here."


class PublicCreditCardError(ApiError):
    code = "CreditCard.CannotEditPublic"
    message = "The credit card belongs to the company and cannot be changed here."


# --- refusals: API clients ----------------------------------------------------------------------------------


class RequiredNotAnonymousError(ApiError):
    code = "ApiClient.RequiredNotAnonBuyer"
    message = "IsAnonBuyer needs a default context user that is an active buyer user."


class LastFullAccessClientError(ApiError):
    code = "ApiClient.CannotDeleteLastFullAccess"
    message = "This is the last API client through which a seller can log in with full access."


class ClientUsedByImpersonationError(ApiError):
    code = "ApiClient.UsedByImpersonationConfig"
    message = "An impersonation config uses the API client."


class TooManySecretsError(ApiError):
    code = "ApiClientSecret.MaximumClientSecretsReached"
    message = "An API client can have at most 10 secrets."


class SecretExpirationError(ApiError):
    code = "ApiClientSecret.InvalidExpirationDate"
    message = "The expiration of a secret must be in the future."


# --- refusals: configuration --------------------------------------------------------------------------------


class DuplicateLocaleError(ApiError):
    code = "Locale.DuplicateLanguageAndCurrency"
    message = "A locale with this language and currency exists already."


class ConflictingImpersonationConfigError(ApiError):
    code = "ImpersonationConfig.ConflictingImpersonationConfigExists"
    status = 409
    message = "An impersonation config for this client and these parties exists already."


# --- refusals: catalog --------------------------------------------------------------------------------------


class CatalogEditError(ApiError):
    code = "Catalog.CannotEdit"
    status = 403
    message = "The catalog belongs to another company."


class DeleteDefaultCatalogError(ApiError):
    code = "Catalog.CannotDelete"
    message = "The catalog is the default catalog of buyers."


class CircularCategoryError(ApiError):
    code = "Category.CircularReference"
    message = "A category cannot be under itself or under one of its subcategories."


class CategoryDepthError(ApiError):
    code = "Category.InvalidDepth"
    message = "depth is a whole number from 1 on, or all."


class SpecNotRequiredError(ApiError):
    code = "Spec.MustBeRequired"
    message = "A spec that defines variants must be required."


class SpecOpenTextError(ApiError):
    code = "Spec.CannotAllowOpenText"
    message = "A spec that defines variants cannot allow open text."


class SpecOptionNotFoundError(ApiError):
    code = "Spec.OptionNotFound"
    message = "The spec has no such option."


# --- refusals: pricing --------------------------------------------------------------------------------------


class ModifyPriceScheduleError(ApiError):
    code = "PriceSchedule.CannotModify"
    status = 403
    message = "The price schedule belongs to another company."


class MinGreaterThanMaxError(ApiError):
    code = "PriceSchedule.MinGreaterThanMax"
    message = "MaxQuantity cannot be less than MinQuantity."


class DuplicatePriceBreaksError(ApiError):
    code = "PriceSchedule.DuplicatePriceBreaks"
    message = "Two price breaks have the same quantity."


class PriceBreakQuantityError(ApiError):
    code = "PriceSchedule.MinQtyMustBePositive"
    message = "At least one price break must have a quantity of 1 or more."


class PriceBreakNotFoundError(ApiError):
    code = "PriceSchedule.QtyNotFound"
    status = 404
    message = "The price schedule has no price break of this quantity."


class SalePeriodError(ApiError):
    code = "PriceSchedule.InvalidSaleStartOrSaleEnd"
    message = "SaleStart must be before SaleEnd."


# --- refusals: integrations ---------------------------------------------------------------------------------


class CustomAuthHeaderNameRequiredError(ApiError):
    code = "Integration.CustomAuthHeaderNameRequired"
    message = "CustomAuthHeaderValue needs a CustomAuthHeaderName."


class CustomAuthHeaderValueRequiredError(ApiError):
    code = "Integration.CustomAuthHeaderValueRequired"
    message = "CustomAuthHeaderName needs a CustomAuthHeaderValue."


class WebhookUrlSchemeError(ApiError):
    code = "Webhook.UrlSchemeHttps"
    message = "Url must be a well-formed https URL; it may be empty only where DeliveryConfigID is not."


class WebhookDeliveryConfigError(ApiError):
    code = "Webhook.InvalidDeliveryConfig"
    message = "A webhook that runs before the request cannot have a delivery config."


class WebhookHashKeyRequiredError(ApiError):
    code = "Webhook.MissingHashKey"
    message = "A webhook with a Url needs a HashKey."


class IntegrationEventTypeFixedError(ApiError):
    code = "IntegrationEvent.CannotEditType"
    message = "The EventType of an integration event cannot be changed."


class IntegrationEventInUseError(ApiError):
    code = "IntegrationEvent.CannotDeleteInUse"
    message = "An API client or an OpenID Connect configuration uses the integration event."


class IncompatibleIntegrationEventError(ApiError):
    code = "IntegrationEvent.IncompatibleEventType"
    message = "The integration event has another EventType than this property needs."


class MessageSenderUrlRequiredError(ApiError):
    code = "MessageSenders.UrlRequired"
    message = "A message sender without DeliveryConfigID needs a URL."


class MessageSenderSharedKeyRequiredError(ApiError):
    code = "MessageSenders.SharedKeyRequired"
    message = "A message sender without DeliveryConfigID needs a SharedKey."


class DeliveryConfigInUseError(ApiError):
    code = "DeliveryConfig.CannotDeleteConfigInUse"
    message = "An integration delivers through this configuration."


class TrackingEventTypeTakenError(ApiError):
    code = "TrackingEvent.CannotCreateMultipleEventsOfSameType"
    message = "The API client has a tracking event of this type already."


class TrackingEventPropertyFixedError(ApiError):
    code = "TrackingEvent.CannotUpdateProperty"
    message = "EventType and ClientID of a tracking event cannot be changed."


class TrackingEventClientError(ApiError):
    code = "TrackingEvent.InvalidClientID"
    message = "ClientID names no API client."


class TrackingEventDeliveryConfigError(ApiError):
    code = "TrackingEvent.InvalidDeliveryConfigID"
    message = "DeliveryConfigID names no delivery configuration."


class ProductSyncConfigExistsError(ApiError):
    code = "ProductSyncConfig.OnlyOneConfigPerMarketplace"
    message = "A marketplace has only one product sync configuration."


class OrderSyncConfigExistsError(ApiError):
    code = "OrderSyncConfig.OnlyOneConfigPerMarketplace"
    message = "A marketplace has only one order sync configuration."


class EntitySyncConfigExistsError(ApiError):
    code = "EntitySyncConfig.OnlyOneConfigPerMarketplace"
    message = "A marketplace has only one sync configuration of each entity."


class InventoryDeliveryConfigRequiredError(ApiError):
    code = "InventoryIntegration.DeliveryConfigIDRequired"
    message = "The inventory integration needs a DeliveryConfigID."


class SubscriptionClientError(ApiError):
    code = "SubscriptionIntegration.CannotUseApiClient"
    message = "An API client with an OrderCheckout integration event cannot serve subscriptions."


class SubscriptionContextUserError(ApiError):
    code = "SubscriptionIntegration.DefaultContextUser"
    message = "The API client of the subscription integration needs a default context user."


class ClientUsedByIntegrationError(ApiError):
    code = "ApiClient.UsedByIntegration"
    message = "The subscription integration uses the API client."


class XpPathInUseError(ApiError):
    code = "ProductFacet.XpPathInUse"
    message = "Another facet has this xp path."
