"""GET /entrepot/v1/explain/orders/{orderID}/promotions: why an order has these promotions, and not those."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Operation, QueryParameter, Reply, Returns, operation
from entrepot.domain.orders.status import IN_THE_MAKING, OrderStatus
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.standing import confirm_standing
from entrepot.features.people.explaining.steps import COMMON, ROOT
from entrepot.features.trade.explaining.judging import explained
from entrepot.features.trade.explaining.models import PromotionsExplanation
from entrepot.features.trade.orders.computing import computed
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.pricing.promotions import rows_of
from entrepot.features.trade.orders.promotions.changing import load_present
from entrepot.features.trade.orders.promotions.terms import basket_of, explained_terms
from entrepot.features.trade.orders.reference import OrderRef
from entrepot.features.trade.orders.store import require_order
from entrepot.kernel.errors import NotFoundError

Values = dict[str, Any]


@operation(
    "Explanations.Promotions",
    "GET",
    f"{ROOT}/orders/{{orderID}}/promotions",
    **COMMON,
    summary="Why an order, or a cart, has these promotions and not those",
    description="Each promotion that reaches the order's user: the checks in their order, each clause of its expressions with the values "
    "that it saw, and what it takes off. At most 200 promotions, and 20 lines of each; promotionID asks about one alone.",
    query=(QueryParameter("promotionID", description="Only this one, whether it reaches the user or not."),),
    returns=Returns(PromotionsExplanation),
    errors=(NotFoundError,),
    confirms=True,
    table="promotions",
)
async def explain_promotions(call: Call) -> Reply:
    """As many statements as a list of eligible promotions takes; nothing is written."""
    await confirm_standing(call)
    wanted = parameters(call).get("promotionID")
    order = await require_order(call, OrderRef(OrderDirection.ALL, call.path["orderID"]), lock=False)
    loaded = await load_present(call, order)
    terms, reached = await explained_terms(call, loaded, wanted)
    if wanted is not None and all(each.lower() != wanted.lower() for each in terms.promotions):
        raise NotFoundError("Promotion", wanted)
    basket = await basket_of(call, loaded, terms)
    is_open = OrderStatus(order["Status"]) in IN_THE_MAKING
    promotions = await computed(
        call,
        basket.budget,
        lambda: explained(terms, reached, basket, rows_of(loaded), wanted, is_open=is_open),
    )
    return Reply(
        {
            "OrderID": order["ID"],
            "Status": order["Status"],
            "FromUserID": order["FromUserID"],
            "Subtotal": order["Subtotal"],
            "PromotionDiscount": order["PromotionDiscount"],
            "Total": order["Total"],
            "Promotions": promotions,
        }
    )


OPERATIONS: tuple[Operation, ...] = (explain_promotions,)
