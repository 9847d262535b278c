"""Orders and what belongs to them: which lists have them, and where. No seed has them; they are kept as they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from entrepot.declare.entity import Entity
from entrepot.declare.registry import Registry
from entrepot.features.seeding.kinds import Kind
from entrepot.features.seeding.remote.findings import Findings
from entrepot.features.seeding.remote.listings import Above, Listing
from entrepot.features.seeding.remote.portions import Portion
from entrepot.features.seeding.remote.store import Store
from entrepot.features.trade.checkout.worksheets import RESPONSES
from entrepot.features.trade.orders.resources import LINE_ITEM, ORDER, ORDER_APPROVAL, ORDER_PROMOTION
from entrepot.features.trade.payments.resources import PAYMENT
from entrepot.features.trade.returns.resources import ORDER_RETURN, ORDER_RETURN_APPROVAL
from entrepot.features.trade.shipments.resources import SHIPMENT, SHIPMENT_ITEM
from entrepot.features.trade.subscriptions.resources import SUBSCRIPTION, SUBSCRIPTION_ITEM

Values = dict[str, Any]
ORDERS, LINES, APPROVALS, PROMOTIONS, PAYMENTS = (
    "Orders",
    "LineItems",
    "OrderApprovals",
    "OrderPromotions",
    "Payments",
)
SHIPMENTS, SHIPPED, RETURNS, RETURN_APPROVALS = (
    "Shipments",
    "ShipmentItems",
    "OrderReturns",
    "OrderReturnApprovals",
)
SUBSCRIPTIONS, SUBSCRIBED = "Subscriptions", "SubscriptionItems"
WORKSHEETS = "OrderWorksheets"


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of rows. below: the kind whose objects its path leads through. identity: what tells items apart in one place."""

    name: str
    operation: str
    entity: Entity
    below: str = ""
    identity: tuple[str, ...] = ("ID",)
    members: tuple[str, ...] = ()


TRADE = (
    Trade(ORDERS, "Orders.List", ORDER, identity=("ID", "FromCompanyID", "ToCompanyID")),
    Trade(LINES, "LineItems.List", LINE_ITEM, ORDERS),
    Trade(APPROVALS, "Orders.ListApprovals", ORDER_APPROVAL, ORDERS, ("ApprovalRuleID", "DateCreated")),
    Trade(PROMOTIONS, "Orders.ListPromotions", ORDER_PROMOTION, ORDERS, ("ID", "LineItemID")),
    Trade(PAYMENTS, "Payments.List", PAYMENT, ORDERS),
    Trade(SHIPMENTS, "Shipments.List", SHIPMENT),
    Trade(SHIPPED, "Shipments.ListItems", SHIPMENT_ITEM, SHIPMENTS, ("OrderID", "LineItemID")),
    Trade(RETURNS, "OrderReturns.List", ORDER_RETURN),
    Trade(
        RETURN_APPROVALS,
        "OrderReturns.ListApprovals",
        ORDER_RETURN_APPROVAL,
        RETURNS,
        ("ApprovalRuleID", "DateCreated"),
    ),
    Trade(SUBSCRIPTIONS, "Subscriptions.List", SUBSCRIPTION),
    Trade(SUBSCRIBED, "SubscriptionItems.List", SUBSCRIPTION_ITEM, SUBSCRIPTIONS),
    # What integrations have answered for an order.
    Trade(WORKSHEETS, "IntegrationEvents.GetWorksheet", ORDER, ORDERS, members=tuple(RESPONSES)),
)
"""In the order of reading, and of writing."""
EVENT = "OrderCheckoutIntegrationEventID"
BELOW = {each.name: each.below for each in TRADE}


def trade_listings(registry: Registry) -> tuple[Listing, ...]:
    """Their lists, in the order of TRADE."""
    listings = []
    for each in TRADE:
        operation = registry.operations[each.operation]
        model, table = each.entity.model, each.entity.table
        kind = Kind(name=each.name, section="Objects", model=model, table=table, within=(), writes=None)
        above = tuple(Above(name, name, "") for name in operation.path_parameters)
        listings.append(Listing(kind, operation, above, members=each.members, identity=each.identity))
    return tuple(listings)


def trade_portions(listing: Listing, store: Store, marketplace: str, findings: Findings) -> Iterator[Portion]:
    """The lists to read, of what has been read of those above."""
    name = listing.kind.name
    below = BELOW[name]
    if name == WORKSHEETS and not _is_asked(store):
        return
    if name == ORDERS:
        # No list has both (LST-2).
        for submitted in ("true", "false"):
            yield Portion(listing, (("direction", "All"),), (("IsSubmitted", submitted),))
    elif below == ORDERS:
        named = Counter(str(record["Item"]["ID"]).lower() for record in store.records(ORDERS))
        for record in store.records(ORDERS):
            order = record["Item"]
            side = side_of(order, marketplace)
            if side == "All" and named[str(order["ID"]).lower()] > 1:
                # An order of buyer and supplier is reached by All alone, where another one of its ID may stand before it (ORD-2).
                findings.short[f"{listing.operation.id} of {order['ID']} to {order['ToCompanyID']}"] = (0, 1)
            else:
                yield Portion(listing, (("direction", side), ("orderID", str(order["ID"]))))
    elif below:
        (parameter,) = listing.operation.path_parameters
        for record in store.records(below):
            yield Portion(listing, ((parameter, str(record["Item"]["ID"])),))
    else:
        yield Portion(listing)


def _is_asked(store: Store) -> bool:
    """Whether there is an integration that answers for orders: else a request for each of them would find nothing."""
    clients = store.records("ApiClients")
    return any(each.get(EVENT) for each in clients) or any(store.records("SubscriptionIntegrations"))


def side_of(order: Values, marketplace: str) -> str:
    """The direction in which an order's ID is its own, as the seller sees it (ORD-1, ORD-2)."""
    if str(order.get("FromCompanyID")).lower() == marketplace.lower():
        return "Outgoing"
    return "Incoming" if str(order.get("ToCompanyID")).lower() == marketplace.lower() else "All"
