"""Messages about orders (SUB-5, APR-6)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from entrepot.domain.messages.audiences import Told
from entrepot.domain.messages.declared import Subject
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.people.deliveries.events import Event, EventKind
from entrepot.features.people.messages.expanding import expand
from entrepot.features.people.messages.letters import EventBody, GoneError, Letter, saying
from entrepot.features.people.messages.telling import told
from entrepot.features.trade.orders.about import ORDER_APPROVALS
from entrepot.features.trade.orders.approvals.rounds import read_rounds
from entrepot.features.trade.orders.models.orders import OrderApproval
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.orders.store import COLUMNS, Loaded, load, order_of, render_line, render_order

Values = dict[str, Any]

ORDER = f"SELECT {COLUMNS} FROM orders t WHERE t.marketplace_id = $1 AND t.key = $2"
OF_GUESTS = ("FirstName", "LastName", "Email")
"""What the order's copy of its user has in the place of what the user has, who stands for all guests (ORD-20)."""
render_approval = renderer(OrderApproval).render


async def letters(call: Call, event: Event) -> Sequence[Letter]:
    """With the order, its approvals, lines and products as they are now. Three statements, four for one with promotions."""
    order = await read_order(call, event.facts["key"])
    says = saying(await order_body(call, await load(call, order)))
    return [letter(order, each, says) for each in told(event)]


async def read_order(call: Call, key: int) -> OrderRow:
    """The order of a key. Raises GoneError for one that is gone."""
    record = await call.db.fetchrow(ORDER, call.marketplace_id, key)
    if record is None:
        raise GoneError("order", key)
    return order_of(record)


def letter(order: OrderRow, each: Told, says: EventBody) -> Letter:
    """To the order's user, as the order knows it, or to approvers."""
    known_as = {}
    if order["guest"] and each.to.users:
        known_as = {name: order["FromUser"][name] for name in OF_GUESTS}
    return Letter(type=each.type, to=each.to, says=says, known_as=known_as)


async def order_body(call: Call, loaded: Loaded) -> Values:
    """What every message about an order says; all of its approvals. One statement."""
    rounds = await read_rounds(call, ORDER_APPROVALS, loaded.key, loaded.order["user_key"])
    approvals = [render_approval(row) for each in rounds for row in each.rows]
    return body_of(loaded, approvals)


def body_of(loaded: Loaded, approvals: Sequence[Values]) -> Values:
    """The same with these approvals, as the wire shows them. Products are those of the lines, each once."""
    products = {line["ProductID"].lower(): line["Product"] for line in loaded.lines if line["Product"]}
    return {
        "Order": render_order(loaded.order),
        "Approvals": list(approvals),
        "LineItems": [render_line(line) for line in loaded.lines],
        "Products": list(products.values()),
    }


ORDER_MESSAGE = EventKind(name=Subject.ORDER, expand=partial(expand, letters))
