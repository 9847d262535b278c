"""What is stored of orders and their lines (orders spec sections 1 to 5).

Orders have a surrogate key: their IDs are unique for each sender and each receiver only (ORD-2).
"""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index, Parent, Sorts, Stored, TextFields
from entrepot.declare.named import Named
from entrepot.declare.synced import Synced, Thing
from entrepot.domain.orders.approvals import UNANSWERED
from entrepot.domain.orders.status import DRAFT
from entrepot.engine.statements import texts
from entrepot.features.trade.orders.companies import FROM_SELLER, TO_SELLER
from entrepot.features.trade.orders.list_options import ORDERS
from entrepot.features.trade.orders.models.lines import LineItem
from entrepot.features.trade.orders.models.orders import Order, OrderApproval
from entrepot.features.trade.orders.models.promotions import AppliedPromotion
from entrepot.features.trade.orders.naming import (
    ADDRESS_OF_LINE,
    APPROVAL_KEEPS,
    LINE_KEEPS,
    ORDER_KEEPS,
    ORDER_NAMES,
    RULE_OF_BUYER,
    approval_names,
    line_names,
)

NEWEST = '"DateSubmitted" ASC NULLS FIRST, "DateCreated" ASC NULLS FIRST, "ID" ASC'
"""The default order of order lists (SRCH-6)."""
SUBMITTED, UNSUBMITTED = '"IsSubmitted"', 'NOT "IsSubmitted"'
"""The two kinds of orders, which no list mixes (LST-2)."""

ORDER = Entity(
    model=Order,
    table="orders",
    object_type="Order",
    surrogate=True,
    stored=(
        Stored(name="user_key", type="bigint"),
        FROM_SELLER,
        TO_SELLER,
        Stored(name="from_user_changes", type="json"),
        Stored(name="shipping_address", type="json"),
        Stored(name="designated", type="boolean", nullable=False, default="false"),
        Stored(name="has_promotions", type="boolean", nullable=False, default="false"),
        Stored(name="guest", type="boolean", nullable=False, default="false"),
        Stored(name="origin_key", type="bigint"),
        Stored(name="completed_by_shipping", type="boolean", nullable=False, default="false"),
        Stored(name="ship_estimate", type="json"),
        Stored(name="calculation", type="json"),
        Stored(name="submit_response", type="json"),
        Stored(name="approval_response", type="json"),
        Stored(name="approved_response", type="json"),
        Stored(name="subscription_response", type="json"),
    ),
    indexes=(
        Index("uq_orders_sender", '"FromCompanyID", "ID"', unique=True),
        Index("uq_orders_receiver", '"ToCompanyID", "ID"', unique=True),
        Index("ix_orders_user", f"user_key, {NEWEST}"),
        Index("ix_orders_making", 'user_key, "DateCreated"', where=f'"Status" IN ({texts(DRAFT)})'),
        Index("ix_orders_subscription", '"SubscriptionID"', where='"SubscriptionID" IS NOT NULL'),
        Index("ix_orders_origin", "origin_key", where="origin_key IS NOT NULL"),
        Index(
            "ix_orders_traded", '"ToCompanyID", "FromCompanyID"', where="NOT to_seller AND NOT from_seller"
        ),
        Index("ix_orders_idle", '"LastUpdated"', where=f'"Status" IN ({texts(DRAFT)})'),
    ),
    text=TextFields(("ID", "FromCompanyID", "ToCompanyID", "Comments"), prominent=("ID",), where=SUBMITTED),
    sorts=(
        Sorts(ORDERS.sort or (), where=SUBMITTED),
        Sorts(("DateSubmitted",), ("FromCompanyID",), SUBMITTED, held=("from_seller",)),
        Sorts(("DateSubmitted",), ("ToCompanyID",), SUBMITTED, held=("to_seller",)),
        Sorts(("DateCreated",), where=UNSUBMITTED),
        Sorts(("DateCreated",), ("FromCompanyID",), UNSUBMITTED, held=("from_seller",)),
    ),
    names=ORDER_NAMES,
    keeps=ORDER_KEEPS,
    synced=(
        Synced(
            of=Thing.ORDERS,
            by=("key",),
            itself=("key",),
            quiet=(
                "designated",
                "guest",
                "has_promotions",
                "completed_by_shipping",
                "ship_estimate",
                "calculation",
                "submit_response",
                "approval_response",
                "approved_response",
                "subscription_response",
            ),
            when=f'{{t}}."Status" NOT IN ({texts(DRAFT)})',
        ),
    ),
)
"""FromUser, BillingAddress and `shipping_address` are copies, taken anew at every write until the order is submitted
(MON-9). `from_user_changes` is what somebody changed of the copy of the user (ORD-20). `designated`: the cart, whatever
is newer (CART-1). `origin_key`: the order that a split or a forward made this one from (FWD-2). `completed_by_shipping`: removing what was shipped opens it again (ST-12). The responses are what
integrations answered, for the worksheet (CHK-1).
"""

