"""What each payment of an order covers (PAY-2)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

NOTHING = Decimal(0)


def covered(amounts: Mapping[str, Decimal | None], total: Decimal) -> dict[str, Decimal]:
    """The effective amount of each payment by its ID: what is set, or the rest of the order's total.

    Several payments without an amount: the first one takes the rest (inferred).
    """
    left = total - sum((amount for amount in amounts.values() if amount is not None), NOTHING)
    found = {}
    for payment, amount in amounts.items():
        if amount is None:
            found[payment] = max(left, NOTHING)
            left = NOTHING
        else:
            found[payment] = amount
    return found
