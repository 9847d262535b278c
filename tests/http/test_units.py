"""Units of work on a real database: commit, rollback, retries, the caller's standing, errors that escape."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from tests.http.driver import ask, started
from tests.http.shop import KEEPER, Doorman, operation, shop

from entrepot.declare.operation import Operation, Reply, Unit
from entrepot.engine.call import Call, Database, OutsideFirstError, StaleStandingError
from entrepot.engine.notes import Note, Notes
from entrepot.engine.principal import Principal
from entrepot.engine.units import writing
from entrepot.http.asgi import App
from entrepot.http.unit import OUTSIDE_STEPS, STANDING_RETRIES
from entrepot.kernel.errors import NotFoundError

pytestmark = pytest.mark.usefixtures("marketplace")

Handler = Callable[[Call], Awaitable[Reply]]
FOUND: Note[int] = Note("what a step of these tests has found")


@pytest.fixture
async def marketplace(pool: asyncpg.Pool) -> None:
    await pool.execute(
        'INSERT INTO marketplaces (marketplace_id, "ID", "Name", "DateCreated") VALUES (1, \'m1\', \'M\', now())'
    )
    await pool.execute("INSERT INTO security_epochs (marketplace_id, epoch) VALUES (1, 1)")
    await pool.execute("CREATE TABLE boxes (id text PRIMARY KEY, content int, parent text REFERENCES boxes)")


@asynccontextmanager
async def serving(pool: asyncpg.Pool, handler: Handler, **more: Any) -> AsyncIterator[App]:
    """An application whose POST and GET /v1/boxes run `handler`, in a WRITE unit unless `more` says otherwise."""
    given = {"unit": Unit.WRITE, "confirms": False, **more}
    doorman = given.pop("doorman", None)
    boxes: list[Operation] = [
        operation("Boxes.Create", "POST", "/boxes", handler, status=201, **given),
        operation("Boxes.Get", "GET", "/boxes/{boxID}", handler, **given),
    ]
    async with started(shop(doorman, boxes, pool=pool)) as app:
        yield app


async def put(call: Call, box: str, content: int = 0) -> None:
    await call.db.execute(
        "INSERT INTO boxes (id, content) VALUES ($1, $2) "
        "ON CONFLICT (id) DO UPDATE SET content = EXCLUDED.content",
        box,
        content,
    )


async def boxes_of(pool: asyncpg.Pool) -> list[str]:
    return [row["id"] for row in await pool.fetch("SELECT id FROM boxes ORDER BY id")]


async def test_the_revoked_cause_no_slow_work(pool: asyncpg.Pool) -> None:
    """Security 31: the standing is confirmed before `prepare`, which hashes."""
    prepared: list[str] = []

    async def prepare(call: Call) -> None:
        prepared.append(call.principal.user_id)

    async def handler(_: Call) -> Reply:
        return Reply({})

    doorman = Doorman()
    async with serving(pool, handler, doorman=doorman, prepare=prepare) as app:
        assert (await ask(app, "POST", "/v1/boxes", token=KEEPER)).status == 201
        assert prepared == ["kim"]
        doorman.revoked, doorman.epoch = True, 2
        await pool.execute("UPDATE security_epochs SET epoch = 2")
        assert (await ask(app, "POST", "/v1/boxes", token=KEEPER)).status == 401
        assert prepared == ["kim"]


async def test_a_write_is_committed_before_the_answer_leaves(pool: asyncpg.Pool) -> None:
    async def handler(call: Call) -> Reply:
        assert call.connection is not None
        assert call.confirmed
        level = await call.connection.fetchval("SHOW transaction_isolation")
        await put(call, "a")
        assert await boxes_of(pool) == []
        return Reply({"level": level})

    async with serving(pool, handler) as app:
        answer = await ask(app, "POST", "/v1/boxes", token=KEEPER)
        assert (answer.status, answer.json) == (201, {"level": "read committed"})
    assert await boxes_of(pool) == ["a"]


@pytest.mark.parametrize("error", [RuntimeError("x"), KeyError("y")])
async def test_an_exception_rolls_the_whole_unit_back(pool: asyncpg.Pool, error: Exception) -> None:
    async def handler(call: Call) -> Reply:
        await put(call, "a")
        assert call.connection is not None
        async with call.connection.transaction():
            await put(call, "b")
        raise error

    async with serving(pool, handler) as app:
        assert (await ask(app, "POST", "/v1/boxes", token=KEEPER)).status == 500
    assert await boxes_of(pool) == []
    assert pool.get_idle_size() == pool.get_size()


@pytest.mark.parametrize("unit", [Unit.READ, Unit.OWN])
async def test_other_units_open_no_transaction(pool: asyncpg.Pool, unit: Unit) -> None:
    async def handler(call: Call) -> Reply:
        assert call.connection is None
        assert call.confirmed
        await put(call, "kept")
        raise RuntimeError

    async with serving(pool, handler, unit=unit) as app:
        assert (await ask(app, "POST", "/v1/boxes", token=KEEPER)).status == 500
    assert await boxes_of(pool) == ["kept"]


async def test_a_call_abroad_comes_before_the_unit(pool: asyncpg.Pool) -> None:
    """What the unit has done is undone, nothing is open meanwhile, and the next run has what was learned."""
    held: list[int] = []

    async def abroad(notes: Notes) -> None:
        held.append(pool.get_size() - pool.get_idle_size())
        notes.put(FOUND, len(await boxes_of(pool)))

    async def handler(call: Call) -> Reply:
        await put(call, "a")
        if call.notes.get(FOUND) is None:
            raise OutsideFirstError(abroad)
        return Reply({"answer": call.notes.get(FOUND)})

    async with serving(pool, handler) as app:
        answer = await ask(app, "POST", "/v1/boxes", token=KEEPER)
    assert (answer.status, answer.json, held) == (201, {"answer": 0}, [0])
    assert await boxes_of(pool) == ["a"]


async def test_a_unit_that_never_has_enough_ends(pool: asyncpg.Pool) -> None:
    steps: list[int] = []

    async def abroad(_notes: Notes) -> None:
        steps.append(1)

    async def handler(call: Call) -> Reply:
        raise OutsideFirstError(abroad)

    async with serving(pool, handler) as app:
        assert (await ask(app, "POST", "/v1/boxes", token=KEEPER)).status == 500
    assert len(steps) == OUTSIDE_STEPS


async def test_what_follows_the_commit(pool: asyncpg.Pool) -> None:
    """It sees what was written, holds no connection, and cannot fail the request; a unit that failed has no sequel."""
    seen: list[list[str]] = []

    async def handler(call: Call) -> Reply:
        async def look() -> None:
            assert call.connection is None
            seen.append(await boxes_of(pool))

        async def fail() -> None:
            raise RuntimeError

        call.afterwards += [fail, look]
        await put(call, "a" if call.query == "good" else "b")
        if call.query != "good":
            raise RuntimeError
        return Reply({})

    async with serving(pool, handler) as app:
        assert (await ask(app, "POST", "/v1/boxes?bad", token=KEEPER)).status == 500
        assert (await ask(app, "POST", "/v1/boxes?good", token=KEEPER)).status == 201
    assert seen == [["a"]]


async def test_a_deadlock_is_run_again_until_both_writes_stand(pool: asyncpg.Pool) -> None:
    runs: list[str] = []
    met = asyncio.Barrier(2)

    async def handler(call: Call) -> Reply:
        first, second = ("a", "b") if call.query == "1" else ("b", "a")
        runs.append(call.query)
        assert call.notes.get(FOUND) is None
        call.notes.put(FOUND, len(runs))
        await put(call, first, int(call.query))
        if len(runs) <= 2:
            await met.wait()
        await put(call, second, int(call.query))
        return Reply({})

    async with serving(pool, handler) as app:
        answers = await asyncio.gather(*(ask(app, "POST", f"/v1/boxes?{n}", token=KEEPER) for n in (1, 2)))
    assert [answer.status for answer in answers] == [201, 201]
    # On a busy machine the one that is run again may meet the other once more, before that has committed.
    assert runs[:2] in (["1", "2"], ["2", "1"])
    assert len(runs) > 2
    assert await boxes_of(pool) == ["a", "b"]


@pytest.mark.parametrize(("unit", "runs"), [(Unit.WRITE, 4), (Unit.READ, 4), (Unit.OWN, 1)])
@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_a_conflict_that_stays_is_409_after_three_retries(
    pool: asyncpg.Pool, unit: Unit, runs: int, state: str
) -> None:
    ran = 0

    async def handler(call: Call) -> Reply:
        nonlocal ran
        ran += 1
        await call.db.execute(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")
        return Reply()

    async with serving(pool, handler, unit=unit) as app:
        answer = await ask(app, "POST", "/v1/boxes", token=KEEPER)
    assert (answer.status, answer.codes, ran) == (409, ["Conflict"], runs)


async def _execute(call: Call, statement: str, *values: object) -> Reply:
    await call.db.execute(statement, *values)
    return Reply({})


@pytest.mark.parametrize(
    ("statement", "values", "status", "code"),
    [
        ("INSERT INTO boxes (id) VALUES ('a'), ('a')", (), 409, "IdExists"),
        ("INSERT INTO boxes (id, parent) VALUES ('a', 'nobody')", (), 404, "NotFound"),
        ("SELECT $1::text::int", ("abc",), 400, "ValidationFailure"),
        ("SELECT $1::text::int", ("99999999999",), 400, "ValidationFailure"),
        ("SELECT $1::int", (2**40,), 400, "ValidationFailure"),
        ("SELECT $1::text", ("a\0b",), 400, "ValidationFailure"),
        ("SELECT $1::text", ("\ud800",), 400, "ValidationFailure"),
        ("SELECT $1::text::jsonb", ('"\\u0000"',), 400, "ValidationFailure"),
        ("SELECT 1 / $1::int", (0,), 400, "ValidationFailure"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", (), 503, "Api.Offline"),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)", (), 503, "Api.Offline"),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53300'; END $$", (), 503, "Api.Offline"),
        ("SELECT * FROM nowhere", (), 500, "ServerError"),
        ("SELECT broken syntax here", (), 500, "ServerError"),
    ],
)
async def test_a_database_error_that_escapes_is_a_refusal(
    pool: asyncpg.Pool, statement: str, values: tuple[object, ...], status: int, code: str
) -> None:
    async with serving(pool, lambda call: _execute(call, statement, *values)) as app:
        answer = await ask(app, "GET", "/v1/boxes/b1", token=KEEPER)
        assert (answer.status, answer.codes) == (status, [code])
        if status in {404, 409}:
            assert answer.json["Errors"][0]["Data"] == {"ObjectType": "Things", "ObjectID": "b1"}
        if status == 400:
            answer = await ask(app, "POST", "/v1/boxes", token=KEEPER, body=b"{}")
            assert answer.codes == ["Request.InvalidRequestBody"]
        assert (await ask(app, "GET", "/readyz")).status == 200


async def test_a_lost_database_is_503_wherever_it_is_noticed(pool: asyncpg.Pool) -> None:
    class Unreachable(Doorman):
        async def authenticate(self, token: str, database: Database | None = None) -> Any:
            raise ConnectionRefusedError

    async def handler(_: Call) -> Reply:
        return Reply({})

    async with serving(pool, handler, doorman=Unreachable()) as app:
        assert (await ask(app, "GET", "/v1/boxes/x", token=KEEPER)).codes == ["Api.Offline"]
    async with serving(pool, handler) as app:
        assert (await ask(app, "GET", "/v1/boxes/x", token=KEEPER)).status == 200
        await pool.close()
        assert (await ask(app, "GET", "/v1/boxes/x", token=KEEPER)).codes == ["Api.Offline"]
        assert (await ask(app, "GET", "/readyz")).codes == ["Api.Offline"]
        assert (await ask(app, "GET", "/healthz")).status == 200


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("confirms", [False, True])
async def test_a_changed_standing_is_loaded_afresh_and_the_unit_run_again(
    pool: asyncpg.Pool, unit: Unit, *, confirms: bool
) -> None:
    ran: list[int] = []
    doorman = Doorman()

    async def handler(call: Call) -> Reply:
        if confirms:
            call.confirm(await call.db.fetchval("SELECT epoch FROM security_epochs WHERE marketplace_id = 1"))
        ran.append(call.principal.epoch)
        return Reply({})

    async with serving(pool, handler, unit=unit, confirms=confirms, doorman=doorman) as app:
        assert (await ask(app, "POST", "/v1/boxes", token=KEEPER)).status == 201
        await pool.execute("UPDATE security_epochs SET epoch = 2")
        doorman.epoch = 2
        for _ in range(2):
            assert (await ask(app, "POST", "/v1/boxes", token=KEEPER)).status == 201
        assert (ran, len(doorman.asked)) == ([1, 2, 2], 2)
        await pool.execute("UPDATE security_epochs SET epoch = 3")
        doorman.revoked = True
        for _ in range(2):
            answer = await ask(app, "POST", "/v1/boxes", token=KEEPER)
            assert (answer.status, answer.codes) == (401, ["Auth.TokenRevoked"])
        assert ran == [1, 2, 2]


async def test_nothing_is_missing_for_what_the_caller_was(pool: asyncpg.Pool) -> None:
    """Behaviour D6: who has been renamed is not told 404 by the name that this process remembers, before a statement confirms it."""
    ran: list[int] = []
    doorman = Doorman()

    async def handler(call: Call) -> Reply:
        ran.append(call.principal.epoch)
        if call.principal.epoch == 1:
            raise NotFoundError("Box", "x")
        return Reply({})

    async with serving(pool, handler, unit=Unit.READ, confirms=True, doorman=doorman) as app:
        assert (await ask(app, "GET", "/v1/boxes/x", token=KEEPER)).status == 404
        await pool.execute("UPDATE security_epochs SET epoch = 2")
        doorman.epoch = 2
        assert (await ask(app, "GET", "/v1/boxes/x", token=KEEPER)).status == 200
        assert ran == [1, 1, 2]


EPOCH = "SELECT epoch FROM security_epochs WHERE marketplace_id = 1"
RAISE_EPOCH = "UPDATE security_epochs SET epoch = epoch + 1"


class Reading(Doorman):
    """Knows the epoch from the database, as the authenticator does."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__()
        self._pool = pool

    async def authenticate(self, token: str, database: Database | None = None) -> Principal:
        principal = await super().authenticate(token)
        return replace(principal, epoch=await (database or self._pool).fetchval(EPOCH))