LINE_ITEM = Entity(
    model=LineItem,
    table="line_items",
    object_type="LineItem",
    parents=(Parent("OrderID", "orders", key="order_key"),),
    stored=(
        Stored(name="position", type="bigint", nullable=False, identity=True),
        Stored(name="bundle_id", type="citext"),
        Stored(name="ad_hoc", type="boolean", nullable=False, default="false"),
        Stored(name="calculated", type="json"),
        Stored(name="source_order_key", type="bigint"),
        Stored(name="source_line_id", type="citext"),
    ),
    indexes=(
        Index(
            "ix_line_items_record",
            '"ProductID", "InventoryRecordID"',
            where='"InventoryRecordID" IS NOT NULL',
        ),
        Index(
            "ix_line_items_source",
            "source_order_key, source_line_id",
            where="source_order_key IS NOT NULL",
        ),
    ),
    text=TextFields(
        ("ID", "ProductID", "Product.Name"),
        prominent=("ID",),
        nested=(("Product.Name", "\"Product\" ->> 'Name'"),),
    ),
    sorts=(Sorts(("DateAdded",)),),
    names=line_names(ADDRESS_OF_LINE),
    keeps={
        **LINE_KEEPS,
        "source_line_id": "lines of submitted orders keep their IDs",
        "calculated": "what a calculation has changed, and what was there before, until the next one",
    },
    synced=(
        Synced(
            of=Thing.ORDERS,
            by=("order_key",),
            quiet=("position", "calculated"),
            when=f"""EXISTS (SELECT 1 FROM orders so WHERE so.marketplace_id = {{t}}.marketplace_id
                AND so.key = {{t}}.order_key AND so."Status" NOT IN ({texts(DRAFT)}))""",
        ),
    ),
)
"""`position` is the order of adding. `bundle_id`: the bundle that a head line stands for (LI-7). `ad_hoc`: only an
integration knows the product (LI-6). `calculated`: what a calculation has changed of the line, and what was there
before (CHK-6). `source_*`: the line of the buyer's order that a supplier's line shares (FWD-3).
"""
ORDER_APPROVAL = Entity(
    model=OrderApproval,
    table="order_approvals",
    object_type="OrderApproval",
    surrogate=True,
    parents=(Parent("OrderID", "orders", key="order_key"),),
    id_column="ApprovalRuleID",
    stored=(
        Stored(name="round", type="integer", nullable=False, default="1"),
        Stored(name="group_key", type="bigint"),
        Stored(name="approver_key", type="bigint"),
    ),
    indexes=(
        Index("uq_order_approvals_rule", 'order_key, round, "ApprovalRuleID"', unique=True),
        Index("ix_order_approvals_pending", '"ApprovalRuleID"', where=f'"Status" IN ({texts(UNANSWERED)})'),
        Index("ix_order_approvals_group", "group_key", where=f'"Status" IN ({texts(UNANSWERED)})'),
        Index("ix_order_approvals_approver", "approver_key"),
    ),
    names=approval_names("approval_rules", RULE_OF_BUYER),
    keeps=APPROVAL_KEEPS,
)
"""Every submit that asks for approval begins a `round`; older ones stay listed (APR-4)."""
ORDER_PROMOTION = Entity(
    model=AppliedPromotion,
    table="order_promotions",
    object_type="OrderPromotion",
    surrogate=True,
    parents=(Parent("OrderID", "orders", key="order_key"),),
    id_column="PromotionID",
    stored=(
        Stored(name="position", type="integer", nullable=False),
        Stored(name="code", type="citext"),
        Stored(name="terms", type="json"),
        Stored(name="redeemer_key", type="bigint"),
    ),
    indexes=(
        Index(
            "uq_order_promotions_line",
            'order_key, "PromotionID", "LineItemID"',
            unique=True,
            nulls_distinct=False,
        ),
        Index("ix_order_promotions_live", '"PromotionID", order_key', where="terms IS NULL"),
        Index(
            "ix_order_promotions_uses",
            '"PromotionID", redeemer_key, order_key',
            where="redeemer_key IS NOT NULL",
        ),
    ),
    names=(Named("terms.ID", "promotions", 't."PromotionID" = :old'),),
    keeps={
        "LineItemID": "a line of the same order, which features/trade/orders/lines/writing.py renames",
        "terms": "a copy of the promotion as it was used; its ID follows",
    },
)
"""A promotion on an order, or on one of its lines (ADD-3). `position` is the order in which the rows were applied
(AMT-4). `code`: the generated code that brought it (GEN-1). `terms`: a copy of the promotion, null as long as the order is
unsubmitted and shows it as it is now (PROMO-12). `redeemer_key`: the user whose use of the promotion this counts as
(LIM-1). orders.has_promotions is false for orders without such rows.
"""
ENTITIES = (ORDER, LINE_ITEM, ORDER_APPROVAL, ORDER_PROMOTION)
