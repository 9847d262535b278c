"""Enumerations of integrations."""

from __future__ import annotations

import enum


class IntegrationEventType(enum.StrEnum):
    """What an integration event is called for (IE-1)."""

    ORDER_CHECKOUT = "OrderCheckout"
    OPEN_ID_CONNECT = "OpenIDConnect"
    ORDER_RETURN = "OrderReturn"
    ADD_TO_CART = "AddToCart"


class TrackingEventType(enum.StrEnum):
    """What a tracking event reports (TRK-1)."""

    USER_LOGGED_IN = "UserLoggedIn"
    LINE_ITEM_ADDED = "LineItemAdded"
    LINE_ITEM_UPDATED = "LineItemUpdated"
    ORDER_SUBMITTED = "OrderSubmitted"
