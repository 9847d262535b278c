"""Where deliveries go: what is configured or was used, how it stands, and the pause of one."""

from __future__ import annotations

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns, Unit, operation
from entrepot.engine.call import Call
from entrepot.engine.selections import SelectedList
from entrepot.features.people.deliveries import handling
from entrepot.features.people.deliveries.events import URL
from entrepot.features.people.deliveries.listening import FORMER_NAMES
from entrepot.features.people.deliveries.log.access import ADMINISTRATORS, COMMON, integrations, sees
from entrepot.features.people.deliveries.log.models import DeliveryTarget
from entrepot.features.people.integrations.targets import DeliveryTargets
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql

PATH = "/entrepot/v1/deliverytargets"
ITEM = f"{PATH}/{{deliveryTargetID}}"
TAG = "Delivery Targets"
LISTS = ListOptions(search=("ID",), sort=("ID", "Integration", "Target", "Waiting", "Failed", "Failures"))

_NAMES = ", ".join(f"('{name}')" for name in DeliveryTargets.__columns__ if name not in FORMER_NAMES)
CONFIGURED = Sql(f"""
SELECT concat('DeliveryConfig/', c."ID", '/', n.name)::citext AS endpoint
FROM delivery_configs c CROSS JOIN (VALUES {_NAMES}) AS n(name)
WHERE c.marketplace_id = :marketplace_id AND c."DeliveryTargets" ->> n.name IS NOT NULL
UNION ALL
SELECT concat('Webhook/', w."ID", '/{URL}')::citext FROM webhooks w
WHERE w.marketplace_id = :marketplace_id AND w."Url" <> '' AND w."DeliveryConfigID" IS NULL AND NOT w."BeforeProcessRequest"
UNION ALL
SELECT concat('MessageSender/', s."ID", '/{URL}')::citext FROM message_senders s
WHERE s.marketplace_id = :marketplace_id AND s."URL" <> '' AND s."DeliveryConfigID" IS NULL
""")
"""What deliveries may go to, by what is set now. Its spelling goes before that of what was used."""
KNOWN = Sql(f"""
SELECT coalesce(c.endpoint, e.endpoint) AS endpoint, e.failures, e.open_until, e.paused_at
FROM ({CONFIGURED}) c
FULL JOIN (SELECT * FROM delivery_endpoints x WHERE x.marketplace_id = :marketplace_id) e ON e.endpoint = c.endpoint
""")
SELECT = Sql(f"""
SELECT replace(k.endpoint::text, '/', '.') AS "ID", split_part(k.endpoint::text, '/', 1) AS "Integration",
    nullif(split_part(k.endpoint::text, '/', 2), '')::citext AS "IntegrationID", split_part(k.endpoint::text, '/', 3) AS "Target",
    k.paused_at IS NOT NULL AS "Paused", k.paused_at AS "DatePaused", coalesce(k.failures, 0) AS "Failures",
    CASE WHEN k.open_until > :now THEN k.open_until END AS "DateOpen", coalesce(n.waiting, 0)::int AS "Waiting",
    coalesce(n.failed, 0)::int AS "Failed"
FROM ({KNOWN}) k
LEFT JOIN (
    SELECT d.endpoint, count(*) FILTER (WHERE d.ended_at IS NULL) AS waiting, count(*) FILTER (WHERE d.status = 'Failed') AS failed
    FROM deliveries d WHERE d.marketplace_id = :marketplace_id AND d.status IN ('Queued', 'Retrying', 'Failed')
    GROUP BY d.endpoint) n ON n.endpoint = k.endpoint
WHERE CAST(:integrations AS text[]) IS NULL OR lower(split_part(k.endpoint::text, '/', 1)) = ANY(CAST(:integrations AS text[]))
""")
FIND = Sql(f"""
SELECT k.endpoint FROM ({KNOWN}) k WHERE k.endpoint = CAST(:endpoint AS citext)
""").bound("marketplace_id", "endpoint")
_SPELLED = {name.lower(): name for name in ADMINISTRATORS}
_targets = SelectedList(DeliveryTarget, SELECT, LISTS)


@operation(
    "DeliveryTargets.List",
    "GET",
    PATH,
    **COMMON,
    tag=TAG,
    summary="List where deliveries go",
    lists=LISTS,
    returns=Returns(DeliveryTarget, page=True),
    confirms=True,
    table="delivery_endpoints",
)
async def list_targets(call: Call) -> Reply:
    """What is configured now, and what was delivered to. One statement; one more for an empty page."""
    seen = integrations(call)
    folded = None if seen is None else [name.lower() for name in seen]
    return await _targets.page(call, {"integrations": folded, "now": call.server_clock()})


@operation(
    "DeliveryTargets.Pause",
    "POST",
    f"{ITEM}/pause",
    **COMMON,
    tag=TAG,
    summary="Keep the deliveries of a target waiting",
    description="Attempts that are under way end; none begins until the target is resumed.",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    table="delivery_endpoints",
)
async def pause(call: Call) -> Reply:
    """Also before anything was delivered to it."""
    await handling.pause(call, await _endpoint(call))
    return Reply()


@operation(
    "DeliveryTargets.Resume",
    "POST",
    f"{ITEM}/resume",
    **COMMON,
    tag=TAG,
    summary="Let the deliveries of a target go on",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
    table="delivery_endpoints",
)
async def resume(call: Call) -> Reply:
    """What is due leaves at once."""
    await handling.resume(call, await _endpoint(call))
    return Reply()


async def _endpoint(call: Call) -> str:
    """As it is spelled. IDs of targets have dots where endpoints have slashes; other IDs have neither (ID-1). Raises NotFoundError."""
    target_id = call.path["deliveryTargetID"]
    integration, *rest = target_id.split(".")
    if len(rest) == 2 and "/" not in target_id and sees(call, _SPELLED.get(integration.lower(), integration)):
        endpoint = "/".join((integration, *rest))
        found: str | None = await call.db.fetchval(FIND, call.marketplace_id, endpoint)
        if found is not None:
            return found
    raise NotFoundError("DeliveryTarget", target_id)


OPERATIONS: tuple[Operation, ...] = (list_targets, pause, resume)
