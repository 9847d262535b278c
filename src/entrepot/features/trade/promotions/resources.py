"""Promotions and their assignments (promotions spec section 2)."""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Entity, Index, Parent
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import Resource
from entrepot.declare.roles import Access, Right, Roles
from entrepot.declare.types import Bool, Date, Id, Int, Text, WireType, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.features.catalog.audience.seen import meant
from entrepot.features.people.organizations.enums import PartyType
from entrepot.features.people.ownership import OWN
from entrepot.features.trade.promotions.hooks import PromotionAssignmentHooks, PromotionHooks
from entrepot.features.trade.promotions.reach import reaches
from entrepot.kernel.errors import PromotionCodeInUseError
from entrepot.kernel.user_types import UserType


class Promotion(Wire):
    """A discount on orders or their lines, for those who enter its code or by itself."""

    ID: Id = column(max=100)
    LineItemLevel: Bool = column()
    # Absent from promotions with generated codes (GEN-1); the hook requires it of all others.
    Code: Text = column(max=100)
    Name: Text = column(max=100)
    RedemptionLimit: Int = column(nullable=True)
    RedemptionLimitPerUser: Int = column(nullable=True)
    RedemptionCount: Int = column(read_only=True)
    QuantityLimitPerOrder: Int = column(nullable=True)
    ItemLimitPerOrder: Int = column(nullable=True)
    ItemSortBy: Text = column()
    Description: Text = column(max=2000)
    FinePrint: Text = column(max=2000)
    StartDate: Date = column(nullable=True)
    ExpirationDate: Date = column(nullable=True)
    EligibleExpression: Text = column(required=True, max=400)
    ValueExpression: Text = column(max=1000)
    CanCombine: Bool = column()
    AllowAllBuyers: Bool = column()
    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    AutoApply: Bool = column()
    Active: Bool = column(default=True)
    UseIntegration: Bool = column()
    Priority: Int = column(nullable=True)
    xp: Xp = column()
    GeneratedCodeCount: Int = column()
    GeneratedCodeLength: Int = column()
    GeneratedCodePrefix: Text = column()


class PromotionAssignment(Wire):
    """A promotion given to a buyer or to a user group of it (PROMO-8)."""

    PromotionID: Id = column(required=True)
    BuyerID: Id = column(required=True)
    UserGroupID: Id = column()


class PromotionCode(Wire):
    """A single-use code of a promotion (GEN-1)."""

    Code: Id = column()
    Redeemed: Bool = column()


PROMOTION = Entity(
    model=Promotion,
    table="promotions",
    object_type="Promotion",
    indexes=(
        Index("uq_promotions_code", 'lower("Code")', unique=True, error=PromotionCodeInUseError),
        Index("ix_promotions_auto_apply", '"Priority", "ID"', where='"AutoApply" AND "Active"'),
    ),
)
PROMOTION_CODE = Entity(
    model=PromotionCode,
    table="promotion_codes",
    object_type="PromotionCode",
    id_column="Code",
    keeps={"Code": "names nothing else"},
    parents=(Parent("PromotionID", "promotions"),),
    indexes=(Index("uq_promotion_codes_code", '"Code"', unique=True),),
)

ROLES = Roles.named("Promotion")
OF_SUPPLIERS_TOO = Access(supplier=Right.WRITE, buyer=Right.READ)
PROMOTIONS = Resource(
    name="Promotions",
    entity=PROMOTION,
    path="/promotions",
    item="promotionID",
    roles=ROLES,
    access=OF_SUPPLIERS_TOO,
    visible={
        UserType.SUPPLIER: OWN,
        UserType.BUYER: f't."Active" AND {reaches(buyer=":company", user=":user")}',
    },
    search=("ID", "Name", "Code", "Description", "FinePrint", "EligibleExpression", "ValueExpression"),
    sort=(
        "Name",
        "ID",
        "Code",
        "StartDate",
        "ExpirationDate",
        "EligibleExpression",
        "ValueExpression",
        "CanCombine",
        "AutoApply",
        "Active",
        "Priority",
    ),
    hooks=PromotionHooks(),
)
PROMOTION_ASSIGNMENTS = Assignment(
    name="Promotions",
    model=PromotionAssignment,
    table="promotion_assignments",
    things=(Parent("PromotionID", "promotions"),),
    levels=("Group", "Company"),
    kinds=("Buyer",),
    path="/promotions/assignments",
    delete_path="/promotions/{promotionID}/assignments",
    roles=ROLES,
    access=OF_SUPPLIERS_TOO,
    visible={
        UserType.SUPPLIER: 'EXISTS (SELECT 1 FROM promotions t WHERE t.marketplace_id = :marketplace_id AND t."ID" = a."PromotionID"'
        f" AND {OWN})",
        UserType.BUYER: meant("a"),
    },
    query=(
        *(QueryParameter(name) for name in ("buyerID", "promotionID", "userGroupID")),
        QueryParameter("level", WireType("enum", enum=PartyType)),
    ),
    delete_query=tuple(QueryParameter(name) for name in ("buyerID", "userID", "userGroupID")),
    hooks=PromotionAssignmentHooks(),
)

ENTITIES = (PROMOTION_CODE,)
RESOURCES = (PROMOTIONS,)
ASSIGNMENTS = (PROMOTION_ASSIGNMENTS,)
