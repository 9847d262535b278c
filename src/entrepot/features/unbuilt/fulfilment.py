"""Shipments and order returns."""

from __future__ import annotations

from entrepot.kernel.user_types import UserType

SHIPMENT = "/shipments/{shipmentID}"
ITEM = f"{SHIPMENT}/items/{{orderID}}/{{lineItemID}}"
RETURN = "/orderreturns/{returnID}"
SHIPPERS = ("ShipmentAdmin",)
SHIPMENT_READERS = ("ShipmentAdmin", "ShipmentReader")
ADMIN = ("OrderAdmin",)
BUYERS = frozenset({UserType.BUYER})

SHIPMENT_OPERATIONS = ()
RETURN_OPERATIONS = ()
OPERATIONS = (*SHIPMENT_OPERATIONS, *RETURN_OPERATIONS)
