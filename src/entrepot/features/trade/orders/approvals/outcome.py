"""What was decided of an order, at its submit or at an approval, is carried out (SUB-2.10 to SUB-2.12, APR-3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entrepot.domain.orders.submitting import Decision
from entrepot.engine.call import Call
from entrepot.features.trade.orders.about import about_order
from entrepot.features.trade.orders.approvals.rounds import Approver, add_demands, groups_of, pending
from entrepot.features.trade.orders.moving import move
from entrepot.features.trade.orders.pricing.taking import take
from entrepot.features.trade.orders.spending import debit
from entrepot.features.trade.orders.store import Loaded

Values = dict[str, Any]


async def carry_out(
    call: Call,
    loaded: Loaded,
    decision: Decision,
    number: int,
    *,
    answered: Sequence[Values] = (),
) -> None:
    """Move the order as a decision without errors says, with all that goes with it. Stock and spending accounts are drawn
    on once, when the order becomes Open. Raises Inventory.Insufficient where somebody else was faster.

    number: of the round of approvals. answered: those of it that are new.
    """
    assert decision.move is not None
    if decision.opens:
        await debit(call, loaded, decision.debits)
        await take(call, decision.draws)
    # An administrator who submits is not asked: the order's user is taken for the submitter (inferred).
    submitter = Approver.of(loaded.order["user_key"], loaded.order["FromUser"])
    added = await add_demands(call, about_order(loaded), decision.demands, number, submitter)
    asked, decided = groups_of(pending(added)), groups_of(answered)
    await move(call, loaded, decision.move.event, pending=asked, decided=decided)
