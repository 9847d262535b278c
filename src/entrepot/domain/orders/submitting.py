"""What becomes of an order that is submitted, or approved for the last time (SUB-2, APR-2, APR-3).

Pure: a snapshot of all that counts in, a decision out. Nothing is changed and nothing is read here.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from entrepot.domain.expressions.environment import Environment
from entrepot.domain.orders.approvals import ApprovalStatus, Demand, Given, Rule, demands
from entrepot.domain.orders.payments import chargeable, covered
from entrepot.domain.orders.status import OrderEvent, OrderStatus, Transition, transition
from entrepot.domain.orders.stock import Draw, shortages
from entrepot.domain.promotions.checks import Redeeming, refusals_to_redeem
from entrepot.kernel.errors import (
    ApiError,
    CompanyInactiveError,
    EmptyOrderError,
    ExceedsBalanceError,
    InactiveProductOrderedError,
    MustAwaitApprovalError,
    NotAvailableFromSellerError,
    NotFoundError,
    OrderCurrencyError,
    OrderedProductsNotFoundError,
    ParentProductOrderedError,
    StockError,
    SubmitStatusError,
    UnacceptedPaymentsError,
    UncalculatedOrderError,
    UserInactiveError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trading:
    """Whether the order's user may order from whom the order goes to (SUB-2.3)."""

    user_active: bool = True
    company_active: bool = True
    receiver: str = ""
    may_order: bool = True
    order_currency: str | None = None
    user_currency: str | None = None


class Standing(enum.Enum):
    """What a line's product is to the order's user now (LI-5)."""

    ORDERABLE = "orderable"
    GONE = "gone"
    INACTIVE = "inactive"
    PARENT = "parent"
    NOT_SOLD = "not sold"


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line as it stands. `refusals` are about its choices, variant, price, quantity and inventory record."""

    id: str
    product_id: str
    standing: Standing = Standing.ORDERABLE
    refusals: tuple[ApiError, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A spending account as the order's user may use it. exceeds: it may be charged beyond its balance (SPA-3)."""

    key: int
    id: str
    balance: Decimal
    exceeds: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment; amount null covers the rest. `account` is that of a payment from a spending account."""

    id: str
    amount: Decimal | None
    accepted: bool = True
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class Debit:
    """What a payment charges its spending account with when the order becomes Open (PAY-6)."""

    payment_id: str
    account_key: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Everything that the fate of an order depends on at one moment."""

    status: OrderStatus
    total: Decimal
    environment: Environment
    calculated: bool = True
    """Nothing has changed since the checkout integration calculated it, if there is one (CHK-7)."""
    trading: Trading = Trading()
    lines: tuple[OrderedLine, ...] = ()
    payments: tuple[Paid, ...] = ()
    promotions: Redeeming | None = None
    draws: tuple[Draw, ...] = ()
    rules: tuple[Rule, ...] = ()
    given: tuple[Given, ...] = ()
    """The approvals of this round, as they are after the caller's own."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to happen. With `errors` nothing else is; draws and debits are those of an order that becomes Open."""

    errors: tuple[ApiError, ...] = ()
    move: Transition | None = None
    demands: tuple[Demand, ...] = ()
    draws: tuple[Draw, ...] = ()
    debits: tuple[Debit, ...] = ()

    @property
    def opens(self) -> bool:
        """Whether the order becomes Open."""
        return self.move is not None and self.move.after is OrderStatus.OPEN


def decide_submit(order: Submission) -> Decision:
    """SUB-2: all refusals at once (SUB-1), after a status that allows none; else where the order goes."""
    opened = transition(OrderEvent.SUBMIT, order.status)
    if opened is None:
        return Decision((SubmitStatusError({"Status": order.status}),))
    errors = (*_refusals(order), *_shortages(order.draws))
    if errors:
        return Decision(errors)
    asked = demands(order.rules, order.environment)
    if any(not demand.approved for demand in asked):
        return Decision(move=transition(OrderEvent.SUBMIT_FOR_APPROVAL, order.status), demands=asked)
    return _open(order, opened, asked)


def decide_approval(order: Submission) -> Decision:
    """APR-3: the rules asked again; when nothing is pending the order opens, if stock and balances still suffice."""
    move = transition(OrderEvent.APPROVE, order.status)
    final = transition(OrderEvent.APPROVE_FINALLY, order.status)
    if move is None or final is None:
        return Decision((MustAwaitApprovalError({"Status": order.status}),))
    asked = demands(order.rules, order.environment, order.given)
    pending = any(each.answer is ApprovalStatus.PENDING for each in order.given)
    if pending or any(not demand.approved for demand in asked):
        return Decision(move=move, demands=asked)
    errors = tuple(_exceeded(order))
    return Decision(errors) if errors else _open(order, final, asked)


