"""What all dashboards share: the span that a call asks for, and statements with a bound on what they cost.

Each reads the rows of one marketplace in one span by an index, the newest MOST_ROWS at the most, in a transaction of its own that
the database ends after some seconds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from asyncpg.exceptions import QueryCanceledError

from entrepot.declare.operation import QueryParameter, Reply
from entrepot.declare.roles import FULL_ACCESS, SELLERS_ONLY, Right
from entrepot.declare.types import WireType
from entrepot.declare.wire import Wire
from entrepot.domain.dashboards.spans import Span, SpanError
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.rows import renderer
from entrepot.engine.standing import confirm_standing
from entrepot.engine.units import steady
from entrepot.kernel.clock import Clock, parse_datetime
from entrepot.kernel.errors import (
    DashboardTooBroadError,
    InvalidTypeError,
    PropertyError,
    ValidationError,
)

Values = dict[str, Any]

ROOT = "/entrepot/v1/dashboards"
MOST_ROWS = 100_000
"""Rows of a table that a figure is made of."""
MOST_SECONDS = 5
"""That a statement may take."""
BOUNDS, BUCKETS = ("marketplace_id", "start", "end"), ("width", "origin")
"""What the SQL of figures calls a span's ends, and its buckets."""
OF_SELLERS: dict[str, Any] = {
    "tag": "Dashboards",
    "user_types": allowed_types(SELLERS_ONLY, Right.READ),
    "query": (
        QueryParameter("from", description="When the span begins; by default a day before its end."),
        QueryParameter(
            "to", description="When it ends; by default with the present hour. At most 366 days later."
        ),
        QueryParameter(
            "offset",
            type=WireType("integer"),
            description="Minutes ahead of UTC of the place whose hours, days and weeks are counted.",
        ),
    ),
    "errors": (ValidationError, InvalidTypeError, DashboardTooBroadError),
    "confirms": True,
}
OF_ORDERS: dict[str, Any] = OF_SELLERS | {
    "roles": (FULL_ACCESS, "OrderAdmin", "OrderReader"),
    "table": "orders",
}


def asked_span(call: Call, clock: Clock) -> Span:
    """What a call asks for, by default up to the end of the hour that it is by this clock. Raises List.InvalidType for what is no date or number, ValidationFailure for what is no span."""
    given = parameters(call)
    try:
        return Span.of(_moment(given, "from"), _moment(given, "to"), given.get("offset", 0), clock())
    except SpanError as error:
        raise ValidationError(PropertyError(str(error), {"Property": "from"})) from None


def _moment(given: Mapping[str, Any], name: str) -> datetime | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        return parse_datetime(text)
    except ValueError:
        raise InvalidTypeError(name, text) from None


@asynccontextmanager
async def looking(call: Call) -> AsyncIterator[Any]:
    """One moment of the database for some statements, once the caller is confirmed. DashboardTooBroadError for those that take
    too long.
    """
    await confirm_standing(call)
    try:
        async with steady(call):
            await call.db.execute(f"SET LOCAL statement_timeout = '{MOST_SECONDS}s'")
            yield call.db
    except QueryCanceledError as error:
        raise DashboardTooBroadError from error


def bounds(call: Call, span: Span) -> tuple[Any, ...]:
    """The values of BOUNDS."""
    return call.marketplace_id, span.start, span.end


def buckets(span: Span) -> tuple[Any, ...]:
    """The values of BUCKETS."""
    return span.width, span.origin


def shown(model: type[Wire], values: Values) -> Reply:
    """A dashboard."""
    return Reply(renderer(model).render(values))


def told(span: Span, rows: int) -> Values:
    """The properties of DashboardSpan, of so many rows."""
    return {
        "From": span.start,
        "To": span.end,
        "BucketSeconds": int(span.width.total_seconds()),
        "IsPartial": rows >= MOST_ROWS,
    }


def points(span: Span, rows: Iterable[Mapping[str, Any]], *names: str) -> list[Values]:
    """One for each bucket, from rows that have `at`; 0 where there is no row."""
    found = {row["at"]: row for row in rows}
    return [
        {"Date": at, **{name: found[at][name] if at in found else 0 for name in names}}
        for at in span.buckets()
    ]


def summed(rows: Iterable[Mapping[str, Any]], *names: str) -> Values:
    """The sums of these columns."""
    rows = list(rows)
    return {name: sum(row[name] for row in rows) for name in names}
