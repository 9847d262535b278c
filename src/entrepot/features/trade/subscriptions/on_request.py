"""Subscriptions that a person of the portal has processed at once (SUB-6)."""

from __future__ import annotations

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.declare.types import Int, Xp
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.engine.units import unit_of
from entrepot.features.people.portal.access import administered
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.people.portal.self_service import Allowance, ask
from entrepot.features.trade.subscriptions.rounds import place_due_of
from entrepot.kernel.errors import (
    InvalidBodyError,
    NotAdministratorError,
    NotFoundError,
    SubscriptionRunsExceededError,
    ValidationError,
)

ALLOWANCE = Allowance("Subscriptions", hourly=5, weekly=5 * 24 * 7, refusal=SubscriptionRunsExceededError)
SECONDS = 20.0
"""After which a request begins no further subscription; those are placed in the next round."""


class Asking(Wire):
    """What says that a person asks, which is ignored."""

    Recaptcha: Xp = column()


class SubscriptionsProcessed(Wire):
    """How often subscriptions may be processed on request in the rest of this hour."""

    HourlyJobsRemaining: Int = column()


@portal_operation(
    "ProcessSubscriptions",
    "POST",
    f"{OF_MARKETPLACE}/processsubscriptions",
    summary="Place the orders of all subscriptions that are due",
    body=Body(Asking, required=False),
    returns=Returns(SubscriptionsProcessed),
    errors=(
        NotFoundError,
        NotAdministratorError,
        InvalidBodyError,
        ValidationError,
        SubscriptionRunsExceededError,
    ),
    unit=Unit.OWN,
)
async def process_subscriptions(call: Call) -> Reply:
    """As the round does it that comes by every few minutes."""
    access = await administered(call.pool, call.account.key, organization_id(call))
    marketplace_id = access.organization.marketplace_id
    async with unit_of(call, marketplace_id) as unit:
        left = await ask(unit, marketplace_id, ALLOWANCE, call.server_clock())
    await place_due_of(call.backend, marketplace_id, SECONDS)
    return Reply({"HourlyJobsRemaining": left})


OPERATIONS: tuple[Operation, ...] = (process_subscriptions, newer(process_subscriptions))
