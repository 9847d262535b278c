"""An order becomes Open: stock and spending accounts are drawn on, once (SUB-2.11, APR-3)."""

from __future__ import annotations

from entrepot.domain.orders.stock import Draw
from entrepot.domain.orders.submitting import Decision
from entrepot.engine.call import Call
from entrepot.features.orders.facts import read_facts
from entrepot.features.orders.pricing import PricedOrder
from entrepot.features.orders.spending import debit
from entrepot.features.orders.stock import draws_of, read_records
from entrepot.features.orders.store import Loaded
from entrepot.features.orders.taking import take


async def open_up(call: Call, loaded: Loaded, decision: Decision) -> None:
    """Take what the decision says, if the order becomes Open by it. Raises Inventory.Insufficient where somebody else was
    faster.
    """
    if decision.opens:
        await debit(call, loaded, decision.debits)
        await take(call, decision.draws)


async def frozen_draws(call: Call, loaded: Loaded) -> tuple[Draw, ...]:
    """What the lines of an order that follows its products no more draw on. Three statements at most.

    What is left of variants is not known here; whoever takes finds out under the lock.
    """
    live = [line for line in loaded.lines if not line["ad_hoc"] and not line["IsBundle"]]
    facts = await read_facts(call, loaded.order, (line["ProductID"] for line in live))
    records = await read_records(call, loaded, live)
    return tuple(draws_of(loaded, PricedOrder(facts, {}, {}, {}, {}), records))
