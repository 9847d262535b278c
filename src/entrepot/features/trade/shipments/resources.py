"""Shipments and what is in them (orders spec section 13)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index, Parent
from entrepot.declare.named import Named
from entrepot.declare.operation import QueryParameter
from entrepot.declare.resource import Resource, Verb, Within
from entrepot.declare.roles import Access, Right, Roles
from entrepot.declare.types import Id, Int
from entrepot.declare.wire import Wire, column
from entrepot.domain.orders.status import OrderEvent
from entrepot.features.trade.orders.models.shipments import Shipment
from entrepot.features.trade.orders.naming import SHIPS_FROM
from entrepot.features.trade.shipments.hooks import ShipmentHooks
from entrepot.kernel.errors import UserTypeError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType


def has_line_of(order: str) -> Sql:
    """That a shipment `t` has a line of orders `o` for which a condition holds."""
    return Sql(f"""EXISTS (
    SELECT 1 FROM shipment_items si JOIN orders o ON o.marketplace_id = :marketplace_id AND o.key = si.order_key
    WHERE si.marketplace_id = :marketplace_id AND si."ShipmentID" = t."ID" AND {order})""")


def of_family(named: str) -> Sql:
    """That an order is the one of the line `si`, or the other one that has this line: the buyer's, or the supplier's that a
    split made of it (FWD-3). `named` follows an alias.
    """
    return Sql(f"""(o.{named}
     OR EXISTS (SELECT 1 FROM orders p WHERE p.marketplace_id = :marketplace_id AND p.key = o.origin_key AND p.{named})
     OR EXISTS (SELECT 1 FROM line_items f JOIN orders p ON p.marketplace_id = :marketplace_id AND p.key = f.order_key
                WHERE f.marketplace_id = :marketplace_id AND f.source_order_key = si.order_key
                  AND f.source_line_id = si."LineItemID" AND p.{named}))""")


class ShippedLine(Wire):
    """How much of a line of an order is in a shipment, as it is stored."""

    LineItemID: Id = column(required=True)
    QuantityShipped: Int = column(required=True)


SHIPMENT = Entity(
    model=Shipment,
    table="shipments",
    object_type="Shipment",
    names=(
        Named("FromAddressID", "addresses", SHIPS_FROM % ("OwnerID", "OwnerID"), copy="FromAddress"),
        Named("ToAddressID", "addresses", 'x."BuyerID" = t."BuyerID"', copy="ToAddress"),
    ),
    keeps={
        "FromAddress": "a copy, whose ID goes with FromAddressID",
        "ToAddress": "a copy, whose ID goes with ToAddressID",
    },
)
"""Private addresses keep their IDs."""
SHIPMENT_ITEM = Entity(
    model=ShippedLine,
    table="shipment_items",
    object_type="ShipmentItem",
    id_column="LineItemID",
    parents=(Parent("ShipmentID", "shipments"), Parent("OrderID", "orders", key="order_key")),
    indexes=(Index("ix_shipment_items_line", 'order_key, "LineItemID"'),),
    keeps={"LineItemID": "features/trade/orders/lines/writing.py renames it with the line"},
)
SHIPMENTS = Resource(
    name="Shipments",
    entity=SHIPMENT,
    path="/shipments",
    item="shipmentID",
    roles=Roles.named("Shipment"),
    access=Access(supplier=Right.WRITE, buyer=Right.READ),
    visible={UserType.SUPPLIER: 't."OwnerID" = :company', UserType.BUYER: 't."BuyerID" = :company'},
    search=("ID", "BuyerID", "Shipper", "DateShipped", "DateDelivered", "TrackingNumber"),
    sort=("DateShipped", "OwnerID", "ID", "BuyerID", "Shipper", "DateDelivered", "Cost"),
    query=(QueryParameter("orderID", description="Only shipments of lines of orders of this ID."),),
    narrow={"orderID": has_line_of(of_family('"ID" = :orderID'))},
    hooks=ShipmentHooks(UserTypeError),
    moves={
        Verb.SAVE: (OrderEvent.SHIP_LAST, OrderEvent.UNSHIP),
        Verb.PATCH: (OrderEvent.SHIP_LAST, OrderEvent.UNSHIP),
        Verb.DELETE: (OrderEvent.UNSHIP,),
    },
)
IN_SHIPMENT = (Within("shipmentID", "ShipmentID", SHIPMENTS),)
RESOURCES = (SHIPMENTS,)
ENTITIES = (SHIPMENT_ITEM,)