@pytest.mark.parametrize("unit", list(Unit))
async def test_standings_that_change_all_the_time_end_no_request(pool: asyncpg.Pool, unit: Unit) -> None:
    """The last turn of a read is of one moment of the database, nobody changes a standing while a unit writes, and what has units of its
    own reads the standing as of each.
    """
    turns: list[int] = []

    async def handler(call: Call) -> Reply:
        turns.append(call.principal.epoch)
        if unit is Unit.WRITE and len(turns) > STANDING_RETRIES:
            with pytest.raises(asyncpg.LockNotAvailableError):
                await pool.execute(f"{EPOCH} FOR NO KEY UPDATE NOWAIT")
        else:
            await pool.execute(RAISE_EPOCH)
        async with writing(call) if unit is Unit.OWN else nullcontext():
            call.confirm(await call.db.fetchval(EPOCH))
        return Reply({"epoch": call.principal.epoch})

    async with serving(pool, handler, unit=unit, confirms=True, doorman=Reading(pool)) as app:
        answer = await ask(app, "POST", "/v1/boxes", token=KEEPER)
    assert (answer.status, turns) == (201, [1, 2, 3, 4, 5, 6])
    assert answer.json == {"epoch": 7 if unit is Unit.OWN else 6}


@pytest.mark.parametrize("unit", list(Unit))
async def test_standings_that_change_during_slow_work_end_no_request(pool: asyncpg.Pool, unit: Unit) -> None:
    """The same of what comes before the unit, where nothing is held."""
    prepared: list[int] = []

    async def prepare(call: Call) -> None:
        assert call.connection is None
        prepared.append(call.principal.epoch)
        await pool.execute(RAISE_EPOCH)

    async def handler(call: Call) -> Reply:
        return Reply({"epoch": call.principal.epoch})

    more = {"unit": unit, "prepare": prepare, "doorman": Reading(pool)}
    async with serving(pool, handler, **more) as app:
        answer = await ask(app, "POST", "/v1/boxes", token=KEEPER)
    assert (answer.status, answer.json, prepared) == (201, {"epoch": 7}, [1, 2, 3, 4, 5, 6])


