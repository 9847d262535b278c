"""The amounts of all promotions on an order anew, as a calculation has it (RCL-1, OVR-1 to OVR-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from entrepot.domain.orders.status import IN_THE_MAKING, OrderStatus
from entrepot.domain.promotions.sequence import recalculated
from entrepot.engine.call import Call
from entrepot.features.trade.orders.computing import computed
from entrepot.features.trade.orders.pricing.prices import add_up
from entrepot.features.trade.orders.pricing.promotions import put_rows, rows_of
from entrepot.features.trade.orders.promotions.due import due_to_recalculate
from entrepot.features.trade.orders.promotions.integration import Answers, answers_for
from entrepot.features.trade.orders.promotions.terms import basket_of, of_integration, present_terms
from entrepot.features.trade.orders.store import Loaded

Values = dict[str, Any]
Overrides = Mapping[tuple[str, str], Decimal]
"""Amounts by promotion and line, in lower case."""


async def recalculate(call: Call, loaded: Loaded, overrides: Overrides, answers: Answers) -> None:
    """Compute the rows of an order that has been brought up to date, and its sums; nothing is written.

    Rows that `overrides` name get these amounts and keep them until the next calculation; all others lose theirs.
    Overrides of what the order lacks are passed over. Two statements at most, none for an order without promotions, or
    one that takes no promotions any more (RCL-5). Raises AskFirstError, so that it runs within
    `integration.settled`; what the integration does not value keeps its amounts.
    """
    if not loaded.promotions or OrderStatus(loaded.order["Status"]) not in IN_THE_MAKING:
        return
    terms = await present_terms(call, loaded)
    basket = await basket_of(call, loaded, terms)
    rows = []
    for row in rows_of(loaded):
        line = None if row.line_item_id is None else row.line_item_id.lower()
        given = None if line is None else overrides.get((row.promotion_id.lower(), line))
        amount = row.amount if given is None else given
        rows.append(replace(row, amount=amount, overridden=given is not None))
    due = await computed(call, basket.budget, lambda: due_to_recalculate(terms, basket, rows))
    judged = answers_for(loaded, terms, due, answers, by="recalculate")
    granted = {
        each.id: judged.granted.get(each.id)
        or tuple((row.line_item_id, row.amount) for row in rows if row.promotion_id == each.id)
        for each in of_integration(terms.present)
    }
    done = await computed(call, basket.budget, lambda: recalculated(terms.present, basket, rows, granted))
    put_rows(loaded, done, call.clock())
    add_up(loaded)
