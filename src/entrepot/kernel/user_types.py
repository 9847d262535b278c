"""The kinds of users."""

from __future__ import annotations

import enum


class UserType(enum.StrEnum):
    """Which kind of company a user belongs to, spelled as the token's `usrtype` claim (AUTH-21)."""

    SELLER = "admin"
    SUPPLIER = "supplier"
    BUYER = "buyer"
