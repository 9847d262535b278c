"""What orders, their lines and what hangs on them name by ID alone, and which thing each ID means (CONV-3).

The names of addresses, cards and the like are unique below a company or a user: an order's mean what its user calls so.
"""

from __future__ import annotations

from entrepot.declare.named import Named

SELLER = '(SELECT mp."ID" FROM marketplaces mp WHERE mp.marketplace_id = :marketplace_id)'
OF_ORDER = f"""
    coalesce(x."BuyerID", {SELLER}) = {{o}}."FromCompanyID" AND x.user_key IS NULL AND x."SupplierID" IS NULL
    AND NOT EXISTS (SELECT 1 FROM addresses own WHERE own.marketplace_id = :marketplace_id AND own.user_key = {{o}}.user_key
                    AND own."ID" = x."ID")"""
"""That the user of an order `o` means the address `x`: its buyer's, or the marketplace owner's where that one orders; a
private one of the same ID comes first, and has no other ID ever after.
"""
ADDRESS_OF_ORDER = OF_ORDER.format(o="t", m=":marketplace_id")
BEGAN_WITH = """EXISTS (
    SELECT 1 FROM orders f JOIN orders o ON o.marketplace_id = :marketplace_id AND o.key = coalesce(f.origin_key, f.key)
    WHERE f.marketplace_id = :marketplace_id AND f.key = t.order_key AND %s)"""
"""A condition on the order `o` of a line, or on the one from which a split made it."""
ADDRESS_OF_LINE = BEGAN_WITH % OF_ORDER.format(o="o", m=":marketplace_id")
SHIPS_FROM = """
    x."BuyerID" IS NULL AND x.user_key IS NULL AND NOT EXISTS (
        SELECT 1 FROM addresses first
        WHERE first.marketplace_id = :marketplace_id AND first."ID" = x."ID" AND first.key <> x.key
          AND first."BuyerID" IS NULL AND first.user_key IS NULL
          AND (first."SupplierID" = t."%s"
               OR first."SupplierID" IS NULL AND x."SupplierID" IS DISTINCT FROM t."%s"))"""
"""That goods of a company come from the address `x`: its own goes before the marketplace owner's, that before others'."""
OF_PRODUCT_WITH = """t."ProductID" = ANY (ARRAY(
    SELECT p."ID" FROM spec_product_assignments a
    JOIN products p ON p.marketplace_id = :marketplace_id AND (p."ID" = a."ProductID" OR p."ParentID" = a."ProductID")
    WHERE a.marketplace_id = :marketplace_id AND a."SpecID" = x."%s"))"""
"""That a line's product has the spec. What it has no more is history, and found by nobody."""
RECORD = """x."ProductID" = t."ProductID" AND (
    x."VariantID" IS NOT NULL AND x."VariantID" = CAST(t."Variant" ->> 'ID' AS citext)
    OR x."VariantID" IS NULL AND NOT EXISTS (
        SELECT 1 FROM inventory_records v
        WHERE v.marketplace_id = :marketplace_id AND v."ProductID" = t."ProductID" AND v."ID" = x."ID"
          AND v."VariantID" = CAST(t."Variant" ->> 'ID' AS citext)))"""
"""The record of the line's variant before that of its product (INV-3)."""

ORDER_NAMES = (
    Named("FromUserID", "users", "t.user_key = :place", copy="FromUser", indexed=False),
    Named("FromUser.CompanyID", "buyers", 't."FromCompanyID" = :old'),
    Named("BillingAddressID", "addresses", ADDRESS_OF_ORDER, copy="BillingAddress"),
    Named("ShippingAddressID", "addresses", ADDRESS_OF_ORDER, copy="shipping_address"),
)
ORDER_KEEPS = {
    "SubscriptionID": "features/trade/subscriptions/store.py renames it with the subscription",
    "FromUser": "a copy; of its IDs the user's and the buyer's follow",
    "from_user_changes": "names and e-mail address of a copy",
    "BillingAddress": "a copy, whose ID goes with BillingAddressID",
    "shipping_address": "a copy, whose ID goes with ShippingAddressID",
    "ship_estimate": "names lines, which features/trade/orders/changing.py renames",
    "calculation": "names lines, which features/trade/orders/changing.py renames",
    "submit_response": "an integration's answer, as it was given",
    "approval_response": "an integration's answer, as it was given",
    "approved_response": "an integration's answer, as it was given",
    "subscription_response": "an integration's answer, as it was given",
}


def line_names(shipping: str) -> tuple[Named, ...]:
    """What lines name; `shipping` is the condition that the address `x` is the one that the line `t` goes to."""
    return (
        Named("ShippingAddressID", "addresses", shipping, copy="ShippingAddress"),
        Named(
            "ShipFromAddressID",
            "addresses",
            SHIPS_FROM % ("SupplierID", "SupplierID"),
            copy="ShipFromAddress",
        ),
        Named("SupplierID", "suppliers"),
        Named("InventoryRecordID", "inventory_records", RECORD, indexed=False),
        Named("PriceScheduleID", "price_schedules"),
        Named("DiscountID", "discounts"),
        Named("bundle_id", "products"),
        Named("Product.ID", "products", 't."ProductID" = :old'),
        Named("Variant.ID", "variants", 't."ProductID" = :place'),
        Named("Specs[].SpecID", "specs", OF_PRODUCT_WITH % "ID"),
        Named("Specs[].OptionID", "spec_options", OF_PRODUCT_WITH % "SpecID", beside="SpecID"),
    )


LINE_KEEPS = {
    "BundleItemID": "a line of the same order, which features/trade/orders/lines/writing.py renames",
    "IncomingOrderID": "features/trade/orders/store.py renames it with the order",
    "OutgoingOrderID": "features/trade/orders/store.py renames it with the order",
    "InvitationID": "invitations keep their IDs",
    "Product": "a copy of the product as it is or was ordered; its ID goes with ProductID",
    "ShippingAddress": "a copy, whose ID goes with ShippingAddressID",
    "ShipFromAddress": "a copy, whose ID goes with ShipFromAddressID",
}
APPROVAL_KEEPS = {"Approver": "a copy of the user that has decided; its ID follows"}


def approval_names(rules: str, means: str) -> tuple[Named, ...]:
    """What approvals name; `means` says that the rule `x`, of the table `rules`, is that of the row `t`."""
    return (
        Named("ApprovalRuleID", rules, means),
        Named("ApprovingGroupID", "user_groups", "t.group_key = :place"),
        Named("Approver.ID", "users", "t.approver_key = :place"),
    )


RULE_OF_BUYER = """EXISTS (
    SELECT 1 FROM orders o
    WHERE o.marketplace_id = :marketplace_id AND o.key = t.order_key AND NOT o.from_seller AND o."FromCompanyID" = x."BuyerID")"""
