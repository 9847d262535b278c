"""The cart: the caller's order in the making (orders spec section 7)."""

from __future__ import annotations

from dataclasses import replace

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit, operation
from entrepot.declare.roles import sufficient
from entrepot.engine.call import Call
from entrepot.engine.standing import confirm_standing
from entrepot.features.trade.cart.finding import designate, find_cart
from entrepot.features.trade.cart.twins import (
    cart_of,
    empty_page,
    no_line,
    no_order,
    no_payment,
    nothing,
    nothing_to_do,
    require_buyer,
    silent,
    twin,
)
from entrepot.features.trade.checkout import operations as checkout
from entrepot.features.trade.orders import crud, order_addresses, submitting
from entrepot.features.trade.orders.changing import render
from entrepot.features.trade.orders.lines import bundles
from entrepot.features.trade.orders.lines import crud as line_crud
from entrepot.features.trade.orders.lines import lists as line_lists
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.promotions import automatic, codes
from entrepot.features.trade.orders.promotions import lists as promotion_lists
from entrepot.features.trade.payments import crud as payments
from entrepot.features.trade.payments import transactions
from entrepot.kernel.errors import NotFoundError

SHOPPER = sufficient("Shopper")


@operation(
    "Cart.Get",
    "GET",
    "/cart",
    tag="Cart",
    summary="Get the cart",
    roles=SHOPPER,
    returns=Returns(Order),
    confirms=True,
    table="orders",
)
async def get_cart(call: Call) -> Reply:
    """Without a cart an order whose ID is null (CART-2)."""
    require_buyer(call)
    found = await find_cart(call)
    if found is None:
        await confirm_standing(call)
        return Reply(render({}))
    return await crud.get.of(call, cart_of(found))


@operation(
    "Cart.SetActiveCart",
    "PUT",
    "/cart/{orderID}",
    tag="Cart",
    summary="Make an order the cart",
    status=204,
    roles=SHOPPER,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    table="orders",
)
async def set_active_cart(call: Call) -> Reply:
    """Only an unsubmitted order of the caller's own; no body (CART-3)."""
    require_buyer(call)
    if not await designate(call, call.path["orderID"]):
        raise NotFoundError("Order", call.path["orderID"])
    return Reply()


