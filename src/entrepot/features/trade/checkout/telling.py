"""Telling the checkout event that an order was submitted or approved (CHK-8, IE-11).

    the move's transaction: an outbox row   ->   after the commit: the call abroad   ->   the response is stored, the row goes

Nothing that goes wrong abroad undoes the move. A process that dies in between leaves the row, and another one delivers it
under the same delivery ID: the one case in which an integration may hear of an event twice.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from entrepot.declare.operation import chore
from entrepot.declare.wire import Wire
from entrepot.domain.orders.status import Event as Move
from entrepot.engine.call import Backend, Call
from entrepot.engine.principal import Principal
from entrepot.engine.units import writing
from entrepot.engine.wire.json import dump, load
from entrepot.features.people.integrations.asking import ask
from entrepot.features.trade.checkout.answers import failed, read_answer
from entrepot.features.trade.checkout.events import Kind, find_event
from entrepot.features.trade.checkout.worksheets import worksheet_of
from entrepot.features.trade.orders import store
from entrepot.features.trade.orders.models.worksheet import (
    OrderApprovedResponse,
    OrderSubmitForApprovalResponse,
    OrderSubmitResponse,
)
from entrepot.features.trade.orders.store import Loaded
from entrepot.kernel.errors import ElevatedRolesClientError
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

INTERVAL = 30.0
"""Seconds between two looks for events that a process has left behind."""
LEASE = timedelta(minutes=2)
"""What a delivery has before another process takes it up: longer than it can take."""
MOVES = {
    Move.SUBMIT: "ordersubmit",
    Move.SUBMIT_FOR_APPROVAL: "ordersubmitforapproval",
    Move.APPROVE_FINALLY: "orderapproved",
}
RESPONSES: dict[str, tuple[type[Wire], str]] = {
    "ordersubmit": (OrderSubmitResponse, "submit_response"),
    "ordersubmitforapproval": (OrderSubmitForApprovalResponse, "approval_response"),
    "orderapproved": (OrderApprovedResponse, "approved_response"),
}
"""By the URL's suffix: the model of the response and the order's column."""
NOTE = f"""
INSERT INTO checkout_events (marketplace_id, order_key, "ID", "Kind", caller, due_at)
SELECT c.marketplace_id, $2, $3, $4, $5::json, $6 FROM api_clients c
WHERE c.marketplace_id = $1 AND c."ID" = $7 AND c."{Kind.CHECKOUT}" IS NOT NULL
"""
ORDER_OF_KEY = f"SELECT {store.COLUMNS} FROM orders t WHERE t.marketplace_id = $1 AND t.key = $2"
STORE = "UPDATE orders SET {column} = $3 WHERE marketplace_id = $1 AND key = $2"
FORGET = 'DELETE FROM checkout_events WHERE marketplace_id = $1 AND order_key = $2 AND "ID" = $3'
# Without a marketplace: the table is empty nearly always.
LEFT = "SELECT DISTINCT marketplace_id FROM checkout_events WHERE due_at <= $1 ORDER BY marketplace_id"
TAKE = """
WITH due AS (
    SELECT e.order_key, e."ID" FROM checkout_events e
    WHERE e.marketplace_id = $1 AND e.due_at <= $2 ORDER BY e.due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
UPDATE checkout_events e SET due_at = $3 FROM due
WHERE e.marketplace_id = $1 AND e.order_key = due.order_key AND e."ID" = due."ID"
RETURNING e.order_key, e."ID", e."Kind", e.caller
"""

DELIVERING = chore("Checkout.DeliverLeft")

log = structlog.get_logger("entrepot.checkout")


async def tell_later(call: Call, loaded: Loaded, move: Move) -> None:
    """Note what happened to the order, if the caller's API client has a checkout event. Orders that are made of it (a
    forward to suppliers) tell nobody (inferred). One statement.
    """
    kind = MOVES.get(move)
    if kind is None:
        return
    delivery = new_id()
    done = await call.db.execute(
        NOTE,
        call.marketplace_id,
        loaded.key,
        delivery,
        kind,
        dump(_noted(call.principal)),
        call.clock() + LEASE,
        call.principal.client_id,
    )
    if done.endswith(" 1"):
        call.afterwards.append(partial(deliver, call, loaded.key, delivery, kind))


async def deliver(call: Call, order_key: int, delivery: str, kind: str) -> None:
    """Tell the event and keep what it answers; a failure is kept like any answer and not tried again (IE-10)."""
    model, column = RESPONSES[kind]
    row = await call.db.fetchrow(ORDER_OF_KEY, call.marketplace_id, order_key)
    event = None if row is None else await find_event(call, Kind.CHECKOUT)
    response = None
    if row is not None and event is not None:
        sheet = await worksheet_of(call, await store.load(call, store.order_of(row)))
        try:
            answer = await ask(call, event, f"/{kind}", {"OrderWorksheet": sheet}, delivery)
            response = read_answer(model, answer, may_be_empty=True)
        except ElevatedRolesClientError as error:
            response = failed(model, None, str(error.message))
    async with writing(call):
        if response is not None:
            sql = STORE.format(column=column)
            await call.db.execute(sql, call.marketplace_id, order_key, dump(response))
        await call.db.execute(FORGET, call.marketplace_id, order_key, delivery)


async def deliver_left(backend: Backend) -> int:
    """Deliver what processes have left behind that ended in between; how many there were. One that cannot be delivered, in a
    way that nobody foresaw, is logged, keeps nobody else waiting and is due again after its lease.
    """
    pool, clock, delivered = backend.pool, backend.clock, 0
    for marketplace in await pool.fetch(LEFT, clock()):
        marketplace_id = marketplace["marketplace_id"]
        while True:
            now = clock()
            row = await pool.fetchrow(TAKE, marketplace_id, now, now + LEASE)
            if row is None:
                break
            call = Call.of_server(DELIVERING, backend, _principal(load(row["caller"])))
            log.info("delivering an event left behind", kind=row["Kind"], delivery=row["ID"])
            try:
                await deliver(call, row["order_key"], row["ID"], row["Kind"])
            except Exception as error:  # noqa: BLE001 (whatever it is, the others are due all the same)
                log.warning(
                    "event not delivered", marketplace=marketplace_id, delivery=row["ID"], error=repr(error)
                )
                continue
            delivered += 1
    return delivered


def _noted(caller: Principal) -> Values:
    values = {each.name: getattr(caller, each.name) for each in fields(Principal) if each.name != "ties"}
    return values | {"roles": sorted(caller.roles), "user_type": caller.user_type.value}


def _principal(noted: Values) -> Principal:
    return Principal(
        **{**noted, "roles": frozenset(noted["roles"]), "user_type": UserType(noted["user_type"])}
    )
