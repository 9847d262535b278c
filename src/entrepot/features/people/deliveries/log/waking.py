"""Waking who delivers, once the unit stands."""

from __future__ import annotations

from functools import partial

from entrepot.engine.call import Call
from entrepot.engine.recording import Recording
from entrepot.features.people.deliveries.waking import Waking
from entrepot.features.people.services import services


def wake_after(call: Call) -> None:
    """After the commit of the open unit."""
    assert isinstance(call.connection, Recording)
    call.connection.followed.append(partial(services(call).memory(Waking).wake, call.marketplace_id))
