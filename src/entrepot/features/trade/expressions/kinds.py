"""What an expression that somebody writes is for: its use, the model that will hold it, who may ask about it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from entrepot.declare.roles import FULL_ACCESS, SELLERS_ONLY, Right
from entrepot.declare.wire import Column, Wire
from entrepot.domain.expressions.uses import Use
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.features.trade.approvals.resources import APPROVAL_RULES, SELLER_APPROVAL_RULES
from entrepot.features.trade.promotions.resources import PROMOTIONS
from entrepot.kernel.errors import InsufficientRolesError

ROOT = "/entrepot/v1/expressions"


class ExpressionKind(enum.StrEnum):
    """What expressions are for, and thereby what they may name. LineItemPromotion: LineItemLevel is true."""

    ORDER_PROMOTION = "OrderPromotion"
    LINE_PROMOTION = "LineItemPromotion"
    APPROVAL_RULE = "ApprovalRule"
    SELLER_APPROVAL_RULE = "SellerApprovalRule"

    @property
    def use(self) -> Use:
        return _USES[self]

    @property
    def is_promotion(self) -> bool:
        return self in (ExpressionKind.ORDER_PROMOTION, ExpressionKind.LINE_PROMOTION)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The properties that hold expressions, as their resource declares them."""
        model: type[Wire] = _RESOURCES[self].entity.model
        return tuple(column for column in model.__columns__.values() if column.name.endswith("Expression"))

    @property
    def roles(self) -> tuple[str, ...]:
        """Any of which lets somebody read what holds such expressions."""
        return _RESOURCES[self].roles.read


_USES: Mapping[ExpressionKind, Use] = {
    ExpressionKind.ORDER_PROMOTION: Use.ORDER_PROMOTION,
    ExpressionKind.LINE_PROMOTION: Use.LINE_PROMOTION,
    ExpressionKind.APPROVAL_RULE: Use.APPROVAL_RULE,
    ExpressionKind.SELLER_APPROVAL_RULE: Use.SELLER_APPROVAL_RULE,
}
_RESOURCES = {
    ExpressionKind.ORDER_PROMOTION: PROMOTIONS,
    ExpressionKind.LINE_PROMOTION: PROMOTIONS,
    ExpressionKind.APPROVAL_RULE: APPROVAL_RULES,
    ExpressionKind.SELLER_APPROVAL_RULE: SELLER_APPROVAL_RULES,
}
COMMON: dict[str, Any] = {
    "tag": "Expressions",
    "roles": (
        FULL_ACCESS,
        *dict.fromkeys(role for kind in ExpressionKind for role in kind.roles if role != FULL_ACCESS),
    ),
    "user_types": allowed_types(SELLERS_ONLY, Right.READ),
}


def require_role(call: Call, kind: ExpressionKind) -> None:
    """403 for who may not read what holds expressions of this kind."""
    if not call.principal.holds_any(kind.roles):
        raise InsufficientRolesError(kind.roles, sorted(call.principal.roles))
