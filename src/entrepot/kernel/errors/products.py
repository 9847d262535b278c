"""Refusals about products, their assignments and suppliers."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class ModifyProductError(ApiError):
    code = "Product.CannotModify"
    status = 403
    message = "The product belongs to another company."


class ModifyAllSuppliersCanSellError(ApiError):
    code = "Product.CannotModifyAllSuppliersCanSell"
    status = 403
    message = "Only the marketplace owner can open a product to all suppliers, and only its own product."


class AutoForwardingUserError(ApiError):
    code = "Seller.AutoForwardingUserRequired"
    message = "The marketplace has no auto-forwarding user: name one with `entrepot marketplace forward-as`."


class InventoryDisabledError(ApiError):
    code = "Product.InventoryDisabled"
    message = "QuantityAvailable cannot be set while the product's inventory is not enabled."


class SetVariantLevelTrackingError(ApiError):
    code = "InventoryConfiguration.CannotSetVariantLevelTracking"
    message = "Parent and child products cannot track inventory by variant."


class ChangeVariantLevelTrackingError(ApiError):
    code = "InventoryConfiguration.CannotChangeVariantLevelTracking"
    message = "VariantLevelTracking cannot change while the product has inventory records."


class ParentWithParentError(ApiError):
    code = "Product.ParentProductCannotHaveParent"
    message = "A parent product cannot have a parent itself."


class NotAParentError(ApiError):
    code = "Product.IsNotParent"
    message = "The product named by ParentID is not a parent product."


class ParentOwnerError(ApiError):
    code = "Product.ParentChildProductOwnersShouldMatch"
    message = "A parent product and its children have the same owner."


class ModifyIsParentError(ApiError):
    code = "Product.CannotModifyIsParent"
    message = "A product that has children stays a parent product."


class ParentWithVariantsError(ApiError):
    code = "Product.CannotModifyIsParentForVariant"
    message = "A product that has variants cannot become a parent product."


class ChildWithVariantsError(ApiError):
    code = "Product.CannotModifyParentIDForVariant"
    message = "A product that has variants cannot become a child product."


class ParentBundleError(ApiError):
    code = "Product.ParentProductCannotBeABundle"
    message = "A bundle cannot be a parent product."


class DeleteParentProductError(ApiError):
    code = "Product.CannotDeleteParentProduct"
    message = "The product has children."


class DeleteBundledProductError(ApiError):
    code = "Product.CannotDeleteProductAssingedToBundle"
    message = "The product is part of a bundle."


class NotInBuyerCatalogError(ApiError):
    code = "Product.CannotAssignNotInBuyerCatalog"
    message = "The product is in none of the buyer's catalogs."


class PriceScheduleRequiredError(ApiError):
    code = "ProductAssigment.MustSpecifyPriceScheduleID"
    message = "An assignment for another seller needs a PriceScheduleID."


class DefaultPriceScheduleError(ApiError):
    code = "PriceSchedule.InvalidDefaultPriceScheduleID"
    message = (
        "The price schedule belongs neither to the supplier nor, where the marketplace owner asks, to it."
    )


class NoPriceBreaksError(ApiError):
    code = "PriceSchedule.NoPriceBreaks"
    message = "The price schedule has no price breaks."


class CurrencyMismatchError(ApiError):
    code = "PriceSchedule.CurrencyMismatch"
    message = "The price schedule has another currency than the locale of the party."