def debits(payments: Iterable[Paid], total: Decimal) -> tuple[Debit, ...]:
    """What payments from spending accounts take, one after another within the total, in the order of the accounts' keys."""
    payments = list(payments)
    amounts = covered({each.id: each.amount for each in payments}, total)
    found: list[Debit] = []
    for each in payments:
        if each.account is not None:
            amount = chargeable(amounts[each.id], total, (debit.amount for debit in found))
            found.append(Debit(each.id, each.account.key, amount))
    return tuple(sorted(found, key=lambda debit: debit.account_key))


def _open(order: Submission, move: Transition, asked: tuple[Demand, ...]) -> Decision:
    return Decision((), move, asked, order.draws, debits(order.payments, order.total))


def _refusals(order: Submission) -> list[ApiError]:
    """SUB-2.2 to SUB-2.7, in their order."""
    return [refusal for check in CHECKS for refusal in check(order)]


def _calculated(order: Submission) -> list[ApiError]:
    """SUB-2.2: the checkout integration, if there is one, has calculated the order as it is now."""
    return [] if order.calculated else [UncalculatedOrderError()]


def _trading(order: Submission) -> list[ApiError]:
    """SUB-2.3: the user is active, its company may order from the receiver, and the currency is still the user's."""
    return _of_trading(order.trading)


def _has_lines(order: Submission) -> list[ApiError]:
    """SUB-2.4: there is a line."""
    return [] if order.lines else [EmptyOrderError()]


def _products(order: Submission) -> list[ApiError]:
    """SUB-2.5: products that can be ordered, with their choices, variants, prices and quantities."""
    return [*_of_products(order.lines), *(refusal for line in order.lines for refusal in line.refusals)]


def _payments(order: Submission) -> list[ApiError]:
    """SUB-2.6: all payments are accepted, and no spending account is asked for more than it has."""
    unaccepted = [each.id for each in order.payments if not each.accepted]
    refused = [UnacceptedPaymentsError({"PaymentIDs": unaccepted})] if unaccepted else []
    return [*refused, *_exceeded(order)]


def _promotions(order: Submission) -> list[ApiError]:
    """SUB-2.7: every promotion on the order is still eligible."""
    return [] if order.promotions is None else refusals_to_redeem(order.promotions)


CHECKS = (_calculated, _trading, _has_lines, _products, _payments, _promotions)
STEPS: tuple[str, ...] = (
    "SUB-2.1: the order is Unsubmitted; else nothing further is checked.",
    *(" ".join((check.__doc__ or "").split()) for check in CHECKS),
    "SUB-2.8: lines and sums follow the products and prices of now.",
    "SUB-2.9: there is enough of everything that is counted.",
    "SUB-2.10: approval rules that hold make the order wait.",
    "SUB-2.11: else it opens: stock falls, spending accounts are charged, redemptions count.",
    "SUB-2.12: messages and events are written with it, and what is to be forwarded goes on.",
)
"""What a submit does, for docs/reference and `entrepot explain`. SUB-2.8 comes first in time: the checks see its result."""


def _of_trading(trading: Trading) -> list[ApiError]:
    found: list[ApiError] = []
    if not trading.user_active:
        found.append(UserInactiveError())
    if not trading.company_active:
        found.append(CompanyInactiveError())
    if not trading.may_order:
        found.append(NotFoundError("Supplier", trading.receiver))
    if trading.order_currency != trading.user_currency:
        currencies = {"OrderCurrency": trading.order_currency, "UserCurrency": trading.user_currency}
        found.append(OrderCurrencyError(currencies))
    return found


def _of_products(lines: Sequence[OrderedLine]) -> list[ApiError]:
    """One error for all lines of a kind, whose Data are the products."""
    products: dict[Standing, dict[str, None]] = defaultdict(dict)
    for line in lines:
        products[line.standing][line.product_id] = None
    kinds: tuple[tuple[Standing, type[ApiError]], ...] = (
        (Standing.GONE, OrderedProductsNotFoundError),
        (Standing.INACTIVE, InactiveProductOrderedError),
        (Standing.PARENT, ParentProductOrderedError),
        (Standing.NOT_SOLD, NotAvailableFromSellerError),
    )
    return [error(list(products[standing])) for standing, error in kinds if products[standing]]


def _exceeded(order: Submission) -> list[ApiError]:
    """PAY-6: what all payments on an account take together is held against its balance."""
    accounts = {each.account.key: each.account for each in order.payments if each.account is not None}
    taken: dict[int, Decimal] = defaultdict(Decimal)
    for debit in debits(order.payments, order.total):
        taken[debit.account_key] += debit.amount
    return [
        ExceedsBalanceError({"SpendingAccountID": account.id, "Balance": account.balance})
        for key, account in sorted(accounts.items())
        if taken[key] > account.balance and not account.exceeds
    ]


def _shortages(draws: Iterable[Draw]) -> list[ApiError]:
    return [StockError(shortage.data) for shortage in shortages(draws)]
