"""Rules of approval rules: their expression, and the group that approves (EXPR-1, EXPR-2; orders APR-1, APR-7)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.resource import Hooks
from entrepot.domain.expressions.compile import read_expression
from entrepot.domain.expressions.uses import Use
from entrepot.domain.orders.approvals import UNANSWERED
from entrepot.domain.orders.status import DECIDABLE
from entrepot.engine.call import Call
from entrepot.engine.statements import texts
from entrepot.engine.wire.refusals import required
from entrepot.features.people.ownership import OwnedHooks
from entrepot.kernel.errors import (
    DeletePendingApprovalRuleError,
    ExpressionError,
    InvalidExpressionsError,
    ModifyApprovalRuleError,
    NotFoundError,
    PropertyError,
    ValidationError,
)

Values = dict[str, Any]

# The lock keeps the group from being deleted before the rule that names it is there.
GROUP_OF_BUYER = """
SELECT key FROM user_groups WHERE marketplace_id = $1 AND "ID" = $2 AND "BuyerID" = $3 FOR KEY SHARE"""
GROUP_OF_SUPPLIER = """
SELECT key FROM user_groups WHERE marketplace_id = $1 AND "ID" = $2 AND "SupplierID" = $3 FOR KEY SHARE"""
GROUP_OF_SELLER = """
SELECT key FROM user_groups
WHERE marketplace_id = $1 AND "ID" = $2 AND "BuyerID" IS NULL AND "SupplierID" IS NULL FOR KEY SHARE"""


LOCK_RULE = """
SELECT 1 FROM approval_rules WHERE marketplace_id = $1 AND "BuyerID" = $2 AND "ID" = $3 FOR UPDATE
"""
IS_PENDING = f"""
SELECT EXISTS (SELECT 1 FROM order_approvals a
               JOIN orders o ON o.marketplace_id = $1 AND o.key = a.order_key
               WHERE a.marketplace_id = $1 AND a."ApprovalRuleID" = $3 AND a."Status" IN ({texts(UNANSWERED)})
                 AND NOT o.from_seller AND o."FromCompanyID" = $2 AND o."Status" IN ({texts(DECIDABLE)})
                 AND a.round = (SELECT max(x.round) FROM order_approvals x
                                WHERE x.marketplace_id = $1 AND x.order_key = o.key))
"""
LOCK_SELLER_RULE = 'SELECT 1 FROM seller_approval_rules WHERE marketplace_id = $1 AND "ID" = $2 FOR UPDATE'
IS_PENDING_FOR_RETURN = f"""
SELECT EXISTS (SELECT 1 FROM order_return_approvals a
               JOIN order_returns r ON r.marketplace_id = $1 AND r.key = a.return_key
               WHERE a.marketplace_id = $1 AND a."ApprovalRuleID" = $2 AND a."Status" IN ({texts(UNANSWERED)})
                 AND r."Status" IN ({texts(DECIDABLE)}))
"""


class BuyerRuleHooks(Hooks):
    """A buyer's rules: the group is the buyer's; orders that wait for a rule keep it (orders APR-6)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        check_rule(new, Use.APPROVAL_RULE)
        if "ApprovingGroupID" in new:
            buyer = new["BuyerID"] if old is None else old["BuyerID"]
            await set_group(call, new, GROUP_OF_BUYER, buyer)

    async def check_delete(self, call: Call, old: Values) -> None:
        # An order that is about to wait for the rule does so by now, or finds it gone.
        rule = (call.marketplace_id, old["BuyerID"], old["ID"])
        await call.db.execute(LOCK_RULE, *rule)
        if await call.db.fetchval(IS_PENDING, *rule):
            raise DeletePendingApprovalRuleError


class SellerRuleHooks(OwnedHooks):
    """The rules of the seller and of suppliers: the group is the owner's (orders APR-7)."""

    def __init__(self) -> None:
        super().__init__(ModifyApprovalRuleError)

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        if new["ApprovalType"] != "OrderReturn":
            message = "ApprovalType can only be OrderReturn."
            data = {"Property": "ApprovalType", "Value": new["ApprovalType"]}
            raise ValidationError(PropertyError(message, data))
        check_rule(new, Use.SELLER_APPROVAL_RULE)
        if "ApprovingGroupID" in new:
            of_seller = new["OwnerID"].lower() == call.principal.marketplace.lower()
            owner = () if of_seller else (new["OwnerID"],)
            await set_group(call, new, GROUP_OF_SELLER if of_seller else GROUP_OF_SUPPLIER, *owner)

    async def check_delete(self, call: Call, old: Values) -> None:
        """Returns that wait for a rule keep it, as orders keep a buyer's (orders APR-6)."""
        await super().check_delete(call, old)
        rule = (call.marketplace_id, old["ID"])
        await call.db.execute(LOCK_SELLER_RULE, *rule)
        if await call.db.fetchval(IS_PENDING_FOR_RETURN, *rule):
            raise DeletePendingApprovalRuleError


def check_rule(rule: Values, use: Use) -> None:
    """Raise ValidationError for a blank expression, InvalidExpressionsError for a wrong one."""
    text = rule["RuleExpression"]
    if not text.strip():
        raise ValidationError(required("RuleExpression"))
    try:
        read_expression(text, use)
    except ExpressionError as fault:
        raise InvalidExpressionsError({"RuleExpression": fault}) from fault


async def set_group(call: Call, rule: Values, of_company: str, *company: str) -> None:
    """Put the key of ApprovingGroupID in its place. 404 for a group that the company does not have."""
    group = rule["ApprovingGroupID"]
    key = await call.db.fetchval(of_company, call.marketplace_id, group, *company)
    if key is None:
        raise NotFoundError("UserGroup", group)
    rule["approving_group_key"] = key
