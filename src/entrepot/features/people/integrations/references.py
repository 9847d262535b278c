"""References to integration events: each property takes events of one type only (IE-2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.declare.wire import Reference
from entrepot.engine.call import Call
from entrepot.kernel.errors import IncompatibleIntegrationEventError

EVENT_REFERENCE = Reference("integration_events", on_delete="refuse")
EVENT_NAME = 'SELECT e."Name" FROM integration_events e WHERE e.marketplace_id = :marketplace_id AND e."ID" = t."{column}"'
TYPES = (
    'SELECT "ID", "EventType" FROM integration_events WHERE marketplace_id = $1 AND "ID" = ANY ($2::citext[])'
)


def event_name(column: str) -> str:
    """SQL of the name of the event that `column` refers to."""
    return EVENT_NAME.format(column=column)


async def check_event_types(
    call: Call, needed: Mapping[str, str], old: dict[str, Any] | None, new: dict[str, Any]
) -> None:
    """Raise IncompatibleIntegrationEventError for a changed reference to an event of another type.

    `needed` gives the type of each property; the references are known to exist.
    """
    changed = {
        name: new[name] for name in needed if new.get(name) and (old is None or new[name] != old[name])
    }
    if not changed:
        return
    rows = await call.db.fetch(TYPES, call.marketplace_id, sorted(set(changed.values())))
    types = {row["ID"]: row["EventType"] for row in rows}
    for name, event_id in changed.items():
        if types.get(event_id) != needed[name]:
            raise IncompatibleIntegrationEventError(
                {"Property": name, "IntegrationEventID": event_id, "EventType": types.get(event_id)}
            )