@pytest.mark.parametrize("unit", list(Unit))
async def test_who_is_revoked_before_the_last_turn_has_nothing_done(pool: asyncpg.Pool, unit: Unit) -> None:
    """AUTH-28: what is held is the standing as it is then."""
    ran: list[str] = []
    doorman = Reading(pool)

    async def prepare(call: Call) -> None:
        ran.append("prepared")
        doorman.revoked = len(ran) > STANDING_RETRIES
        await pool.execute(RAISE_EPOCH)

    async def handler(call: Call) -> Reply:
        raise AssertionError

    async with serving(pool, handler, unit=unit, prepare=prepare, doorman=doorman) as app:
        answer = await ask(app, "POST", "/v1/boxes", token=KEEPER)
    assert (answer.status, answer.codes, len(ran)) == (401, ["Auth.TokenRevoked"], STANDING_RETRIES + 1)


async def test_a_unit_that_finds_no_standing_right_ends(pool: asyncpg.Pool) -> None:
    ran = 0

    async def handler(call: Call) -> Reply:
        nonlocal ran
        ran += 1
        await put(call, "a")
        raise StaleStandingError

    async with serving(pool, handler) as app:
        answer = await ask(app, "POST", "/v1/boxes", token=KEEPER)
    assert (answer.status, answer.codes, ran) == (503, ["Api.Offline"], 6)
    assert await boxes_of(pool) == []


