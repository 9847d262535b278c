"""What each payment of an order covers, and what it charges its account with (PAY-2, PAY-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from entrepot.kernel.money import round_money

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


def chargeable(amount: Decimal, total: Decimal, charged: Iterable[Decimal]) -> Decimal:
    """What an account is charged with for an amount, in cents: accounts together never pay more than the order's total,
    though payments made before the total fell may come to more (inferred). `charged`: what others are charged with.
    """
    return max(min(round_money(amount), round_money(total - sum(charged, NOTHING))), NOTHING)
