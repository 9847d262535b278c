"""Where a submit meets the promotions on the order (SUB-2.7, SUB-2.11)."""

from __future__ import annotations

from entrepot.features.orders.promotions_uses import (
    check_promotions,
    lock_promotions,
    redeem,
    release_deleted,
)

__all__ = ["check_promotions", "lock_promotions", "redeem", "release_deleted"]
