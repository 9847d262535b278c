"""The kinds of tokens on products; a token is number * 8 + kind."""

from __future__ import annotations

import enum


class TokenKind(enum.IntEnum):
    """What a token says of a product; a child says what its parent does."""

    IN_CATALOG = 0
    """It is in the catalog."""
    OPEN_IN = 1
    """It is in the catalog and in none of its categories (VIS step 4)."""
    IN_CATEGORY = 2
    """It is directly in the category, which is active with all its ancestors (VIS step 5)."""
    LISTED_IN = 3
    """OPEN_IN the catalog, or IN_CATEGORY of one of its categories: where no category has rows of its own for a party,
    this is what ViewAllProducts of the catalog shows it."""
    GRANTED_BUYER = 4
    """It is assigned to the buyer (VIS step 3)."""
    GRANTED_GROUP = 5
    """It is assigned to the user group; the number is the group's key."""


def token(number: int, kind: TokenKind) -> int:
    """The token of a catalog, category or buyer by its `number`, of a user group by its `key`."""
    return number * 8 + kind
