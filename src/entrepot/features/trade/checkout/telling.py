"""Telling the checkout event that an order was submitted or approved (CHK-8, IE-11).

    the move's transaction: an event that is leased   ->   after the commit: the call abroad   ->   the response is stored, the event goes

Nothing that goes wrong abroad undoes the move. A process that dies in between leaves the event, and a dispatcher delivers it
under the same delivery ID: the one case in which an integration may hear of an event twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

import structlog

from entrepot.declare.operation import chore
from entrepot.declare.wire import Wire
from entrepot.domain.orders.status import OrderEvent as Move
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.engine.units import writing
from entrepot.engine.wire.json import dump
from entrepot.features.people.deliveries import leases
from entrepot.features.people.deliveries.events import Event, EventKind, Outbound
from entrepot.features.people.integrations.asking import ask
from entrepot.features.trade.checkout.answers import failed, read_answer
from entrepot.features.trade.checkout.events import CheckoutEventKind, find_event
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
INSERT INTO outbox_events (marketplace_id, kind, aggregate, facts, request_id, told_at, lease, leased_until)
SELECT c.marketplace_id, $2, $3, $4::json, $5, $6, $7, $8 FROM api_clients c
WHERE c.marketplace_id = $1 AND c."ID" = $9 AND c."{CheckoutEventKind.CHECKOUT}" IS NOT NULL
RETURNING key
"""
"""Leased from the beginning: this process tells it, and dispatchers take it up when it has not."""
ORDER_OF_KEY = f"SELECT {store.COLUMNS} FROM orders t WHERE t.marketplace_id = $1 AND t.key = $2"
STORE = "UPDATE orders SET {column} = $3 WHERE marketplace_id = $1 AND key = $2"
RENEW = "UPDATE outbox_events SET leased_until = $4 WHERE marketplace_id = $1 AND key = $2 AND lease = $3"
FORGET = "DELETE FROM outbox_events WHERE marketplace_id = $1 AND key = $2 AND lease = $3"

NAME = "CheckoutMove"
DELIVERING = chore("Checkout.DeliverLeft")

log = structlog.get_logger("entrepot.checkout")


async def tell_later(call: Call, loaded: Loaded, move: Move) -> None:
    """Note what happened to the order, if the caller's API client has a checkout event. Orders that are made of it (a
    forward to suppliers) tell nobody (inferred). One statement, none where it is known that it has none.
    """
    kind = MOVES.get(move)
    if kind is None or loaded.has_checkout is False:
        return
    delivery, now = new_id(), call.server_clock()
    facts = {"order": loaded.key, "delivery": delivery, "kind": kind, "caller": _noted(call.principal)}
    key = await call.db.fetchval(
        NOTE,
        call.marketplace_id,
        NAME,
        f"checkout/{loaded.key}",
        dump(facts),
        call.request_id,
        now,
        delivery,
        now + leases.LEASE,
        call.principal.client_id,
    )
    if key is not None:
        call.afterwards.append(partial(_deliver_now, call, key, loaded.key, delivery, kind))


async def deliver(call: Call, order_key: int, delivery: str, kind: str) -> str | None:
    """Tell the event; what it answers is what is to be kept, as JSON. A failure is kept like any answer and not tried again
    (IE-10). None where the order or the event is gone.
    """
    model, _ = RESPONSES[kind]
    row = await call.db.fetchrow(ORDER_OF_KEY, call.marketplace_id, order_key)
    event = None if row is None else await find_event(call, CheckoutEventKind.CHECKOUT)
    if row is None or event is None:
        return None
    sheet = await worksheet_of(call, await store.load(call, store.order_of(row)))
    try:
        answer = await ask(call, event, f"/{kind}", {"OrderWorksheet": sheet}, delivery)
    except ElevatedRolesClientError as error:
        return dump(failed(model, None, str(error.message)))
    return dump(read_answer(model, answer, may_be_empty=True))


async def _deliver_now(call: Call, key: int, order_key: int, delivery: str, kind: str) -> None:
    """Within the request that has caused it."""

    async def renew() -> None:
        await call.pool.execute(RENEW, call.marketplace_id, key, delivery, call.server_clock() + leases.LEASE)

    async with leases.renewed(renew):
        response = await deliver(call, order_key, delivery, kind)
    async with writing(call):
        await _keep(call, order_key, kind, response)
        await call.db.execute(FORGET, call.marketplace_id, key, delivery)


async def _deliver_left(call: Call, event: Event) -> Sequence[Outbound]:
    """Deliver what a process has left behind that ended in between. It is told here, not by a delivery: its answer belongs to the
    order, and a failure is one answer.
    """
    order_key, delivery, kind = (event.facts[name] for name in ("order", "delivery", "kind"))
    log.info("delivering an event left behind", kind=kind, delivery=delivery)
    acting = Call.of_server(DELIVERING, call.backend, _principal(event.facts["caller"]))
    response = await deliver(acting, order_key, delivery, kind)
    async with writing(acting):
        await _keep(acting, order_key, kind, response)
    return ()


CHECKOUT_MOVE = EventKind(name=NAME, expand=_deliver_left)


async def _keep(call: Call, order_key: int, kind: str, response: str | None) -> None:
    if response is not None:
        _, column = RESPONSES[kind]
        await call.db.execute(STORE.format(column=column), call.marketplace_id, order_key, response)


def _noted(caller: Principal) -> Values:
    values = {
        each.name: getattr(caller, each.name)
        for each in fields(Principal)
        if each.name not in {"ties", "time"}
    }
    return values | {"roles": sorted(caller.roles), "user_type": caller.user_type.value}


def _principal(noted: Mapping[str, Any]) -> Principal:
    return Principal(
        **{**noted, "roles": frozenset(noted["roles"]), "user_type": UserType(noted["user_type"])}
    )
