"""Orders, their lines, payments and checkout."""

from __future__ import annotations

from entrepot.declare.operation import Body
from entrepot.features.orders.models.orders import (
    Order,
)

ORDERS = "/orders/{direction}"
ORDER = "/orders/{direction}/{orderID}"
LINE = f"{ORDER}/lineitems/{{lineItemID}}"
PAYMENT = f"{ORDER}/payments/{{paymentID}}"
ADMIN = ("OrderAdmin",)
CHECKOUT = ("IntegrationEventAdmin", "OrderAdmin", "Shopper")
EMPTY_TOO = Body(Order, required=False)
INTEGRATION = "Integration Events"

ORDER_OPERATIONS = ()
LINE_OPERATIONS = ()
PAYMENT_OPERATIONS = ()
CHECKOUT_OPERATIONS = ()
MY_ORDER_OPERATIONS = ()
OPERATIONS = (
    *ORDER_OPERATIONS,
    *LINE_OPERATIONS,
    *PAYMENT_OPERATIONS,
    *CHECKOUT_OPERATIONS,
    *MY_ORDER_OPERATIONS,
)
