"""The promotions that an order has, and those that it could have (ADD-5, AUTO-1)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns
from entrepot.declare.roles import sufficient
from entrepot.domain.orders.status import IN_THE_MAKING, OrderStatus
from entrepot.domain.promotions.automatic import offered
from entrepot.engine.call import Call
from entrepot.engine.selections import SelectedList
from entrepot.engine.statements import quoted
from entrepot.engine.wire.json import dump
from entrepot.features.trade.orders.computing import computed
from entrepot.features.trade.orders.models.promotions import EligiblePromotion, OrderPromotion
from entrepot.features.trade.orders.pricing.promotions import rows_of
from entrepot.features.trade.orders.promotions.changing import load_present
from entrepot.features.trade.orders.promotions.due import due_to_offer
from entrepot.features.trade.orders.promotions.integration import Answers, answers_for, looked_at
from entrepot.features.trade.orders.promotions.shown import OF_ROW
from entrepot.features.trade.orders.promotions.terms import basket_of, offered_terms
from entrepot.features.trade.orders.reference import OrderRef, order_operation
from entrepot.features.trade.orders.store import require_order
from entrepot.kernel.errors import NotFoundError

ITEM = "/orders/{direction}/{orderID}"
READERS = sufficient("OrderAdmin", "OrderReader", "Shopper")
SEARCH = ("ID", "Name", "Code", "Description", "FinePrint", "EligibleExpression", "ValueExpression")
SORT = (
    "StartDate",
    "ExpirationDate",
    "EligibleExpression",
    "ValueExpression",
    "CanCombine",
    "AutoApply",
    "Active",
    "Priority",
)
ELIGIBLE = ListOptions(search=SEARCH, sort=("Name", "ID", "Code", *SORT))
APPLIED = ListOptions(search=SEARCH, sort=("Name", "ID", "Code", "DateApplied", *SORT))

TYPES = {
    "id": "citext",
    "string": "text",
    "integer": "integer",
    "decimal": "numeric",
    "boolean": "boolean",
    "datetime": "timestamptz",
}


def _applied_column(name: str) -> str:
    """A property of a row: its own, that of the order's copy of the promotion, or that of the promotion as it is."""
    if name in OF_ROW:
        return f"r.{quoted(name)}"
    if name == "ID":
        return """CASE WHEN r.terms IS NULL THEN r."PromotionID" ELSE CAST(r.terms->>'ID' AS citext) END"""
    kind = OrderPromotion.__columns__[name].type.kind
    kept = f"r.terms->'{name}'" if kind == "xp" else f"CAST(r.terms->>'{name}' AS {TYPES[kind]})"
    live = f"coalesce(CAST(r.code AS text), p.{quoted(name)})" if name == "Code" else f"p.{quoted(name)}"
    return f"CASE WHEN r.terms IS NULL THEN {live} ELSE {kept} END"


def _offered_column(name: str) -> str:
    return 'a.amount AS "Amount"' if name == "Amount" else f"t.{quoted(name)}"


OF_ORDER = f"""
SELECT {", ".join(f"{_applied_column(name)} AS {quoted(name)}" for name in OrderPromotion.__columns__)}
FROM order_promotions r
LEFT JOIN promotions p ON p.marketplace_id = :marketplace_id AND p."ID" = r."PromotionID"
WHERE r.marketplace_id = :marketplace_id AND r.order_key = :order_key
"""
OFFERED = f"""
SELECT {", ".join(_offered_column(name) for name in EligiblePromotion.__columns__)}
FROM promotions t
JOIN json_to_recordset(CAST(:amounts AS json)) AS a(id citext, amount numeric) ON a.id = t."ID"
WHERE t.marketplace_id = :marketplace_id
"""
_applied = SelectedList(OrderPromotion, OF_ORDER, APPLIED, key=("ID", "LineItemID"))
_offered = SelectedList(EligiblePromotion, OFFERED, ELIGIBLE)


@order_operation(
    "Orders.ListPromotions",
    "GET",
    f"{ITEM}/promotions",
    tag="Orders",
    summary="List the promotions of an order",
    roles=READERS,
    lists=APPLIED,
    returns=Returns(OrderPromotion, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table="order_promotions",
)
async def list_promotions(call: Call, where: OrderRef) -> Reply:
    """A promotion once for each line that it reduces (ADD-5). Two statements."""
    order = await require_order(call, where, lock=False)
    return await _applied.page(call, {"order_key": order["key"]})


@order_operation(
    "Orders.ListEligiblePromotions",
    "GET",
    f"{ITEM}/eligiblepromotions",
    tag="Orders",
    summary="List the promotions that an order could have",
    roles=READERS,
    lists=ELIGIBLE,
    returns=Returns(EligiblePromotion, page=True),
    errors=(NotFoundError,),
    confirms=True,
    table="promotions",
)
async def list_eligible_promotions(call: Call, where: OrderRef) -> Reply:
    """What AddPromotion would accept now, with what it would take off; changes nothing (AUTO-1)."""

    async def work(answers: Answers) -> Reply:
        amounts = await _amounts(call, where, answers)
        sent: list[dict[str, Any]] = [{"id": key, "amount": amount} for key, amount in amounts.items()]
        return await _offered.page(call, {"amounts": dump(sent)})

    return await looked_at(call, work)


async def _amounts(call: Call, where: OrderRef, answers: Answers) -> dict[str, Any]:
    """By promotion ID; nothing for an order that takes no promotions any more."""
    order = await require_order(call, where, lock=False)
    if OrderStatus(order["Status"]) not in IN_THE_MAKING:
        return {}
    loaded = await load_present(call, order)
    terms = await offered_terms(call, loaded)
    basket, rows = await basket_of(call, loaded, terms), rows_of(loaded)
    due = await computed(call, basket.budget, lambda: due_to_offer(terms, basket, rows))
    judged = answers_for(loaded, terms, due, answers, by=call.operation.id)
    return await computed(
        call,
        basket.budget,
        lambda: offered(terms.candidates, basket, terms.present, rows, terms.usages, judged.granted),
    )


OPERATIONS: tuple[Operation, ...] = (list_promotions, list_eligible_promotions)
