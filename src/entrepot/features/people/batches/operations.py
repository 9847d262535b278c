"""Many requests in one transaction, all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from entrepot.declare.operation import (
    TEST_BENCH,
    Body,
    BodyLimit,
    Operation,
    Reply,
    Returns,
    Unit,
    operation,
)
from entrepot.engine.call import Call
from entrepot.engine.notes import Note
from entrepot.features.people.batches.carrying import Carrying
from entrepot.features.people.batches.inside import Pipeline
from entrepot.features.people.batches.models import BatchAnswers, BatchRequests
from entrepot.features.people.batches.planning import PLAN, planned, require_rights
from entrepot.features.people.credentials.passwords import OF_MANY
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    BatchRequestError,
    BatchTimeoutError,
    ConflictingWriteError,
    InvalidBodyError,
    ValidationError,
)

LIMIT = BodyLimit(4 * 2**20, 90_000)
"""As much as is parsed without keeping others waiting."""
SECONDS = 30.0
"""For a batch, with all that is asked and hashed before its transaction, and however often that is run."""
END: Note[float] = Note("when a batch has taken too long, by the loop's clock")
CARRYING: Note[Carrying] = Note("a batch that has been prepared")


async def prepare_batch(call: Call) -> None:
    """What is wrong with a batch by itself is said here, and pre-hooks are asked, before any row is locked."""
    inside = services(call).memory(Pipeline).inside
    call.lasting.put(OF_MANY, True)
    call.lasting.first(END, asyncio.get_running_loop().time() + SECONDS)
    async with _in_time(call):
        plan = call.lasting.get(PLAN)
        if plan is None:
            plan = await planned(call, inside)
            call.lasting.put(PLAN, plan)
        require_rights(call, plan)
        carrying = Carrying(call, plan, inside)
        await carrying.prepare()
    call.notes.put(CARRYING, carrying)


@operation(
    "Batches.Create",
    "POST",
    TEST_BENCH["batch"],
    tag="Batches",
    summary="Carry out many requests in one transaction",
    description="Up to 1,000, all or none of them, each as it would be by itself with the same token. Requests can refer to answers of those "
    "before them: `${label.ID}` in a path, a query or a body.",
    body=Body(BatchRequests, limit=LIMIT),
    returns=Returns(BatchAnswers),
    errors=(
        InvalidBodyError,
        ValidationError,
        BatchRequestError,
        BatchTimeoutError,
        ConflictingWriteError,
    ),
    unit=Unit.WRITE,
    ends_with_client=True,
    prepare=prepare_batch,
)
async def create_batch(call: Call) -> Reply:
    """At most some thirty seconds of work."""
    carrying = call.notes.get(CARRYING)
    assert carrying is not None
    async with _in_time(call):
        return await carrying.carry_out(LIMIT)


@asynccontextmanager
async def _in_time(call: Call) -> AsyncIterator[Any]:
    """Raises BatchTimeoutError."""
    try:
        async with asyncio.timeout_at(call.lasting.get(END)) as limit:
            yield
    except TimeoutError as error:
        if limit.expired():
            raise BatchTimeoutError(SECONDS) from error
        raise


OPERATIONS: tuple[Operation, ...] = (create_batch,)
