"""Refusals about price schedules."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


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


class ClearPriceBreaksError(ApiError):
    code = "PriceSchedule.CannotClearPriceBreaks"
    message = "The price schedule is in use and needs a price break."


class DeleteLastPriceBreakError(ApiError):
    code = "PriceSchedule.CannotDeleteLastPriceBreak"
    message = "The price schedule is in use: its last price break cannot be deleted."


class ModifyCurrencyError(ApiError):
    code = "PriceSchedule.CannotModifyCurrency"
    message = "The currency cannot change while products are assigned with this price schedule."
