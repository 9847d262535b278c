"""What the server has done: requests as the log of requests has them, and deliveries."""

from __future__ import annotations

from entrepot.declare.operation import Operation, Reply, Returns, operation
from entrepot.declare.roles import FULL_ACCESS
from entrepot.domain.deliveries.status import Status
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.statements import texts
from entrepot.features.people.deliveries.log.access import ROLES, integrations
from entrepot.features.trade.dashboards.looking import (
    BOUNDS,
    BUCKETS,
    MOST_ROWS,
    OF_SELLERS,
    ROOT,
    asked_span,
    bounds,
    buckets,
    looking,
    points,
    shown,
    summed,
    told,
)
from entrepot.features.trade.dashboards.models import (
    DeliveredTo,
    DeliveriesDashboard,
    OperationTraffic,
    TrafficDashboard,
)
from entrepot.kernel.sql import Sql

TOP = 20
LOGGED = f"""
SELECT r.created_at, r.operation, r.status, r.microseconds, r.count FROM logged_requests r
WHERE r.marketplace_id = :marketplace_id AND r.created_at >= :start AND r.created_at < :end
ORDER BY r.created_at DESC LIMIT {MOST_ROWS}
"""
COUNTED = """
sum(r.count) AS "Requests", coalesce(sum(r.count) FILTER (WHERE r.status BETWEEN 400 AND 499), 0) AS "Refused",
coalesce(sum(r.count) FILTER (WHERE r.status >= 500), 0) AS "Failed"
"""
TRAFFIC = Sql(
    f"SELECT date_bin(:width, r.created_at, :origin) AS at, count(*) AS rows, {COUNTED} FROM ({LOGGED}) r GROUP BY at"
).bound(*BOUNDS, *BUCKETS)
BY_OPERATION = Sql(f"""
SELECT r.operation AS "Operation", {COUNTED},
    trim_scale(round(min(r.microseconds) FILTER (WHERE r.within * 2 >= r.total) / 1000.0, 3)) AS "Median",
    trim_scale(round(min(r.microseconds) FILTER (WHERE r.within * 20 >= r.total * 19) / 1000.0, 3)) AS "Slow",
    trim_scale(round(max(r.microseconds) / 1000.0, 3)) AS "Slowest"
FROM (
    SELECT r.*, sum(r.count) OVER (PARTITION BY r.operation ORDER BY r.microseconds) AS within,
        sum(r.count) OVER (PARTITION BY r.operation) AS total
    FROM ({LOGGED}) r
) r GROUP BY r.operation ORDER BY "Requests" DESC, "Operation" LIMIT {TOP}
""").bound(*BOUNDS)
"""Rows that stand for several requests weigh as many."""
STANDING = {
    "Delivered": (Status.DELIVERED,),
    "Failed": (Status.FAILED,),
    "Waiting": (Status.QUEUED, Status.RETRYING),
    "Cancelled": (Status.CANCELLED,),
}
COUNTED_BY_STATUS = ", ".join(
    f'count(*) FILTER (WHERE d.status IN ({texts(statuses)})) AS "{name}"'
    for name, statuses in STANDING.items()
)
MADE = f"""
SELECT e.created_at, e.status, e.integration, e.integration_id, e.target FROM deliveries e
WHERE e.marketplace_id = :marketplace_id AND e.created_at >= :start AND e.created_at < :end
    AND (:seen::text[] IS NULL OR e.integration = ANY(:seen::text[]))
ORDER BY e.created_at DESC LIMIT {MOST_ROWS}
"""
DELIVERIES = Sql(
    f"SELECT date_bin(:width, d.created_at, :origin) AS at, {COUNTED_BY_STATUS} FROM ({MADE}) d GROUP BY at"
).bound(*BOUNDS, *BUCKETS, "seen")
BY_TARGET = Sql(f"""
SELECT d.integration AS "Integration", d.integration_id AS "IntegrationID", d.target AS "Target", {COUNTED_BY_STATUS}
FROM ({MADE}) d GROUP BY d.integration, d.integration_id, d.target
ORDER BY count(*) DESC, d.integration, d.integration_id, d.target LIMIT {TOP}
""").bound(*BOUNDS, "seen")


@operation(
    "Dashboards.Traffic",
    "GET",
    f"{ROOT}/traffic",
    **OF_SELLERS,
    roles=(FULL_ACCESS,),
    table="logged_requests",
    summary="Requests, errors and latency over time and by operation",
    returns=Returns(TrafficDashboard),
)
async def traffic(call: Call) -> Reply:
    """Two statements, beside that of the caller."""
    span = asked_span(call, call.server_clock)
    async with looking(call) as connection:
        rows = await connection.fetch(TRAFFIC, *bounds(call, span), *buckets(span))
        operations = await connection.fetch(BY_OPERATION, *bounds(call, span))
    figures = ("Requests", "Refused", "Failed")
    totals = summed(rows, *figures)
    read = sum(row["rows"] for row in rows)
    found = told(span, read) | totals | {"IsSampled": read < totals["Requests"]}
    found["Points"] = points(span, rows, *figures)
    found["Operations"] = renderer(OperationTraffic).render_all(operations)
    return shown(TrafficDashboard, found)


@operation(
    "Dashboards.Deliveries",
    "GET",
    f"{ROOT}/deliveries",
    **OF_SELLERS,
    roles=ROLES,
    table="deliveries",
    summary="Deliveries over time and by target",
    returns=Returns(DeliveriesDashboard),
)
async def deliveries(call: Call) -> Reply:
    """Two statements, beside that of the caller."""
    span, seen = asked_span(call, call.server_clock), integrations(call)
    async with looking(call) as connection:
        rows = await connection.fetch(DELIVERIES, *bounds(call, span), *buckets(span), seen)
        targets = await connection.fetch(BY_TARGET, *bounds(call, span), seen)
    totals = summed(rows, *STANDING)
    found = told(span, sum(totals.values())) | totals
    found["Points"] = points(span, rows, *STANDING)
    found["Targets"] = renderer(DeliveredTo).render_all(targets)
    return shown(DeliveriesDashboard, found)


OPERATIONS: tuple[Operation, ...] = (traffic, deliveries)
