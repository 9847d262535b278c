"""The log of requests: who asked for what, how it ended; from an X-Request-ID to what it caused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api.dispatching import opened, posting
from tests.api.marketplace import PASSWORD, Api, Server, codes, run_server
from tests.api.receiver import Receiver

from entrepot.engine.principal import Principal
from entrepot.features.people.request_log import noting
from entrepot.features.people.request_log.noting import RequestLog
from entrepot.features.people.request_log.reads import KEPT
from entrepot.features.people.request_log.trimming import Bounds, trim, trim_all

PATH = "/entrepot/v1/requests"
COUNT = "SELECT count(*) FROM logged_requests WHERE marketplace_id = $1"


@asynccontextmanager
async def logging(api: Api) -> AsyncIterator[Server]:
    """A server process that has written its log when it ends."""
    server = api.server
    async with run_server(server.settings, server.database, server.clock) as running:
        yield running


async def items(api: Api, query: str = "") -> list[dict[str, Any]]:
    answer = await api.seller.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["Items"]
    return found


def caller(api: Api) -> Principal:
    return Principal.nobody(api.marketplace_id, api.client_id)


@dataclass(frozen=True)
class Asked:
    """A request that was answered."""

    id: str = "x"
    operation: str = "Me.Patch"
    method: str = "PATCH"
    logged_path: str = "/v1/me"
    error: str | None = None


def note(log: RequestLog, api: Api, request_id: str = "x", status: int = 200) -> None:
    """One that is never thinned out."""
    log.note(caller(api), Asked(request_id), status, 0.001, api.server.clock)


def read(log: RequestLog, api: Api, number: int, seconds: float = 0.001, operation: str = "Me.Get") -> None:
    """One that may be."""
    log.note(caller(api), Asked(f"r{number}", operation, "GET"), 200, seconds, api.server.clock)


async def test_requests_are_logged_with_caller_and_outcome(api: Api, other: Api) -> None:
    """What was sent is not: no query, no body, no token, no name that nobody has, no code of a path."""
    buyer = await api.buyer("B")
    user = await api.user(buyer=buyer, roles=("MeAdmin",), password=PASSWORD, id="kim")
    async with logging(api) as server:
        shopper = api.with_token(api.token(user, ["MeAdmin"]), server)
        http = api._kept(server.client())
        login = {"grant_type": "password", "client_id": api.client_id, "username": user.username}
        assert (await shopper.get("/v1/me?secret=q1", headers={"X-Request-ID": "Mine-1"})).is_success
        assert codes(await shopper.get("/v1/buyers")) == ["Auth.InsufficientRoles"]
        assert (await http.post("/oauth/token", data={**login, "password": PASSWORD})).is_success
        assert not (await http.post("/oauth/token", data={**login, "password": "wrong-secret"})).is_success
        unknown = {**login, "username": "name-that-is-a-password", "password": "x"}
        assert not (await http.post("/oauth/token", data=unknown)).is_success
        reset = {"ClientID": api.client_id, "Username": user.username, "Password": "New-secret-1"}
        assert not (await http.put("/v1/password/reset/secret-code", json=reset)).is_success
        assert (await http.get("/v1/me")).status_code == 401
        assert (await api.with_token(api.token(api.admin, ["FullAccess"]), server).get("/v1/nope")).is_error
    found = await items(api)
    assert [(each["Operation"], each["Status"], each["ErrorCode"], each["UserID"]) for each in found] == [
        ("Me.Get", 200, None, "kim"),
        ("Buyers.List", 403, "Auth.InsufficientRoles", "kim"),
        ("Tokens.Create", 200, None, "kim"),
        ("Tokens.Create", 400, found[3]["ErrorCode"], "kim"),
        ("Tokens.Create", 400, found[3]["ErrorCode"], None),
        ("ForgottenCredentials.ResetPasswordByVerificationCode", 400, found[5]["ErrorCode"], None),
    ]
    first = found[0]
    assert {**first, "ID": "", "DateCreated": "", "Milliseconds": 0} == {
        "ID": "",
        "LogID": "Mine-1",
        "DateCreated": "",
        "Operation": "Me.Get",
        "Method": "GET",
        "Path": "/v1/me",
        "Status": 200,
        "Milliseconds": 0,
        "Count": 1,
        "ErrorCode": None,
        "UserID": "kim",
        "Username": user.username,
        "UserType": "Buyer",
        "CompanyID": "B",
        "ClientID": first["ClientID"],
    }
    assert first["ClientID"].lower() == api.client_id.lower()
    assert first["Milliseconds"] > 0
    assert found[5]["Path"] == "/v1/password/reset/***"
    kept = await api.value(
        "SELECT string_agg(to_jsonb(r)::text, '') FROM logged_requests r WHERE marketplace_id = $1"
    )
    for secret in (
        "q1",
        "wrong-secret",
        "name-that-is-a-password",
        "secret-code",
        "New-secret",
        PASSWORD,
        "eyJ",
    ):
        assert secret not in kept, secret
    assert await items(other) == []


async def test_a_code_of_a_fault_writes_no_lines_of_its_own(api: Api, other: Api) -> None:
    """Whoever may say what a request fails with says nothing in another marketplace's log."""
    forged = f"x\t\\N\t\\N\t\\N\t\\N\t\\N\n{other.marketplace_id}\tf\t2026-01-01\ty\tz\tGET\t/\t200\t1"
    fault = {"ID": "f", "Path": "/v1/buyers", "Status": 503, "ErrorCode": forged}
    async with logging(api) as server:
        seller = api.with_token(api.token(api.admin, ["FullAccess"]), server)
        assert (await seller.put("/entrepot/v1/faults/f", json=fault)).is_success
        assert codes(await seller.get("/v1/buyers")) == [forged]
    assert [each["ErrorCode"] for each in await items(api, "Operation=Buyers.List")] == [forged]
    assert await items(other) == []


