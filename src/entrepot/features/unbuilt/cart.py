"""The cart: the caller's order in the making (orders spec section 7)."""

from __future__ import annotations

LINE = "/cart/lineitems/{lineItemID}"
PAYMENT = "/cart/payments/{paymentID}"

OPERATIONS = ()
