"""What is stored of order returns and their approvals (orders spec section 14)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index, Parent, Sorts, Stored
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import READ, Resource
from entrepot.declare.roles import Roles
from entrepot.declare.types import Date, Id, Text, WireType
from entrepot.declare.wire import Wire, column
from entrepot.domain.orders.approvals import UNANSWERED, ApprovalStatus
from entrepot.domain.orders.status import DRAFT
from entrepot.engine.statements import texts
from entrepot.features.people.identity.resources import User
from entrepot.features.trade.orders.models.returns import OrderReturn
from entrepot.features.trade.orders.naming import APPROVAL_KEEPS, approval_names

SORT = (
    "DateSubmitted",
    "DateCreated",
    "ID",
    "OrderID",
    "DateApproved",
    "DateDeclined",
    "DateCanceled",
    "DateCompleted",
    "LastUpdated",
)
DEFAULT_ORDER = ("DateSubmitted", "DateCreated", "ID")
SEARCHED = 'lower(CAST("ID" AS TEXT)) gin_trgm_ops, lower(CAST("OrderID" AS TEXT)) gin_trgm_ops'

ORDER_RETURN = Entity(
    model=OrderReturn,
    table="order_returns",
    object_type="OrderReturn",
    surrogate=True,
    parents=(Parent("OrderID", "orders", key="order_key"),),
    stored=(
        Stored(name="user_key", type="bigint"),
        Stored(name="submitter_key", type="bigint"),
        Stored(name="overridden", type="boolean", nullable=False, default="false"),
    ),
    indexes=(
        Index("uq_order_returns_id", '"ID"', unique=True),
        Index("ix_order_returns_idle", '"LastUpdated"', where=f'"Status" IN ({texts(DRAFT)})'),
        Index("ix_order_returns_search", SEARCHED, method="gin"),
    ),
    sorts=(Sorts(SORT), Sorts(DEFAULT_ORDER, ("user_key",))),
    keeps={
        "OrderID": "features/trade/orders/store.py renames it with the order",
        "ItemsToReturn": "names lines of submitted orders, which keep their IDs",
    },
)
"""`OrderID` is the order's ID as it is now; orders are found by `order_key`, for their IDs are not unique (ORD-2).
`user_key` is the order's user, none for a guest's order; `submitter_key` is whoever has
submitted the return. `overridden`: RefundAmount is more than a sum (RET-3).
"""


class StoredApproval(Wire):
    """OrderReturnApproval as it is stored: the return is known by its key."""

    ApprovalRuleID: Id = column()
    ApprovingGroupID: Id = column()
    Status: ApprovalStatus = column()
    DateCreated: Date = column()
    DateCompleted: Date = column(nullable=True)
    Approver: User = column()
    Comments: Text = column()


ORDER_RETURN_APPROVAL = Entity(
    model=StoredApproval,
    table="order_return_approvals",
    object_type="OrderReturnApproval",
    surrogate=True,
    parents=(Parent("OrderReturnID", "order_returns", key="return_key"),),
    id_column="ApprovalRuleID",
    stored=(
        Stored(name="group_key", type="bigint"),
        Stored(name="approver_key", type="bigint"),
    ),
    indexes=(
        Index("uq_order_return_approvals_rule", 'return_key, "ApprovalRuleID"', unique=True),
        Index("ix_order_return_approvals_group", "group_key", where=f'"Status" IN ({texts(UNANSWERED)})'),
        Index("ix_order_return_approvals_approver", "approver_key"),
    ),
    names=approval_names("seller_approval_rules", "true"),
    keeps=APPROVAL_KEEPS,
)
"""A decline is final, so that a return asks each rule once (RET-5)."""
ENTITIES = (ORDER_RETURN, ORDER_RETURN_APPROVAL)

RETURNS = Resource(
    name="OrderReturns",
    entity=ORDER_RETURN,
    path="/orderreturns",
    item="returnID",
    roles=Roles.of(read=("OrderAdmin", "OrderReader", "Shopper"), write=("OrderAdmin", "Shopper")),
    verbs=READ,
    search=("ID", "OrderID"),
    sort=SORT,
    query=(
        QueryParameter(
            "approvable", WireType("boolean"), description="Only returns that wait for the caller's approval."
        ),
    ),
)
"""How returns show themselves; not registered, since who sees them is decided first."""
