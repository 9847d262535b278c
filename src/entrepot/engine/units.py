"""The transaction of a unit of work, which tells every process what it has changed of what they remember."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Protocol

import asyncpg

from entrepot.declare.operation import Unit
from entrepot.declare.synced import Thing
from entrepot.engine.call import Call, OutsideFirstError
from entrepot.engine.event_log import log_event
from entrepot.engine.feeding import Feeding
from entrepot.engine.recording import Recording
from entrepot.engine.standing import hold_standing
from entrepot.engine.syncing import Syncing
from entrepot.kernel.errors import ApiError
from entrepot.storage.pipelining import PipelinedTransaction

NOTHING: frozenset[Thing] = frozenset()
HOLD_CATALOG = "SELECT 1 FROM catalog_epochs WHERE marketplace_id = $1 FOR SHARE"


class Outlook(Protocol):
    """Who outside wants to know of what is written, as the features that synchronize it know."""

    syncing: Syncing

    async def wanted(self, call: Call) -> frozenset[Thing]:
        """What somebody listens to in the caller's marketplace. No statement while that is remembered."""
        ...

    async def tell(self, call: Call, recording: Recording) -> None:
        """Write what the unit has noted, in the unit."""
        ...

    def raised(self, call: Call, recording: Recording) -> None:
        """The unit stands, and has raised the security epoch of the caller's marketplace."""
        ...


@asynccontextmanager
async def writing(call: Call, *, enqueues: bool = False) -> AsyncIterator[None]:
    """One transaction on a connection of its own, the call's until the block ends; then committed, or undone when it raises.

    enqueues: whether the block is run again, without, where it raises UnattributedError.
    """
    assert call.connection is None
    marketplace_id = None if call.caller is None else call.marketplace_id
    unit = call.pool.pipelined(marketplace_id)
    async with _recorded(call, marketplace_id, unit, enqueues=enqueues) as connection:
        call.connection = connection
        try:
            await hold_standing(call)
            yield
        finally:
            call.connection = None


@asynccontextmanager
async def steady(call: Call) -> AsyncIterator[None]:
    """The catalog stands still for the block: statements of a unit that writes keep others from changing it until the unit ends;
    those of others see one moment of the database.
    """
    if call.steady:
        yield
        return
    call.steady = True
    try:
        if call.connection is not None:
            await call.db.execute(HOLD_CATALOG, call.marketplace_id)
            yield
            return
        async with call.pool.moment(call.marketplace_id) as connection:
            call.connection = Recording(connection, call.services.feeding)
            try:
                yield
            finally:
                call.connection = None
    finally:
        call.steady = False


@asynccontextmanager
async def unit_of(call: Call, marketplace_id: int | None) -> AsyncIterator[Recording]:
    """The same for a marketplace that the call's caller need not be of; None for no marketplace's."""
    async with _recorded(call, marketplace_id, call.pool.unit(marketplace_id)) as recording:
        yield recording


@asynccontextmanager
async def _recorded(
    call: Call,
    marketplace_id: int | None,
    unit: AbstractAsyncContextManager[asyncpg.Connection | PipelinedTransaction],
    *,
    enqueues: bool = False,
) -> AsyncIterator[Recording]:
    feeding: Feeding = call.services.feeding
    outlook: Outlook = call.services.outlook
    own = call.caller is not None and marketplace_id == call.marketplace_id
    wanted = await outlook.wanted(call) if own else NOTHING
    async with unit as connection:
        recording = Recording(connection, feeding, outlook.syncing, wanted, enqueues=enqueues)
        try:
            yield recording
        except (ApiError, OutsideFirstError):
            # Nobody is told, or asked abroad, what an earlier write has been refused for.
            await recording.settle()
            raise
        if own and call.operation.unit is Unit.OWN and recording.statements:
            await log_event(call, through=recording)
        if recording.noted:
            assert marketplace_id is not None
            await outlook.tell(call, recording)
        if recording.touched:
            assert marketplace_id is not None
            await recording.raise_epochs(marketplace_id, call.server_clock())
            if own and recording.security_epoch is not None:
                recording.followed.append(partial(outlook.raised, call, recording))
    for follow in recording.followed:
        follow()
