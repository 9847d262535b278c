"""Enumerations of identity."""

from __future__ import annotations

import enum


class CommerceRole(enum.StrEnum):
    """A kind of company."""

    BUYER = "Buyer"
    SELLER = "Seller"
    SUPPLIER = "Supplier"


class UserOrderMoveOption(enum.StrEnum):
    """Which orders go along when a user moves to another buyer."""

    NONE = "None"
    UNSUBMITTED = "Unsubmitted"
    ALL = "All"
