"""The body of a call to a webhook (WH-4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

Values = dict[str, Any]


def told(
    *,
    route: str,
    params: Mapping[str, str],
    query: Mapping[str, Any],
    verb: str,
    now: datetime,
    log_id: str,
    request: Any,
    response: Any = None,
) -> Values:
    """What every webhook of a request gets. request, response: JSON values; None where there is none."""
    return {
        "Route": route,
        "RouteParams": dict(params),
        "QueryParams": dict(query),
        "Verb": verb,
        "Date": stamp(now),
        "LogID": log_id,
        "Request": _message(request),
        "Response": _message(response),
    }


def payload(told: Mapping[str, Any], user_token: str | None, config_data: Any) -> Values:
    """What one of them gets."""
    before = {name: value for name, value in told.items() if name not in ("Request", "Response")}
    return {
        **before,
        "UserToken": user_token,
        "Request": told["Request"],
        "Response": told["Response"],
        "ConfigData": config_data,
    }


def stamp(now: datetime) -> str:
    """A moment as the payload has it: to the tenth of a microsecond, with its offset."""
    return f"{now.replace(tzinfo=None).isoformat(timespec='microseconds')}0+00:00"


def _message(body: Any) -> Values:
    return {"Body": {} if body is None else body, "Headers": None}
