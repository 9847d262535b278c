"""All that a submit depends on, in statements whose number does not grow with the lines; the order stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from entrepot.domain.expressions.budget import Budget
from entrepot.domain.expressions.uses import asks_for_categories
from entrepot.domain.orders.approvals import Rule
from entrepot.domain.orders.status import OrderEvent, OrderStatus, transition
from entrepot.domain.orders.submitting import Paid
from entrepot.engine.call import Call
from entrepot.features.trade.orders.approvals.rules import read_rules
from entrepot.features.trade.orders.environment import Categories, budget_of, read_categories
from entrepot.features.trade.orders.priced import Known
from entrepot.features.trade.orders.pricing.prices import read_prices
from entrepot.features.trade.orders.pricing.stock import Records, read_records
from entrepot.features.trade.orders.promotions.uses import Uses, read_uses
from entrepot.features.trade.orders.spending import read_payments
from entrepot.features.trade.orders.store import Loaded
from entrepot.features.trade.orders.trading import Traders, read_trading
from entrepot.kernel.errors import OrderRefusedError, SubmitStatusError


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One moment: the order's user and companies, products and prices, inventory records, promotions (None without any),
    payments, approval rules with the number of the last round that the order has had, and the categories of its products,
    where an expression asks for them. seller_id: the marketplace owner's. budget: the steps of all expressions.
    """

    now: datetime
    seller_id: str
    budget: Budget
    traders: Traders
    products: Known
    records: Records
    uses: Uses | None
    payments: tuple[Paid, ...]
    rules: tuple[Rule, ...]
    last_round: int
    categories: Categories


async def read(call: Call, loaded: Loaded, *, lock: bool) -> Read:
    """With `lock` it stays so until the unit ends. Raises OrderRefusedError for a status that allows no submit.

    Locks are taken in the order in which everybody takes them: order, user, promotions, spending accounts, rules, then
    products.
    """
    status = OrderStatus(loaded.order["Status"])
    if transition(OrderEvent.SUBMIT, status) is None:
        raise OrderRefusedError(SubmitStatusError({"Status": status}))
    traders = await read_trading(call, loaded, lock=lock)
    products = await read_prices(call, loaded)
    records = await read_records(call, loaded, loaded.lines)
    uses = await read_uses(call, loaded, lock=lock)
    payments = await read_payments(call, loaded, lock=lock)
    rules, last_round = await read_rules(call, loaded, lock=lock)
    asks = any(asks_for_categories(rule.expression) for rule in rules)
    asks = asks or (uses is not None and uses.terms.asks_for_categories)
    return Read(
        now=call.clock(),
        seller_id=call.principal.marketplace,
        budget=budget_of(call),
        traders=traders,
        products=products,
        records=records,
        uses=uses,
        payments=payments,
        rules=rules,
        last_round=last_round,
        categories=await read_categories(call, loaded, products) if asks else {},
    )
