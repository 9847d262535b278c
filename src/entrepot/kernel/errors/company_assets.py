"""Refusals about addresses, cards and accounts."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


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
