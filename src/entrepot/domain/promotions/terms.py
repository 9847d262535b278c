"""What a promotion says, as the arithmetic needs it, and the rows that it leaves on an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from entrepot.domain.expressions.tree import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """The terms of a promotion. `value` is null for those that the promotion integration values.

    date_applied: when it came onto the order; null for one that is not on it.
    """

    id: str
    code: str = ""
    eligible: Node
    value: Node | None
    owner_id: str = ""
    line_item_level: bool = False
    can_combine: bool = False
    auto_apply: bool = False
    active: bool = True
    priority: int | None = None
    start_date: datetime | None = None
    expiration_date: datetime | None = None
    redemption_limit: int | None = None
    redemption_limit_per_user: int | None = None
    item_limit: int | None = None
    quantity_limit: int | None = None
    item_sort_by: str | None = None
    date_applied: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reduction:
    """One promotion on one line, or with a null line on the order: the amount that it takes off."""

    promotion_id: str
    line_item_id: str | None
    amount: Decimal
    overridden: bool = False
    """Whether the order calculation set the amount, so that no recalculation changes it (OVR-2)."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How many other orders have redeemed a promotion: of all users, and of the order's user (LIM-1)."""

    orders: int = 0
    of_user: int = 0