async def test_the_log_is_a_list_as_every_list(api: Api) -> None:
    async with opened(api) as backend:
        log = RequestLog(Bounds())
        for number in range(5):
            note(log, api, f"Log-{number}", 200 + 101 * (number % 2))
            api.server.clock.advance(seconds=1)
        await log.flush(backend.pool)
    since = (await items(api))[3]["DateCreated"].replace("+", "%2B")
    for query, wanted in (
        ("", [0, 1, 2, 3, 4]),
        ("sortBy=!DateCreated&pageSize=2", [4, 3]),
        ("sortBy=!DateCreated&pageSize=2&page=2", [2, 1]),
        ("Status=301", [1, 3]),
        ("Status=>=300", [1, 3]),
        ("LogID=log-2", [2]),
        ("search=LOG-4&searchOn=LogID", [4]),
        (f"DateCreated=>{since}", [4]),
        ("Milliseconds=1", [0, 1, 2, 3, 4]),
        ("Milliseconds=>1", []),
        ("ErrorCode=!*", [0, 1, 2, 3, 4]),
        ("Count=1", [0, 1, 2, 3, 4]),
        ("Count=>1", []),
        ("Operation=Me.*&Status=!200&sortBy=!Status,DateCreated", [1, 3]),
    ):
        assert [each["LogID"] for each in await items(api, query)] == [f"Log-{n}" for n in wanted], query
    assert codes(await api.seller.get(f"{PATH}?microseconds=1")) == ["List.InvalidProperty"]
    meta = (await api.seller.get(f"{PATH}?pageSize=2&sortBy=!DateCreated")).json()["Meta"]
    following = await items(api, f"pageKey={meta['NextPageKey']}")
    assert [each["LogID"] for each in following] == ["Log-2", "Log-1"]