async def test_a_marketplace_without_an_epoch_lets_nobody_in(pool: asyncpg.Pool) -> None:
    async def handler(_: Call) -> Reply:
        return Reply({})

    await pool.execute("DELETE FROM security_epochs")
    async with serving(pool, handler, unit=Unit.READ) as app:
        assert (await ask(app, "GET", "/v1/boxes/x", token=KEEPER)).status == 503


INSERT_BOX = "INSERT INTO boxes (id, content) VALUES ($1, $2)"


@pytest.mark.parametrize("names", [["taken"], ["a", "taken"], ["taken", "a"], ["a", "taken", "b"]])
@pytest.mark.parametrize("ends", ["answers", "refuses", "reads"])
async def test_a_write_that_waited_is_refused_where_it_was_asked_for(
    pool: asyncpg.Pool, names: list[str], ends: str
) -> None:
    """The unit is run again, one by one, so that each of its writes is refused as if none had waited."""
    ways: list[list[str]] = []

    async def handler(call: Call) -> Reply:
        here: list[str] = []
        ways.append(here)
        for name in names:
            try:
                await call.enqueue(INSERT_BOX, name, 1)
            except asyncpg.UniqueViolationError as error:
                raise NotFoundError("Room", name) from error
            here.append(name)
        if ends == "refuses":
            raise NotFoundError("Later", "x")
        if ends == "reads":
            await call.db.fetchval("SELECT count(*) FROM boxes WHERE content = $1", 1)
        return Reply({})

    async with serving(pool, handler) as app:
        for name in ("x", "y"):  # prepared on each connection that may be used
            await pool.execute(INSERT_BOX, name, 0)
        names_then, names[:] = list(names), ["w"]
        assert (await ask(app, "POST", "/v1/boxes", token=KEEPER)).status == (
            404 if ends == "refuses" else 201
        )
        await pool.execute("DELETE FROM boxes")
        await pool.execute(INSERT_BOX, "taken", 0)
        names[:] = names_then
        ways.clear()
        answer = await ask(app, "POST", "/v1/boxes", token=KEEPER)
        assert (answer.status, answer.json["Errors"][0]["Data"]["ObjectType"]) == (404, "Room")
        assert ways[-1] == names[: names.index("taken")]
        assert len(ways) == 2, "it had waited"
        assert await boxes_of(pool) == ["taken"]


