"""Enumerations of organizations."""

from __future__ import annotations

import enum


class PartyType(enum.StrEnum):
    """The level of an assignment."""

    USER = "User"
    GROUP = "Group"
    COMPANY = "Company"
    BUYER_GROUP = "BuyerGroup"