LINE = "/cart/lineitems/{lineItemID}"
PROMOTION = "/cart/promotions/{promoCode}"
PAYMENT = "/cart/payments/{paymentID}"
OPERATIONS: tuple[Operation, ...] = (
    get_cart,
    set_active_cart,
    twin(
        "Cart.Validate",
        "POST /cart/validate",
        "Check whether the cart could be submitted",
        submitting.validate,
        no_order,
    ),
    twin("Cart.Submit", "POST /cart/submit", "Submit the cart", submitting.submit, no_order),
    twin(
        "Cart.Save",
        "PUT /cart",
        "Create or replace the cart",
        replace(crud.save_order, body=Body(Order, required=False)),
    ),
    twin("Cart.Patch", "PATCH /cart", "Change parts of the cart", crud.patch),
    twin("Cart.Delete", "DELETE /cart", "Delete the cart", crud.delete, nothing_to_do),
    twin(
        "Cart.PatchFromUser",
        "PATCH /cart/fromuser",
        "Change the cart's copy of its user",
        crud.patch_from_user,
    ),
    twin(
        "Cart.SetShippingAddress",
        "PUT /cart/shipto",
        "Set a one-time shipping address",
        order_addresses.set_shipping,
    ),
    twin(
        "Cart.PatchShippingAddress",
        "PATCH /cart/shipto",
        "Change the one-time shipping address",
        order_addresses.patch_shipping,
    ),
    twin(
        "Cart.SetBillingAddress",
        "PUT /cart/billto",
        "Set a one-time billing address",
        order_addresses.set_billing,
    ),
    twin(
        "Cart.PatchBillingAddress",
        "PATCH /cart/billto",
        "Change the one-time billing address",
        order_addresses.patch_billing,
    ),
    twin(
        "Cart.ListLineItems",
        "GET /cart/lineitems",
        "List the lines of the cart",
        line_lists.list_lines,
        empty_page,
    ),
    twin("Cart.CreateLineItem", "POST /cart/lineitems", "Add a line", line_crud.create_line),
    twin("Cart.GetLineItem", f"GET {LINE}", "Get a line", line_crud.get_line, no_line),
    twin("Cart.SaveLineItem", f"PUT {LINE}", "Create or replace a line", line_crud.save_line),
    twin("Cart.PatchLineItem", f"PATCH {LINE}", "Change parts of a line", line_crud.patch_line, no_line),
    twin("Cart.DeleteLineItem", f"DELETE {LINE}", "Delete a line", line_crud.delete_line, no_line),
    twin("Cart.CreateBundleItem", "POST /cart/bundles/{bundleID}", "Add a bundle", bundles.create_bundle),
    twin(
        "Cart.DeleteBundleItem",
        "DELETE /cart/bundles/{bundleID}/{bundleItemID}",
        "Remove a bundle",
        bundles.delete_bundle,
        no_line,
    ),
    twin(
        "Cart.ListPayments",
        "GET /cart/payments",
        "List the payments of the cart",
        payments.list_payments,
        empty_page,
    ),
    twin(
        "Cart.GetOrderWorksheet",
        "GET /cart/worksheet",
        "Get the worksheet of the cart",
        checkout.get_worksheet,
        nothing,
    ),
    twin(
        "Cart.EstimateShipping",
        "POST /cart/estimateshipping",
        "Ask the checkout integration for ship methods",
        checkout.estimate_shipping,
        no_order,
    ),
    twin(
        "Cart.SelectShipMethods",
        "POST /cart/shipmethods",
        "Choose ship methods",
        checkout.select_ship_methods,
        no_order,
    ),
    twin(
        "Cart.Calculate",
        "POST /cart/calculate",
        "Ask the checkout integration for costs and taxes",
        checkout.calculate,
        no_order,
    ),
    twin("Cart.CreatePayment", "POST /cart/payments", "Create a payment", payments.create_payment),
    twin("Cart.GetPayment", f"GET {PAYMENT}", "Get a payment", payments.get_payment, no_payment),
    twin(
        "Cart.PatchPayment",
        f"PATCH {PAYMENT}",
        "Change parts of a payment",
        payments.patch_payment,
        no_payment,
    ),
    twin("Cart.DeletePayment", f"DELETE {PAYMENT}", "Delete a payment", payments.delete_payment, no_payment),
    twin(
        "Cart.CreatePaymentTransaction",
        f"POST {PAYMENT}/transactions",
        "Add a transaction",
        transactions.create_transaction,
        no_payment,
    ),
    twin(
        "Cart.DeletePaymentTransaction",
        f"DELETE {PAYMENT}/transactions/{{transactionID}}",
        "Delete a transaction",
        transactions.delete_transaction,
        no_payment,
    ),
    twin(
        "Cart.ListPromotions",
        "GET /cart/promotions",
        "List the promotions of the cart",
        promotion_lists.list_promotions,
        empty_page,
    ),
    twin(
        "Cart.ListEligiblePromotions",
        "GET /cart/eligiblepromotions",
        "List the promotions that the cart could have",
        promotion_lists.list_eligible_promotions,
        empty_page,
    ),
    twin(
        "Cart.AddPromotion",
        f"POST {PROMOTION}",
        "Apply a promotion",
        codes.add_promotion,
        no_order,
    ),
    twin(
        "Cart.DeletePromotion",
        f"DELETE {PROMOTION}",
        "Take a promotion off",
        silent(codes.remove_promotion),
        no_order,
    ),
    twin(
        "Cart.ApplyPromotions",
        "POST /cart/applypromotions",
        "Apply all eligible promotions that apply by themselves",
        automatic.apply_promotions,
        no_order,
    ),
    twin(
        "Cart.RefreshPromotions",
        "POST /cart/refreshpromotions",
        "Remove what is eligible no more, then apply",
        automatic.refresh_promotions,
        no_order,
    ),
)
