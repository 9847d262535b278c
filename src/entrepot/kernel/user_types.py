"""The kinds of users."""

from __future__ import annotations

import enum


class UserType(enum.StrEnum):
    """Which kind of company a user belongs to, spelled as the token's `usrtype` claim (AUTH-21)."""

    SELLER = "admin"
    SUPPLIER = "supplier"
    BUYER = "buyer"


def type_of(buyer: str | None, supplier: str | None) -> UserType:
    """That of a user whose row names these as its owners."""
    if buyer is not None:
        return UserType.BUYER
    return UserType.SELLER if supplier is None else UserType.SUPPLIER