async def test_nobody_is_asked_abroad_after_a_write_that_is_refused(pool: asyncpg.Pool) -> None:
    asked: list[str] = []

    async def handler(call: Call) -> Reply:
        name, step = call.query, len(asked)

        async def ask_abroad(_: Notes) -> None:
            asked.append(name)

        try:
            await call.enqueue(INSERT_BOX, name, step)
        except asyncpg.UniqueViolationError as error:
            raise NotFoundError("Room", name) from error
        if name not in asked:
            raise OutsideFirstError(ask_abroad)
        return Reply({})

    async with serving(pool, handler) as app:
        assert (await ask(app, "POST", "/v1/boxes?a", token=KEEPER)).status == 201
        await pool.execute(INSERT_BOX, "taken", 0)
        answer = await ask(app, "POST", "/v1/boxes?taken", token=KEEPER)
        assert (answer.status, answer.json["Errors"][0]["Data"]["ObjectType"]) == (404, "Room")
    assert asked == ["a"]


async def test_writes_that_wait_stand_with_their_unit(pool: asyncpg.Pool) -> None:
    async def handler(call: Call) -> Reply:
        for name in ("a", "b"):
            await call.enqueue(INSERT_BOX, name, 1)
        return Reply({"Seen": await call.db.fetchval("SELECT count(*) FROM boxes WHERE content = $1", 1)})

    async with serving(pool, handler) as app:
        for _ in range(2):
            answer = await ask(app, "POST", "/v1/boxes", token=KEEPER)
            assert (answer.status, answer.json) == (201, {"Seen": 2})
            assert await boxes_of(pool) == ["a", "b"]
            await pool.execute("DELETE FROM boxes")
