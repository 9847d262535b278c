"""What a return refunds (RET-3, RET-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from entrepot.kernel.errors import NegativeRefundError
from entrepot.kernel.money import round_money


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a return and what is refunded for it; null where nobody has said."""

    line_id: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Calculation:
    """What an integration says. `items` are amounts by line ID."""

    total: Decimal | None = None
    items: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amounts of a return, to the cent; those of its items in their order."""

    total: Decimal | None
    items: tuple[Decimal | None, ...] = ()


def check_amounts(total: Decimal | None, items: Iterable[Decimal | None]) -> None:
    """Raises OrderReturn.RefundAmountMustNotBeNegative."""
    if any(amount is not None and amount < 0 for amount in (total, *items)):
        raise NegativeRefundError


def is_calculated(items: Sequence[Item], total: Decimal | None) -> bool:
    """Whether an integration has to be asked: not where each item, or the return without items, has an amount."""
    return any(item.amount is None for item in items) if items else total is None


def amounts_of(
    items: Sequence[Item], override: Decimal | None = None, calculation: Calculation | None = None
) -> Amounts:
    """What is given, then what is calculated. The return's amount is the sum of its items' unless it is overridden."""
    answered = calculation or Calculation()
    calculated = {line.lower(): amount for line, amount in answered.items.items()}
    found = tuple(
        _cents(calculated.get(item.line_id.lower()) if item.amount is None else item.amount) for item in items
    )
    if override is not None:
        return Amounts(round_money(override), found)
    return Amounts(sum_of(found) if items else _cents(answered.total), found)


def sum_of(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of the amounts that are known; null where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def _cents(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else round_money(amount)
