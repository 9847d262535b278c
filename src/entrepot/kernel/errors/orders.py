"""Refusals about orders, their lines and addresses (orders spec)."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError, ErrorItem


class OrderBodyError(ApiError):
    code = "Order.CannotCreateInvalid"
    message = "The body is no order."


class IncomingOrderUserError(ApiError):
    code = "Order.CreateIncomingRequiresFromUser"
    message = "An order on behalf of a buyer names FromCompanyID and FromUserID."


class BuyerUserNotFoundError(ApiError):
    code = "Buyer.UserNotFound"
    message = "The buyer has no such user."


class OverrideShippingError(ApiError):
    code = "Order.OverrideShippingPermission"
    status = 403
    message = "Setting ShippingCost takes the role OverrideShipping."


class OverrideTaxError(ApiError):
    code = "Order.OverrideTaxPermission"
    status = 403
    message = "Setting TaxCost takes the role OverrideTax."


class DeleteForwardedOrderError(ApiError):
    code = "Order.CannotDeleteForwardedOrder"
    message = "Orders to suppliers were made from this order."


class SubmitStatusError(ApiError):
    code = "Order.CannotSubmitBadStatus"
    message = "Only an unsubmitted order can be submitted."


class OrderRefusedError(ApiError):
    """All that stands against a submit, in one envelope (SUB-1); its status is 400, whatever theirs are."""

    code = "Order.CannotSubmitBadStatus"

    def __init__(self, *errors: ApiError) -> None:
        self.errors = errors
        super().__init__(message=errors[0].text)

    def items(self) -> tuple[ErrorItem, ...]:
        return tuple(item for error in self.errors for item in error.items())


class CancelStatusError(ApiError):
    code = "Order.CannotCancelInCurrentStatus"
    message = "The order cannot be canceled in its present status."


class CompleteStatusError(ApiError):
    code = "Order.CannotCompleteBadStatus"
    message = "Only an open order can be completed."


class ShipStatusError(ApiError):
    code = "Order.CannotShipBadStatus"
    message = "Only an open order can be shipped."


class ShipNothingError(ApiError):
    code = "Order.CannotShipWithNoLineItems"
    message = "The order has no lines to ship."


class ShipmentConflictError(ApiError):
    code = "Order.ConflictsWithOtherShipments"
    message = "Lines of the order are in other shipments already."


class UncalculatedOrderError(ApiError):
    code = "Order.CannotSubmitUncalculatedOrder"
    message = "The order has changed since it was last calculated."


class EmptyOrderError(ApiError):
    code = "Order.CannotSubmitWithNoLineItems"
    message = "The order has no lines."


class UnacceptedPaymentsError(ApiError):
    code = "Order.CannotSubmitWithUnaccceptedPayments"
    message = "Payments of the order are not accepted yet."


class ParentProductOrderedError(ApiError):
    code = "Order.CannotSubmitWithParentProduct"
    message = "Products that have become parents of others cannot be ordered."


class InactiveProductOrderedError(ApiError):
    code = "Order.CannotSubmitWithInactiveProduct"
    message = "Products that are not active cannot be ordered."


class OrderedProductsNotFoundError(ApiError):
    code = "Order.ProductsNotFound"
    message = "Products of the order cannot be ordered any more."


class MixedSubmissionError(ApiError):
    code = "Order.CannotMixSubmittedAndUnsubmitted"
    message = "A list has orders that are submitted or orders that are not, never both."


class SubmittedOnlyError(ApiError):
    code = "Order.AllowedOnSubmittedOnly"
    message = "This search or filter works on submitted orders only."


class SortByOrderFirstError(ApiError):
    code = "LineItem.MustSortByOrderFirst"
    message = "Lines of several orders are sorted by a property of their orders first."


class FilterAcrossError(ApiError):
    code = "LineItem.CannotFilterByOrderOrLineItem"
    message = "One filter names properties of lines or properties of their orders, not both."


class SearchAcrossError(ApiError):
    code = "LineItem.CannotSearchByOrderOrLineItem"
    message = "A search names properties of lines or properties of their orders, not both."


class PromotionStatusError(ApiError):
    code = "Order.CannotApplyPromoBadStatus"
    message = "Promotions come to orders before these are open."


class OrderCurrencyError(ApiError):
    code = "Order.CurrencyMismatch"
    message = "The currency of the order is not that of its user any more."


class MustAwaitApprovalError(ApiError):
    code = "Order.MustBeAwaitingApproval"
    message = "The order does not await approval."


class NotEligibleToApproveError(ApiError):
    code = "Order.NotEligibleToApprove"
    status = 403
    message = "You are not among the approvers of this order."


class SplitOutgoingError(ApiError):
    code = "Order.CannotSplitOutgoing"
    message = "Only incoming orders are split."


class SplitUserTypeError(ApiError):
    code = "Order.CannotSplitWrongUserType"
    status = 403
    message = "Only the marketplace owner's users split orders."


class PurchaseParentError(ApiError):
    code = "LineItem.CannotPurchaseParentProduct"
    message = "A parent product stands for its children and is not sold itself."


class PurchaseBundleError(ApiError):
    code = "LineItem.CannotPurchaseBundleProduct"
    message = "A bundle comes to an order as a whole."


class NotAvailableFromSellerError(ApiError):
    code = "LineItem.ProductNotAvailableFromSeller"
    message = "The company that the order goes to does not sell the product."


class LineQuantityError(ApiError):
    code = "LineItem.QuantityMustBePositive"
    message = "Quantity is at least 1."


class DateNeededError(ApiError):
    code = "LineItem.DateNeededMustBeGreaterThanDateAdded"
    message = "DateNeeded lies after DateAdded."


class ChangeProductError(ApiError):
    code = "LineItem.CannotChangeProductID"
    message = "A line keeps its product."


class VariantNotFoundError(ApiError):
    code = "LineItem.VariantNotFound"
    message = "The product has no active variant with these options."


class PatchLineAddressError(ApiError):
    code = "LineItem.CannotPatchShippingAddressIfMissing"
    message = "The line has no shipping address to change."


class RemoveBundleError(ApiError):
    code = "LineItem.CannotRemoveBundle"
    message = "A bundle leaves an order as a whole."


class RemoveRequiredBundleItemError(ApiError):
    code = "LineItem.CannotRemoveRequiredBundleItem"
    message = "The bundle requires this product."


class SpecValuesMissingError(ApiError):
    code = "Spec.OneOrMoreRequiresValue"
    message = "Required specs of the product have no value."


class SpecSelectionError(ApiError):
    code = "Spec.RequiresSelection"
    message = "The spec asks for one of its options."


class SpecValueError(ApiError):
    code = "Spec.RequiresValue"
    message = "The spec asks for a text."


class PriceScheduleMissingError(ApiError):
    code = "PriceSchedule.MissingOrConflicting"
    message = "The product has no price for this order."


class LineQuantityBelowMinError(ApiError):
    code = "PriceSchedule.CannotBeLessThanMin"
    message = "The quantity is below the least that can be ordered."


class LineQuantityAboveMaxError(ApiError):
    code = "PriceSchedule.CannotExceedMax"
    message = "The quantity is above the most that can be ordered."


class LineQuantityNotAllowedError(ApiError):
    code = "PriceSchedule.QuantityNotAllowed"
    message = "Only the quantities of the price breaks can be ordered."


class SumBelowMinError(ApiError):
    code = "PriceSchedule.CumulativeCannotBeLessThanMin"
    message = "The quantities of all lines together are below the least that can be ordered."


class SumAboveMaxError(ApiError):
    code = "PriceSchedule.CumulativeCannotExceedMax"
    message = "The quantities of all lines together are above the most that can be ordered."


class SumNotAllowedError(ApiError):
    code = "PriceSchedule.CumulativeQuantityNotAllowed"
    message = "The quantities of all lines together are not one of the price breaks."


class StockError(ApiError):
    code = "Inventory.Insufficient"
    message = "There is not enough of the product."


class NoShippingAddressError(ApiError):
    code = "Address.IsNotShippingAddress"
    message = "The address is not one for shipping."


class ShippingAddressMissingError(ApiError):
    code = "ShippingAddress.CannotModifyNotFound"
    message = "The order has no shipping address to change."


class ShippingAddressByIdError(ApiError):
    code = "ShippingAddress.CannotPatchSetByID"
    message = "The shipping address was set by its ID and follows that address."


class BillingAddressMissingError(ApiError):
    code = "BillingAddress.CannotModifyNotFound"
    message = "The order has no billing address to change."


class BillingAddressByIdError(ApiError):
    code = "BillingAddress.CannotPatchSetByID"
    message = "The billing address was set by its ID and follows that address."


class BundleItemMissingError(ApiError):
    code = "Bundle.RequiredBundleItemMissing"
    message = "The bundle requires products that are missing."


class BundleQuantityMissingError(ApiError):
    code = "Bundle.DefaultQuantityMissing"
    message = "The bundle has no default quantities; name the quantities."


class BundleProductError(ApiError):
    code = "Bundle.ProductNotAssigned"
    message = "The product is not part of the bundle."
