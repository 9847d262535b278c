"""Messages about order returns (RET-8)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from entrepot.domain.messages.declared import Subject
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.people.deliveries.events import Event, EventKind
from entrepot.features.people.messages.expanding import expand
from entrepot.features.people.messages.letters import GoneError, Letter, saying
from entrepot.features.people.messages.telling import told
from entrepot.features.trade.messages.orders import body_of, letter, read_order
from entrepot.features.trade.orders.approvals.rounds import read_rounds
from entrepot.features.trade.orders.models.returns import OrderReturnApproval
from entrepot.features.trade.orders.store import load
from entrepot.features.trade.returns.about import RETURN_APPROVALS
from entrepot.features.trade.returns.store import read_return, render

render_approval = renderer(OrderReturnApproval).render


async def letters(call: Call, event: Event) -> Sequence[Letter]:
    """With the return beside its order; the approvals are the return's. Four statements, five for an order with promotions."""
    row = await read_return(call, event.facts["key"])
    if row is None:
        raise GoneError("return", event.facts["key"])
    order = await read_order(call, row["order_key"])
    rounds = await read_rounds(call, RETURN_APPROVALS, row["key"], order["user_key"])
    approvals = [render_approval(each | {"OrderReturnID": row["ID"]}) for its in rounds for each in its.rows]
    says = saying(body_of(await load(call, order), approvals) | {"OrderReturn": render(row)})
    return [letter(order, each, says) for each in told(event)]


ORDER_RETURN_MESSAGE = EventKind(name=Subject.ORDER_RETURN, expand=partial(expand, letters))
