"""Recordings: begun, listed, read, ended, deleted."""

from __future__ import annotations

from datetime import timedelta

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
from entrepot.domain.time.virtual import parse_duration
from entrepot.engine.call import Call
from entrepot.engine.read_models import ReadModel
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

RECORDINGS = ReadModel(
    name="Recordings",
    tag="Recordings",
    object_type="Recording",
    one="a recording of the marketplace",
    many="recordings of the marketplace",
    model=Recording,
    table="recordings",
    path=TEST_BENCH["recordings"],
    item="recordingID",
    select="""
SELECT r."ID", r."Name", CAST(NULL AS text) AS "Duration", r.created_at AS "DateCreated", r.expires_at AS "ExpirationDate",
    r.ended_at AS "DateEnded", r.requests AS "Requests", r.size AS "Size"
FROM recordings r WHERE r.marketplace_id = :marketplace_id
""",
    options=ListOptions(search=("ID", "Name"), sort=("DateCreated", "ID", "Name")),
)
REQUESTS = ReadModel(
    name="Recordings",
    noun="Request",
    tag="Recordings",
    object_type="RecordedRequest",
    one="a request of a recording",
    many="the requests of a recording",
    model=RecordedRequest,
    table="recordings",
    path=f"{RECORDINGS.item_path}/requests",
    item="requestID",
    within=RECORDINGS,
    select="""
SELECT q."ID", q.created_at AS "DateCreated", q.entry AS "Entry"
FROM recorded_requests q WHERE q.marketplace_id = :marketplace_id AND q.recording = :recordingID
""",
    options=ListOptions(search=(), sort=("DateCreated", "ID")),
    key=("DateCreated", "ID"),
)


@operation(
    "Recordings.Create",
    "POST",
    RECORDINGS.path,
    **RECORDINGS.facts,
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
    return Reply(await RECORDINGS.read(call, recording), created=Created(recording))


@operation(
    "Recordings.Stop",
    "POST",
    f"{RECORDINGS.item_path}/stop",
    **RECORDINGS.facts,
    summary="End a recording",
    description="What other processes of the server have answered until now follows within a second.",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.OWN,
)
async def stop_recording(call: Call) -> Reply:
    """One that has ended stays as it is."""
    recording = (await RECORDINGS.read(call))["ID"]
    await services(call).memory(Recorder).flush(call.pool)
    async with call.pool.unit(call.marketplace_id) as unit:
        await store.stop(unit, call.marketplace_id, recording, call.server_clock())
    return Reply()


@operation(
    "Recordings.Delete",
    "DELETE",
    RECORDINGS.item_path,
    **RECORDINGS.facts,
    summary="Delete a recording and what it holds",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.WRITE,
)
async def delete_recording(call: Call) -> Reply:
    """One that goes on ends with it."""
    if not await store.remove(call.db, call.marketplace_id, call.path["recordingID"]):
        raise RECORDINGS.missing(call.path["recordingID"])
    return Reply()


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
    *RECORDINGS.operations(),
    REQUESTS.list_operation(),
    stop_recording,
    delete_recording,
)
