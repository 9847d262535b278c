"""Recordings: begun, listed, read, ended, deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from entrepot.declare.operation import (
    TEST_BENCH,
    Body,
    Created,
    ListOptions,
    Operation,
    Reply,
    Returns,
    Unit,
    operation,
)
from entrepot.declare.roles import SELLERS_ONLY, Right, sufficient
from entrepot.domain.time.virtual import parse_duration
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.rows import renderer
from entrepot.engine.selections import SelectedList
from entrepot.engine.wire.models import validate
from entrepot.features.people.recordings import store
from entrepot.features.people.recordings.models import RecordedRequest, Recording
from entrepot.features.people.recordings.recorder import Recorder
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    IdExistsError,
    InvalidBodyError,
    NotFoundError,
    RecordingDurationError,
    RecordingRunsError,
    TooManyRecordingsError,
    ValidationError,
)
from entrepot.kernel.ids import new_id
from entrepot.kernel.sql import Sql

PATH = TEST_BENCH["recordings"]
ITEM = f"{PATH}/{{recordingID}}"
COMMON: dict[str, Any] = {
    "tag": "Recordings",
    "roles": sufficient(),
    "user_types": allowed_types(SELLERS_ONLY, Right.WRITE),
    "table": "recordings",
}
OPTIONS = ListOptions(search=("ID", "Name"), sort=("DateCreated", "ID", "Name"))
REQUESTS = ListOptions(search=(), sort=("DateCreated", "ID"))
SELECT = """
SELECT r."ID", r."Name", CAST(NULL AS text) AS "Duration", r.created_at AS "DateCreated", r.expires_at AS "ExpirationDate",
    r.ended_at AS "DateEnded", r.requests AS "Requests", r.size AS "Size"
FROM recordings r WHERE r.marketplace_id = :marketplace_id
"""
SELECT_REQUESTS = """
SELECT q."ID", q.created_at AS "DateCreated", q.entry AS "Entry"
FROM recorded_requests q WHERE q.marketplace_id = :marketplace_id AND q.recording = :recording
"""
ONE = Sql(f'{SELECT} AND r."ID" = :recording').bound("marketplace_id", "recording")
_all = SelectedList(Recording, SELECT, OPTIONS)
_requests = SelectedList(RecordedRequest, SELECT_REQUESTS, REQUESTS, key=("DateCreated", "ID"))


@operation(
    "Recordings.Create",
    "POST",
    PATH,
    **COMMON,
    summary="Begin to record what is sent to the marketplace",
    description="Requests with their bodies and answers, of everybody; passwords, secrets and tokens are left out before anything is kept.",
    status=201,
    body=Body(Recording, required=False),
    returns=Returns(Recording),
    errors=(
        InvalidBodyError,
        ValidationError,
        IdExistsError,
        RecordingDurationError,
        RecordingRunsError,
        TooManyRecordingsError,
    ),
    unit=Unit.WRITE,
)
async def create_recording(call: Call) -> Reply:
    """From the next request on, in every process."""
    values = validate(Recording, call.body, partial=False) if call.content.is_given else {}
    recording, lasts = values.get("ID") or new_id(), _duration(values.get("Duration"))
    now = call.server_clock()
    await store.start(call.db, call.marketplace_id, recording, values.get("Name") or "", now, lasts)
    return Reply(await _read(call, recording), created=Created(recording))


@operation(
    "Recordings.List",
    "GET",
    PATH,
    **COMMON,
    summary="List recordings of the marketplace",
    lists=OPTIONS,
    returns=Returns(Recording, page=True),
    confirms=True,
)
async def list_recordings(call: Call) -> Reply:
    """One statement; one more for an empty page."""
    return await _all.page(call, {})


@operation(
    "Recordings.Get",
    "GET",
    ITEM,
    **COMMON,
    summary="Get a recording of the marketplace",
    returns=Returns(Recording),
    errors=(NotFoundError,),
)
async def get_recording(call: Call) -> Reply:
    """How much it holds, about a second late."""
    return Reply(await _read(call, call.path["recordingID"]))


@operation(
    "Recordings.ListRequests",
    "GET",
    f"{ITEM}/requests",
    **COMMON,
    summary="List the requests of a recording",
    lists=REQUESTS,
    returns=Returns(RecordedRequest, page=True),
    errors=(NotFoundError,),
    confirms=True,
)
async def list_requests(call: Call) -> Reply:
    """In the order in which they were answered. Two statements; one more for an empty page."""
    recording = (await _read(call, call.path["recordingID"]))["ID"]
    return await _requests.page(call, {"recording": recording})


@operation(
    "Recordings.Stop",
    "POST",
    f"{ITEM}/stop",
    **COMMON,
    summary="End a recording",
    description="What other processes of the server have answered until now follows within a second.",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.OWN,
)
async def stop_recording(call: Call) -> Reply:
    """One that has ended stays as it is."""
    recording = (await _read(call, call.path["recordingID"]))["ID"]
    await services(call).memory(Recorder).flush(call.pool)
    async with call.pool.unit(call.marketplace_id) as unit:
        await store.stop(unit, call.marketplace_id, recording, call.server_clock())
    return Reply()


@operation(
    "Recordings.Delete",
    "DELETE",
    ITEM,
    **COMMON,
    summary="Delete a recording and what it holds",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
)
async def delete_recording(call: Call) -> Reply:
    """One that goes on ends with it."""
    if not await store.remove(call.db, call.marketplace_id, call.path["recordingID"]):
        raise NotFoundError("Recording", call.path["recordingID"])
    return Reply()


async def _read(call: Call, recording: str) -> dict[str, Any]:
    row = await call.db.fetchrow(ONE, call.marketplace_id, recording)
    if row is None:
        raise NotFoundError("Recording", recording)
    return renderer(Recording).render(row)


def _duration(text: str | None) -> timedelta:
    if not text:
        return store.USUAL
    try:
        lasts = parse_duration(text)
    except ValueError:
        raise RecordingDurationError from None
    if not timedelta() < lasts <= store.LONGEST:
        raise RecordingDurationError
    return lasts


OPERATIONS: tuple[Operation, ...] = (
    create_recording,
    list_recordings,
    get_recording,
    list_requests,
    stop_recording,
    delete_recording,
)
