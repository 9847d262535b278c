"""From an X-Request-ID to everything about it."""

from __future__ import annotations

from entrepot.declare.operation import Operation, Reply, Returns, operation
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.features.people.deliveries.log.models import Delivery
from entrepot.features.people.mailbox.resources import MailboxEntry
from entrepot.features.people.request_log.listing import COMMON, FIELDS, PATH
from entrepot.features.people.request_log.models import LoggedRequest, RequestTrace
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.sql import Sql

MOST = 100
_SHOWN = ", ".join(f'{column.compile()} AS "{name}"' for name, column in FIELDS.items())
REQUESTS = Sql(f"""
SELECT {_SHOWN} FROM logged_requests t
WHERE t.marketplace_id = :marketplace_id AND lower(t.request_id) = lower(:log_id)
ORDER BY t.created_at, t."ID" LIMIT {MOST}
""").bound("marketplace_id", "log_id")
DELIVERIES = Sql(f"""
SELECT d."ID", d.kind AS "Event", d.integration AS "Integration", d.integration_id AS "IntegrationID",
    d.target AS "Target", d.config_id AS "DeliveryConfigID", replace(d.endpoint::text, '/', '.') AS "TargetID",
    d.aggregate AS "Aggregate", d.type AS "Type", d.status AS "Status", d.attempts AS "Attempts", d.size AS "Size",
    d.request_id AS "LogID", d.told_at AS "DateHappened", d.created_at AS "DateCreated", d.due_at AS "DateDue",
    d.ended_at AS "DateEnded"
FROM deliveries d WHERE d.marketplace_id = :marketplace_id AND lower(d.request_id) = lower(:log_id)
ORDER BY d.created_at, lower(d."ID") LIMIT {MOST}
""").bound("marketplace_id", "log_id")
MESSAGES = Sql(f"""
SELECT m."ID", m."MessageType", m."Recipient", m."Username", m."Subject", m."DateCreated"
FROM mailbox m JOIN deliveries d ON d.marketplace_id = :marketplace_id AND d."ID" = m."ID"::text
WHERE m.marketplace_id = :marketplace_id AND lower(d.request_id) = lower(:log_id)
ORDER BY m."DateCreated", m."ID" LIMIT {MOST}
""").bound("marketplace_id", "log_id")
"""What stands in the mailbox has the ID of its delivery."""


@operation(
    "Requests.Get",
    "GET",
    f"{PATH}/{{requestID}}",
    **COMMON,
    summary="Get everything about an X-Request-ID",
    description="Its requests, the deliveries that they caused, and the messages of them that nothing has sent.",
    returns=Returns(RequestTrace),
    errors=(NotFoundError,),
)
async def get_trace(call: Call) -> Reply:
    """Three statements."""
    log_id = call.path["requestID"]
    requests, deliveries, messages = [
        await call.db.fetch(select, call.marketplace_id, log_id)
        for select in (REQUESTS, DELIVERIES, MESSAGES)
    ]
    if not requests and not deliveries:
        raise NotFoundError("Request", log_id)
    return Reply(
        {
            "LogID": (requests or deliveries)[0]["LogID"],
            "Requests": renderer(LoggedRequest).render_all(requests),
            "Deliveries": renderer(Delivery).render_all(deliveries),
            "Messages": renderer(MailboxEntry).render_all(messages),
        }
    )


OPERATIONS: tuple[Operation, ...] = (get_trace,)
