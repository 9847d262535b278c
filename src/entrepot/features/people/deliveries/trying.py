"""ErrorConfigs.Validate: a message that tries the error configuration (ERR-1)."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.declare.operation import Operation, Reply, Unit, operation
from entrepot.declare.roles import SELLERS_ONLY, Right, sufficient
from entrepot.domain.deliveries import errors
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.features.people.deliveries.events import Event, EventKind, Outbound
from entrepot.features.people.deliveries.failing import INTEGRATION
from entrepot.features.people.deliveries.fanning import fan_out
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.people.deliveries.telling import tell
from entrepot.kernel.errors import ErrorConfigDisabledError, NotFoundError

NAME = "ErrorConfigTried"
CONFIG = """
SELECT e."DeliveryConfigID", d."Enabled" FROM error_configs e
JOIN delivery_configs d ON d.marketplace_id = $1 AND d."ID" = e."DeliveryConfigID"
WHERE e.marketplace_id = $1
"""


@operation(
    "ErrorConfigs.Validate",
    "POST",
    "/integrations/ErrorConfig/validate",
    tag="Error Configs",
    summary="Try the error configuration",
    description="Sends a test message to every target of its delivery configuration; GET /entrepot/v1/deliveries tells what came of it.",
    status=204,
    roles=sufficient("ErrorConfigAdmin"),
    user_types=allowed_types(SELLERS_ONLY, Right.WRITE),
    errors=(NotFoundError, ErrorConfigDisabledError),
    unit=Unit.WRITE,
    table="error_configs",
)
async def validate(call: Call) -> Reply:
    """What it sends looks like what a delivery that failed is reported with."""
    row = await call.db.fetchrow(CONFIG, call.marketplace_id)
    if row is None:
        raise NotFoundError("ErrorConfig", "ErrorConfig")
    if not row["Enabled"]:
        raise ErrorConfigDisabledError
    by = {"Username": call.principal.username}
    await tell(call, call.marketplace_id, NAME, "errorconfig", by)
    return Reply()


async def _expand(call: Call, event: Event) -> Sequence[Outbound]:
    config_id = (await listeners(call)).error_config
    if config_id is None:
        return ()
    failure = errors.trial(config_id, event.log_id, event.told_at, {"Test": True, **event.facts})
    return await fan_out(
        call,
        config_id,
        integration=INTEGRATION,
        message_type=errors.TYPE,
        payload=errors.payload(failure),
        aggregate=event.aggregate,
    )


TRIED = EventKind(name=NAME, expand=_expand)
OPERATIONS: tuple[Operation, ...] = (validate,)
