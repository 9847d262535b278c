"""Refusals about inventory records (catalog spec section 12)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class ProductInventoryMissingError(ApiError):
    code = "InventoryConfiguration.ProductInventoryMustExist"
    message = "The product has no Inventory that records could belong to."


class VariantLevelTrackingError(ApiError):
    code = "InventoryConfiguration.InvalidVariantLevelTracking"
    message = "Records belong to variants if the product's VariantLevelTracking is set, else to the product."


class RecordsOfOtherLevelError(ApiError):
    code = "InventoryConfiguration.CannotCreateInventoryRecord"
    message = "A product has records of its own or records of its variants, not both."


class DeleteInventoryAddressError(ApiError):
    code = "Address.CannotDeleteInventoryRecordAddress"
    message = "The address is that of an inventory record."


class RecordOnOpenOrdersError(ApiError):
    code = "InventoryRecord.OpenOrdersExist"
    message = "Lines of open orders take their stock from the record."
