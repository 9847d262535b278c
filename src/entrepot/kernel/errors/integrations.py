"""Refusals about webhooks, events, senders and other integrations."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


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


class WebhookBlockedError(ApiError):
    """Data holds WebhookName, and in `body` what the webhook had to say (WH-8)."""

    code = "Webhook.Blocked"
    message = "Request blocked by webhook."


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


class ErrorConfigDisabledError(ApiError):
    code = "ErrorConfig.DeliveryConfigDisabled"
    message = "The delivery configuration of the error configuration is disabled."


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


class ProductSyncError(ApiError):
    code = "Synchronize.ProductSyncNotEnabled"
    message = "Products are not synchronized."


class AdminUserSyncError(ApiError):
    code = "Synchronize.EntitySyncForAdminUsersNotEnabled"
    message = "Seller users are not synchronized."


class BuyerSyncError(ApiError):
    code = "Synchronize.EntitySyncForBuyerNotEnabled"
    message = "Buyers are not synchronized."


class UserGroupSyncError(ApiError):
    code = "Synchronize.EntitySyncForBuyerUserGroupNotEnabled"
    message = "User groups are not synchronized."


class BuyerUserSyncError(ApiError):
    code = "Synchronize.EntitySyncForBuyerUsersNotEnabled"
    message = "Buyer users are not synchronized."


class CatalogSyncError(ApiError):
    code = "Synchronize.EntitySyncForCatalogNotEnabled"
    message = "Catalogs are not synchronized."


class CategorySyncError(ApiError):
    code = "Synchronize.EntitySyncForCategoryNotEnabled"
    message = "Categories are not synchronized."


class InventoryRecordSyncError(ApiError):
    code = "Synchronize.EntitySyncForInventoryRecordNotEnabled"
    message = "Inventory records are not synchronized."


class SupplierSyncError(ApiError):
    code = "Synchronize.EntitySyncForSupplierNotEnabled"
    message = "Suppliers are not synchronized."


class SupplierUserSyncError(ApiError):
    code = "Synchronize.EntitySyncForSupplierUsersNotEnabled"
    message = "Supplier users are not synchronized."


class OrderSyncError(ApiError):
    code = "Synchronize.OrderSyncNotEnabled"
    message = "Orders are not synchronized."


class FullSyncRunningError(ApiError):
    code = "FullSyncStatus.FullSyncAlreadyRunning"
    message = "A full synchronization of this kind is still running."


class OrderSyncRangeError(ApiError):
    code = "OrderSync.InvalidDateRangeForSyncOperation"
    message = "EndDate must be after StartDate."
