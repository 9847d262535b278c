"""Approval rules of buyers, and those of sellers for returns (promotions spec section 11, orders spec section 11)."""

from __future__ import annotations

import enum

from entrepot.declare.entity import Entity, Parent, Stored
from entrepot.declare.resource import Resource
from entrepot.declare.roles import OF_BUYERS, Access, Right, Roles
from entrepot.declare.types import Id, Text, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.people.organizations.resources import IN_BUYER
from entrepot.features.people.ownership import OWN_OR_SELLERS
from entrepot.features.trade.approvals.hooks import BuyerRuleHooks, SellerRuleHooks
from entrepot.kernel.user_types import UserType

GROUP = 'SELECT g."ID" FROM user_groups g WHERE g.marketplace_id = :marketplace_id AND g.key = t.approving_group_key'


class ApprovalType(enum.StrEnum):
    """What a seller's rule is about."""

    ORDER = "Order"
    ORDER_RETURN = "OrderReturn"


class ApprovalRule(Wire):
    """When orders of a buyer need the approval of a group of its users."""

    ID: Id = column(max=100)
    Name: Text = column(max=100)
    Description: Text = column(max=2000)
    ApprovingGroupID: Id = column(required=True, computed=GROUP)
    RuleExpression: Text = column(required=True, max=400)
    xp: Xp = column()


class SellerApprovalRule(Wire):
    """When returns of orders need the approval of a group of the seller's or the supplier's users."""

    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    ApprovalType: ApprovalType = column(required=True)
    ID: Id = column(max=100)
    Name: Text = column(max=100)
    Description: Text = column(max=2000)
    ApprovingGroupID: Id = column(required=True, computed=GROUP)
    RuleExpression: Text = column(required=True, max=400)
    xp: Xp = column()


# Groups go with their company, and the rules with them; by itself no group of a rule is deleted.
APPROVING_GROUP = Stored(name="approving_group_key", type="bigint", nullable=False, references="user_groups")

APPROVAL_RULE = Entity(
    model=ApprovalRule,
    table="approval_rules",
    object_type="ApprovalRule",
    parents=(Parent("BuyerID", "buyers"),),
    stored=(APPROVING_GROUP,),
)
SELLER_APPROVAL_RULE = Entity(
    model=SellerApprovalRule,
    table="seller_approval_rules",
    object_type="SellerApprovalRule",
    stored=(APPROVING_GROUP,),
)

SEARCH = ("ID", "Name", "Description", "RuleExpression")
SORT = ("Name", "ID", "ApprovingGroupID", "RuleExpression")

APPROVAL_RULES = Resource(
    name="ApprovalRules",
    entity=APPROVAL_RULE,
    path="/buyers/{buyerID}/approvalrules",
    item="approvalRuleID",
    within=IN_BUYER,
    roles=Roles.named("ApprovalRule"),
    access=OF_BUYERS,
    search=SEARCH,
    sort=SORT,
    hooks=BuyerRuleHooks(),
)
SELLER_APPROVAL_RULES = Resource(
    name="SellerApprovalRules",
    entity=SELLER_APPROVAL_RULE,
    path="/approvalrules",
    item="approvalRuleID",
    roles=Roles.of(read=("ApprovalRuleReader", "OrderAdmin"), write=("OrderAdmin",)),
    access=Access(supplier=Right.WRITE),
    visible={UserType.SUPPLIER: OWN_OR_SELLERS},
    search=SEARCH,
    sort=SORT,
    hooks=SellerRuleHooks(),
)
RESOURCES = (APPROVAL_RULES, SELLER_APPROVAL_RULES)
