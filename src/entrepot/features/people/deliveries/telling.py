"""Telling that something has happened: one row, written in the unit that did it, so that both stand or fall together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from entrepot.engine.call import Call, Database
from entrepot.engine.recording import Recording
from entrepot.engine.wire.json import dump, encode
from entrepot.features.people.deliveries.waking import NOTIFY, Waking
from entrepot.features.people.services import services
from entrepot.kernel.clock import utc_now

MOST_FACTS = 2 * 2**20
"""Characters of an event's facts. One with more becomes a delivery that failed, and says so."""
TELL = """
INSERT INTO outbox_events (marketplace_id, kind, aggregate, facts, confidential, failure, request_id, told_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def tell(
    through: Call | Database,
    marketplace_id: int,
    kind: str,
    aggregate: str,
    facts: Mapping[str, Any],
    *,
    confidential: Mapping[str, Any] | None = None,
) -> None:
    """Note an event; it leaves once the unit has been committed. One statement. Ask the listeners before (listening.py).

    kind: the name of an EventKind. aggregate: what the order is kept of, `order/12`; whoever changes that waits for one
    another. facts: JSON values without secrets and tokens, those are made while the event is expanded. confidential: what
    exists in this unit alone; sealed, for which `through` has to be a call.
    """
    call = through if isinstance(through, Call) else None
    db = call.db if call is not None else through
    assert not isinstance(db, Call)
    text, failure = dump(dict(facts)), None
    if len(text) > MOST_FACTS:
        text, failure = "{}", f"The event's facts have {len(text)} characters, more than {MOST_FACTS}."
    sealed = None
    if confidential is not None:
        assert call is not None
        sealed = services(call).box.seal(encode(dict(confidential)), place_of_confidential(marketplace_id))
    request_id, now = ("", utc_now()) if call is None else (call.request_id, call.server_clock())
    row = (marketplace_id, kind, aggregate, text, sealed, failure, request_id, now)
    await (db.enqueue if isinstance(db, Recording) else db.execute)(TELL, *row)
    await _wake(call, db, marketplace_id)


def place_of_confidential(marketplace_id: int) -> tuple[str, ...]:
    """Where what is confidential is sealed, of events and of deliveries that keep their events."""
    return ("outbox_events", "confidential", str(marketplace_id))


async def _wake(call: Call | None, db: Database, marketplace_id: int) -> None:
    if call is None:
        # The notification leaves with the commit.
        await db.execute(NOTIFY, str(marketplace_id))
        return
    waking = services(call).memory(Waking)
    if isinstance(db, Recording):
        db.followed.append(partial(waking.wake, marketplace_id))
    else:
        waking.wake(marketplace_id)