async def test_everything_about_a_request(api: Api, other: Api, receiver: Receiver) -> None:
    """The requests of its ID, what was delivered because of them, and what stands in the mailbox."""
    receiver.answers["/hook"] = {}
    user = await api.shopper()
    async with posting(api) as post:
        route = {"Route": "v1/buyers/{buyerID}", "Verb": "PUT"}
        await post.hook("h", f"{receiver.url}/hook", ApiClientIDs=[api.client_id], WebhookRoutes=[route])
        async with logging(api) as server:
            mine = {"X-Request-ID": "a/b:1"}
            http = api._kept(server.client())
            named = {"ClientID": api.client_id, "Username": user.username}
            assert (await http.post("/v1/password/reset", json=named, headers=mine)).status_code == 204
            seller = api.with_token(api.token(api.admin, ["FullAccess"]), server)
            made = await seller.put("/v1/buyers/B2", json={"Name": "B", "Active": True}, headers=mine)
            assert made.is_success
            assert (await seller.get("/v1/me")).is_success
        await post.settle()
    answer = await api.seller.get(f"{PATH}/A%2Fb:1")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["LogID"] == "a/b:1"
    assert [each["Operation"] for each in found["Requests"]] == [
        "ForgottenCredentials.SendVerificationCode",
        "Buyers.Save",
    ]
    assert sorted(each["Integration"] for each in found["Deliveries"]) == ["Mail", "Webhook"]
    assert {each["LogID"] for each in found["Deliveries"]} == {"a/b:1"}
    (message,) = found["Messages"]
    assert (message["MessageType"], message["Username"]) == ("ForgottenPassword", user.username)
    for http, path in ((api.seller, f"{PATH}/none"), (other.seller, f"{PATH}/a%2Fb:1")):
        assert codes(await http.get(path)) == ["NotFound"]


