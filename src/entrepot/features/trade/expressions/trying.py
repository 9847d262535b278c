"""POST /entrepot/v1/expressions/orders/{orderID}/try: what expressions make of an order, a cart or a return, before they are saved."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, operation
from entrepot.domain.expressions.uses import asks_for_categories
from entrepot.domain.orders.approvals import Given
from entrepot.engine.call import Call
from entrepot.engine.standing import confirm_standing
from entrepot.features.trade.expressions import of_promotions, of_rules
from entrepot.features.trade.expressions.checking import REFUSALS, read_draft
from entrepot.features.trade.expressions.kinds import COMMON, ROOT, ExpressionKind
from entrepot.features.trade.expressions.models import ExpressionDraft, ExpressionTrial
from entrepot.features.trade.expressions.proposed import proposed
from entrepot.features.trade.orders.about import ORDER_APPROVALS, Approvals
from entrepot.features.trade.orders.approvals.rounds import read_rounds
from entrepot.features.trade.orders.approvals.rules import read_rules
from entrepot.features.trade.orders.changing import is_unsubmitted
from entrepot.features.trade.orders.computing import computed
from entrepot.features.trade.orders.environment import environment_of
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.pricing.promotions import rows_of
from entrepot.features.trade.orders.promotions.changing import load_present
from entrepot.features.trade.orders.promotions.terms import as_promotion, basket
from entrepot.features.trade.orders.reference import OrderRef
from entrepot.features.trade.orders.store import Loaded, require_order
from entrepot.features.trade.returns.about import RETURN_APPROVALS
from entrepot.features.trade.returns.rules import environment_of_return
from entrepot.features.trade.returns.rules import read_rules as read_rules_of_return
from entrepot.features.trade.returns.store import require_open
from entrepot.kernel.errors import (
    InvalidExpressionsError,
    NotFoundError,
    PropertyError,
    ValidationError,
)

Values = dict[str, Any]

TRIES: dict[str, Any] = {
    **COMMON,
    "body": Body(ExpressionDraft),
    "returns": Returns(ExpressionTrial),
    "errors": (*REFUSALS, NotFoundError, InvalidExpressionsError),
    "confirms": True,
}


@operation(
    "Expressions.TryOnOrder",
    "POST",
    f"{ROOT}/orders/{{orderID}}/try",
    **TRIES,
    summary="Try expressions on an order or a cart",
    description="Whether a promotion would be eligible and what it would take off, after those that the order has; or whether an approval "
    "rule would ask for approval, beside those of the buyer. With the clauses and the values that they saw. Expressions that could not be "
    "saved are refused as saving refuses them. Nothing is saved.",
    table="orders",
)
async def try_on_order(call: Call) -> Reply:
    """The statements of reading an order; one more where an expression asks for categories, two for approval rules."""
    draft = read_draft(call)
    kind = ExpressionKind(draft["Kind"])
    order = await require_order(call, OrderRef(OrderDirection.ALL, call.path["orderID"]), lock=False)
    if kind is ExpressionKind.SELLER_APPROVAL_RULE:
        raise _wrong_kind(kind, "SellerApprovalRule is about returns.")
    values = proposed(draft)
    loaded = await load_present(call, order)
    if kind.is_promotion:
        return _reply(kind, loaded, Promotion=await _promotion(call, loaded, draft["ID"], values))
    return _reply(kind, loaded, Rule=await _rule(call, loaded, draft["ID"], values["RuleExpression"]))


@operation(
    "Expressions.TryOnReturn",
    "POST",
    f"{ROOT}/orderreturns/{{returnID}}/try",
    **TRIES,
    summary="Try the expression of a seller's approval rule on a return",
    description="Whether the rule would ask for approval, beside those that the return is up to. As of orders.",
    table="order_returns",
)
async def try_on_return(call: Call) -> Reply:
    """The statements of reading a return; one more where an expression asks for categories, and two."""
    draft = read_draft(call)
    kind = ExpressionKind(draft["Kind"])
    await confirm_standing(call)
    opened = await require_open(call, call.path["returnID"], lock=False)
    if kind is not ExpressionKind.SELLER_APPROVAL_RULE:
        raise _wrong_kind(kind, f"{kind} is not about returns.")
    expression = proposed(draft)["RuleExpression"]
    rules = await read_rules_of_return(call, opened, lock=False)
    given = await _given(call, RETURN_APPROVALS, opened.key)
    rule = of_rules.drafted(rules, draft["ID"], expression)
    seen = await environment_of_return(call, opened, (*rules, rule))
    tried = await computed(call, seen.budget, lambda: of_rules.tried(rule, rules, given, seen, kind.use))
    return _reply(
        kind, opened.loaded, Rule=tried, OrderReturnID=opened.row["ID"], Status=opened.row["Status"]
    )


async def _promotion(call: Call, loaded: Loaded, promotion_id: str | None, values: Values) -> Values:
    promotion = as_promotion(values | {"ID": promotion_id or "", "OwnerID": None}, None)
    texts = (values["EligibleExpression"], values["ValueExpression"])
    categories = any(asks_for_categories(text or "") for text in texts)
    seen = await environment_of(call, loaded, categories=categories)
    order = basket(seen, call.principal.marketplace)
    return await computed(call, seen.budget, lambda: of_promotions.tried(promotion, order, rows_of(loaded)))


async def _rule(call: Call, loaded: Loaded, rule_id: str | None, expression: str) -> Values:
    rules, _ = await read_rules(call, loaded, lock=False)
    # A submit begins a round of its own.
    given = () if is_unsubmitted(loaded.order) else await _given(call, ORDER_APPROVALS, loaded.key)
    rule = of_rules.drafted(rules, rule_id, expression)
    categories = any(asks_for_categories(each.expression) for each in (*rules, rule))
    seen = await environment_of(call, loaded, categories=categories)
    use = ExpressionKind.APPROVAL_RULE.use
    return await computed(call, seen.budget, lambda: of_rules.tried(rule, rules, given, seen, use))


async def _given(call: Call, kind: Approvals, key: int) -> tuple[Given, ...]:
    """The approvals of the last round. One statement."""
    rounds = await read_rounds(call, kind, key, call.principal.user_key)
    return rounds[-1].given if rounds else ()


def _reply(kind: ExpressionKind, loaded: Loaded, **tried: Any) -> Reply:
    order = loaded.order
    return Reply(
        {
            "Kind": kind,
            "OrderID": order["ID"],
            "OrderReturnID": None,
            "Status": order["Status"],
            "Currency": order["Currency"],
            "Subtotal": order["Subtotal"],
            "Total": order["Total"],
            "Promotion": None,
            "Rule": None,
            **tried,
        }
    )


def _wrong_kind(kind: ExpressionKind, message: str) -> ValidationError:
    return ValidationError(PropertyError(message, {"Property": "Kind", "Value": kind}))


OPERATIONS: tuple[Operation, ...] = (try_on_order, try_on_return)