async def test_what_comes_too_fast_is_counted_and_left_out(
    api: Api, other: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One marketplace leaves room for the others; nobody waits."""
    monkeypatch.setattr(noting, "MOST_WAITING", 5)
    monkeypatch.setattr(noting, "MOST_OF_ONE", 3)
    monkeypatch.setattr(noting, "AT_ONCE", 2)
    lost: list[int] = []
    async with opened(api) as backend:
        log = RequestLog(Bounds(), lost.append)
        for one in (api, other):
            for _ in range(4):
                note(log, one)
        await log.flush(backend.pool)
        assert (await api.value(COUNT), await other.value(COUNT), lost) == (3, 2, [3])
        note(log, other)
        await log.flush(backend.pool)
        assert (await other.value(COUNT), lost) == (3, [3])


async def test_many_reads_are_told_by_a_sample(api: Api, other: Api) -> None:
    """Nothing else is thinned out: no refusal, no write, no other operation, no other marketplace."""
    lost: list[int] = []
    async with opened(api) as backend:
        log = RequestLog(Bounds(), lost.append)
        for number in range(1_000):
            read(log, api, number, 0.5 if number == 777 else 0.001)
            api.server.clock.advance(seconds=0.001)
        read(log, api, 1_000, operation="Products.Get")
        read(log, other, 1_001)
        for number in range(300):
            note(log, api, f"w{number}")
            log.note(caller(api), Asked(f"e{number}", "Me.Get", "GET"), 404, 0.001, api.server.clock)
        await log.flush(backend.pool)
        # What comes after it begins anew.
        read(log, api, 1_002)
        await log.flush(backend.pool)
    reads = await items(api, "Operation=Me.Get&Status=200&pageSize=100")
    meta = (await api.seller.get(f"{PATH}?Operation=Me.Get&Status=200&pageSize=100")).json()["Meta"]
    reads += [
        each
        for page in range(2, meta["TotalPages"] + 1)
        for each in await items(api, f"Operation=Me.Get&Status=200&pageSize=100&page={page}")
    ]
    assert (sum(each["Count"] for each in reads), lost) == (1_001, [])
    assert KEPT < len(reads) <= 2 * KEPT + 1
    assert {each["LogID"]: each["Count"] for each in reads if each["Milliseconds"] == 500} == {"r777": 1}
    assert reads[-1]["LogID"] == "r1002"
    for query, many in (
        ("Operation=Me.Patch", 300),
        ("Operation=Me.Get&Status=404", 300),
        ("Operation=Products.Get", 1),
    ):
        found = (await api.seller.get(f"{PATH}?{query}&Count=1&pageSize=1")).json()["Meta"]
        assert found["TotalCount"] == many, query
    assert [(each["LogID"], each["Count"]) for each in await items(other)] == [("r1001", 1)]
    assert (await api.seller.get(f"{PATH}/e299")).json()["Requests"][0]["Count"] == 1


async def test_reads_without_room_are_counted_where_a_row_stands_for_them(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noting, "MOST_OF_ONE", 2)
    lost: list[int] = []
    async with opened(api) as backend:
        log = RequestLog(Bounds(), lost.append)
        for number in range(10):
            read(log, api, number)
        read(log, api, 10, operation="Products.Get")
        note(log, api)
        await log.flush(backend.pool)
    assert [(each["LogID"], each["Count"]) for each in await items(api)] == [("r0", 5), ("r1", 5)]
    assert lost == [2]


async def test_samples_that_cannot_be_written_are_lost_as_what_they_stand_for(api: Api) -> None:
    lost: list[int] = []
    async with opened(api) as backend:
        log = RequestLog(Bounds(), lost.append)
        for _ in range(1_000):
            log.note(caller(api), Asked("\0", "Me.Get", "GET"), 200, 0.001, api.server.clock)
        await log.flush(backend.pool)
    assert lost == [1_000]


async def test_a_marketplace_that_is_gone_takes_its_own_requests_along(api: Api) -> None:
    lost: list[int] = []
    async with opened(api) as backend:
        log = RequestLog(Bounds(), lost.append)
        log.note(Principal.nobody(-1, "c"), Asked(), 200, 0.001, api.server.clock)
        note(log, api)
        await log.flush(backend.pool)
        assert (await api.value(COUNT), lost) == (1, [])
        # Whatever the database will not have is counted, and the next flush goes on.
        note(log, api, "\0")
        await log.flush(backend.pool)
        note(log, api)
        await log.flush(backend.pool)
        assert (await api.value(COUNT), lost) == (2, [1])


async def test_whatever_a_request_is_made_of_stands_in_its_own_row(api: Api) -> None:
    """Tabs, line ends and backslashes part no rows and no columns; what no text of the database can hold takes no other row along."""
    lost: list[int] = []
    odd = [
        "/v1/a\tb",
        "/v1/a\nb\r",
        "/v1/\\N",
        "\\.",
        "/v1/\\\\t",
        "/v1/ä 😀",
        "/v1/\0",
        "/v1/\ud800",
        "/" + "x\\" * 400,
    ]
    who = replace(caller(api), user_id="a\tb", username="\\N", company_id="c\nd")
    async with opened(api) as backend:
        log = RequestLog(Bounds(), lost.append)
        for number, path in enumerate(odd):
            log.note(who, Asked(f"r{number}", logged_path=path, error="A.B"), 400, 1.5, api.server.clock)
            api.server.clock.advance(seconds=1)
        await log.flush(backend.pool)
    found = await items(api)
    assert [each["Path"] for each in found] == [
        *odd[:6],
        "/v1/\N{REPLACEMENT CHARACTER}",
        "/v1/?",
        odd[8][:500],
    ]
    assert {(each["UserID"], each["Username"], each["CompanyID"]) for each in found} == {
        ("a\tb", "\\N", "c\nd")
    }
    assert {(each["Milliseconds"], each["ErrorCode"], each["Status"]) for each in found} == {
        (1500, "A.B", 400)
    }
    assert lost == []


async def test_the_log_is_bounded_by_rows_and_by_age(api: Api, other: Api) -> None:
    async with opened(api) as backend:
        pool, clock = backend.pool, backend.clock
        log = RequestLog(Bounds(rows=10))
        for number in range(25):
            note(log, api, f"r{number}")
        note(log, other)
        await log.flush(pool)
        assert [each["LogID"] for each in await items(api)] == [f"r{number}" for number in range(15, 25)]
        assert await trim(pool, api.marketplace_id, 4) == 6
        assert [each["LogID"] for each in await items(api)] == ["r21", "r22", "r23", "r24"]
        api.server.clock.advance(hours=2)
        note(log, api, "new")
        await log.flush(pool)
        assert await trim_all(pool, clock, Bounds(rows=100, age=timedelta(hours=1))) >= 5
        assert ([each["LogID"] for each in await items(api)], await other.value(COUNT)) == (["new"], 0)
        await trim_all(pool, clock, Bounds(rows=0))
        assert await items(api) == []


async def test_only_sellers_with_full_access_read_it(api: Api) -> None:
    user = await api.user(buyer=await api.buyer())
    for http, refused in (
        (api.as_(api.admin, roles=["WebhookAdmin", "MeAdmin"]), "Auth.InsufficientRoles"),
        (api.as_(user, roles=["FullAccess"]), "Auth.UserNotAuthorizedToAdmin"),
    ):
        for path in (PATH, f"{PATH}/x"):
            answer: httpx.Response = await http.get(path)
            assert (answer.status_code, codes(answer)) == (403, [refused])
