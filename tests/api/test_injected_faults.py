"""Faults: requests that fail on purpose, for applications that want to be seen to bear it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.api.marketplace import PASSWORD, Api, Server, run_server
from tests.api.uniform.subjects import checked

from entrepot.kernel.clock import format_datetime

PATH = "/entrepot/v1/faults"


async def fault(api: Api, **body: Any) -> str:
    """The ID of a new one."""
    made = await api.seller.post(PATH, json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["ID"])


def code(answer: httpx.Response) -> str:
    return str(answer.json()["Errors"][0]["ErrorCode"])


async def met(api: Api, fault_id: str) -> tuple[int, int | None]:
    found = (await api.seller.get(f"{PATH}/{fault_id}")).json()
    return found["Met"], found["Remaining"]


async def test_it_answers_in_place_of_the_operation(api: Api) -> None:
    """From the next request on, before anything is done, in the form of every refusal."""
    assert (await api.seller.get("/v1/buyers")).status_code == 200
    busy = await fault(
        api, OperationID="Buyers.*", Status=429, ErrorCode="Slow.Down", Message="Not so fast.", RetryAfter=7
    )
    refused = await api.seller.put("/v1/buyers/b", json={"Name": "B", "Active": True})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert refused.json() == {
        "Errors": [{"ErrorCode": "Slow.Down", "Message": "Not so fast.", "Data": {"FaultID": busy}}]
    }
    assert (await api.seller.get("/v1/catalogs")).status_code == 200
    assert (await api.seller.delete(f"{PATH}/{busy}")).status_code == 204
    assert (await api.seller.get("/v1/buyers/b")).status_code == 404


async def test_after_an_operation_what_was_done_is_done(api: Api) -> None:
    """The client learns nothing of it: does it create the thing twice?"""
    await fault(api, OperationID="Buyers.Create", Moment="After", Status=503, Remaining=1)
    body = {"ID": "b", "Name": "B", "Active": True}
    assert code(await api.seller.post("/v1/buyers", json=body)) == "Fault.Injected"
    assert code(await api.seller.post("/v1/buyers", json=body)) == "IdExists"
    await fault(api, OperationID="Buyers.Create", Moment="After", Status=503)
    assert code(await api.seller.post("/v1/buyers", json=body)) == "IdExists", "a refusal stays what it is"


async def test_after_what_is_refused_it_has_met_nothing(api: Api) -> None:
    """The one answer that is to be lost is that of a request that was carried out; and the next rule takes over from one that is used up."""
    lost = await fault(api, ID="a", OperationID="Buyers.Create", Moment="After", Status=504, Remaining=1)
    later = await fault(api, ID="b", OperationID="Buyers.Create", Status=503)
    assert code(await api.seller.post("/v1/buyers", json={"Active": True})) == "ValidationFailure"
    assert await met(api, lost) == (0, 1)
    await checked(api.seller.post("/v1/buyers", json={"ID": "met", "Name": "B"}), 504)
    assert await met(api, lost) == (1, 0)
    assert (await api.seller.get("/v1/buyers/met")).status_code == 200
    assert code(await api.seller.post("/v1/buyers", json={"Name": "B"})) == "Fault.Injected"
    assert await met(api, later) == (1, None)


async def test_a_property_that_faults_do_not_have_is_named(api: Api) -> None:
    """A misspelt OperationID would be a fault of everything. What is only read may be sent, in any case of its name."""
    refused = await checked(api.seller.post(PATH, json={"operation": "Orders.Submit", "Status": 503}), 400)
    assert [each["Data"]["Property"] for each in refused.json()["Errors"]] == ["operation"]
    made = await fault(api, operationid="Me.Get", met=7, Active=False)
    assert await met(api, made) == (0, None)


async def test_it_is_counted_over_all_processes(api: Api, twin: Server) -> None:
    """Exactly so many, whoever asks where, and at once."""
    made = await fault(api, OperationID="Me.Get", Status=500, Remaining=5)
    elsewhere = api.with_token(api.token(api.admin, ["FullAccess"]), twin)
    answers = await asyncio.gather(*(one.get("/v1/me") for one in (api.seller, elsewhere) for _ in range(10)))
    assert Counter(each.status_code for each in answers) == {500: 5, 200: 15}
    assert await met(api, made) == (5, 0)


async def test_a_change_is_followed_by_all_processes(api: Api, twin: Server) -> None:
    """From the next request on, though each remembers the rules; nothing is counted by a rule that was another one."""
    elsewhere = api.with_token(api.token(api.admin, ["FullAccess"]), twin)

    async def answers() -> list[int]:
        return [
            (await each.get(path)).status_code
            for each in (elsewhere, api.seller)
            for path in ("/v1/me", "/v1/buyers")
        ]

    made = await fault(api, OperationID="Me.Get", Status=500)
    assert await answers() == [500, 200, 500, 200]
    for change, expected in (
        ({"OperationID": "Buyers.List"}, [200, 500, 200, 500]),
        ({"Status": 503}, [200, 503, 200, 503]),
        ({"Active": False}, [200, 200, 200, 200]),
        ({"Active": True, "Remaining": 1}, [200, 503, 200, 200]),
        ({"Remaining": 2, "ExpirationDate": "2001-01-01"}, [200, 200, 200, 200]),
    ):
        assert (await api.seller.patch(f"{PATH}/{made}", json=change)).status_code == 200
        assert await answers() == expected, change
    assert await met(api, made) == (7, 2)


async def test_the_first_that_meets_a_request_strikes(api: Api) -> None:
    """By ID; one that is inactive, over, or another client's does not, and neither does one without a share."""
    now = api.server.clock()
    other = (await api.seller.post("/v1/apiclients", json={"AppName": "Other", "AccessTokenDuration": 60, "RefreshTokenDuration": 0, "AllowSeller": True})).json()["ID"]  # fmt: skip
    aim = {"OperationID": "Me.Get", "Status": 500}
    await fault(api, ID="a", Active=False, **aim)
    await fault(api, ID="b", ExpirationDate=format_datetime(now), **aim)
    await fault(api, ID="c", ClientID=other, **aim)
    await fault(api, ID="d", Share=0, **aim)
    await fault(api, ID="e", Remaining=0, **aim)
    await fault(api, ID="f", Path="/v1/me/*", **aim)
    assert (await api.seller.get("/v1/me")).status_code == 200
    await fault(api, ID="h", OperationID="Me.Get", Status=418)
    await fault(api, ID="g", OperationID="Me.Get", Path="/v1/ME", Status=504)
    assert (await api.seller.get("/v1/me")).status_code == 504


async def test_what_only_counts_and_what_only_waits_change_no_answer(api: Api) -> None:
    counting = await fault(api, OperationID="Me.Get")
    assert (await api.seller.get("/v1/me")).status_code == 200
    assert await met(api, counting) == (1, None)
    await api.seller.delete(f"{PATH}/{counting}")
    loop = asyncio.get_running_loop()
    await fault(api, OperationID="Me.Get", Delay=300)
    begun = loop.time()
    assert (await api.seller.get("/v1/me")).status_code == 200
    assert loop.time() - begun >= 0.29


@pytest.mark.parametrize(
    ("rule", "properties"),
    [
        ({"Cut": True, "Status": 503}, ["Status"]),
        ({"ErrorCode": "Api.Busy"}, ["ErrorCode"]),
        ({"Delay": 5, "Message": "Later.", "RetryAfter": 0}, ["Message", "RetryAfter"]),
        ({"Cut": True, "RetryAfter": 3}, ["RetryAfter"]),
    ],
)
async def test_what_does_not_go_together_is_refused(
    api: Api, rule: dict[str, object], properties: list[str]
) -> None:
    """And not passed over, made or changed."""
    refused = await checked(api.seller.post(PATH, json={"OperationID": "Me.Get", **rule}), 400)
    assert [each["Data"]["Property"] for each in refused.json()["Errors"]] == properties
    made = await fault(api, OperationID="Me.Get", Status=503, Active=False)
    changed = await api.seller.patch(f"{PATH}/{made}", json={"Status": rule.get("Status"), **rule})
    assert (changed.status_code, changed.json()) == (400, refused.json())
    assert (await api.seller.get(f"{PATH}/{made}")).json()["Status"] == 503


async def test_a_login_fails_too(api: Api) -> None:
    """In OAuth's own form; the client of the login is the one that it names."""
    await fault(api, OperationID="Tokens.*", ClientID=api.client_id, Status=503, Remaining=1)
    form = {"grant_type": "client_credentials", "client_id": api.client_id, "scope": "FullAccess"}
    refused = await api.http.post("/oauth/token", data=form)
    assert (refused.status_code, refused.json()["error"]) == (503, "temporarily_unavailable")
    again = await api.http.post("/oauth/token", data=form)
    assert code(again) != "Fault.Injected"


async def test_a_fault_can_always_be_taken_back(api: Api) -> None:
    """One that fails everything fails neither these operations nor the server's other ones."""
    everything = await fault(api, Status=500)
    assert (await api.seller.get("/v1/me")).status_code == 500
    for path in (PATH, "/entrepot/v1/mailbox", "/entrepot/v1/requests"):
        assert (await api.seller.get(path)).status_code == 200
    assert (await api.seller.delete(f"{PATH}/{everything}")).status_code == 204
    assert (await api.seller.get("/v1/me")).status_code == 200


@pytest.mark.parametrize("about", [{}, {"OperationID": "*"}, {"Path": "**"}])
async def test_a_fault_of_everything_lets_people_log_in(api: Api, about: dict[str, str]) -> None:
    """Else nobody could take it back once all tokens have expired."""
    user = await api.user(roles=("FullAccess",), password=PASSWORD)
    everything = await fault(api, Status=500, **about)
    assert code(await api.seller.get("/v1/me")) == "Fault.Injected"
    login = await api.login(user, scope="FullAccess")
    assert login.status_code == 200, login.text
    seller = api.with_token(login.json()["access_token"])
    assert (await seller.delete(f"{PATH}/{everything}")).status_code == 204
    assert (await seller.get("/v1/me")).status_code == 200
    await fault(api, Path="/oauth/*", Status=500)
    assert code(await api.login(user)) == "Fault.Injected"


async def test_nobody_elses_requests_fail(api: Api, other: Api) -> None:
    """Marketplaces know nothing of one another's; and whoever may do less than everything makes none."""
    made = await fault(api, Status=500)
    assert (await other.seller.get("/v1/me")).status_code == 200
    assert (await other.seller.get(f"{PATH}/{made}")).status_code == 404
    assert (await other.seller.get(PATH)).json()["Items"] == []
    lesser = other.as_(other.admin, roles=["OrderAdmin", "ApiClientAdmin"])
    assert (await lesser.post(PATH, json={"Status": 500})).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"OperationID": "Orders.Sumbit"},
        {"OperationID": "Faults.*"},
        {"Status": 200},
        {"Status": 600},
        {"Delay": 60_001},
        {"Share": 1.5},
        {"Remaining": -1},
        {"ClientID": "nobody"},
        {"Moment": "During"},
        {"Operation": "Orders.Submit"},
        {"Path": "v1/me"},
        {"Path": "https://shop.example/v1/me"},
        {"Path": "/v1/me?pageSize=1"},
        {"Path": "/Entrepot/v1/faults", "OperationID": "*"},
    ],
)
async def test_what_makes_no_sense_is_refused(api: Api, body: dict[str, Any]) -> None:
    refused = await api.seller.post(PATH, json={"Status": 500, **body})
    assert refused.status_code in (400, 404)
    assert (await api.seller.get(PATH)).json()["Items"] == []


async def test_the_test_bench_can_be_switched_off(api: Api) -> None:
    """As a whole: then nothing fails on purpose any more, and nobody sees that it could."""
    await fault(api, OperationID="Me.Get", Status=500)
    settings = replace(api.server.settings, test_bench=False)
    async with run_server(settings, api.server.database, api.server.clock) as without:
        caller = api.with_token(api.token(api.admin, ["FullAccess"]), without)
        assert (await caller.get("/v1/me")).status_code == 200
        assert (await caller.get(PATH)).status_code == 404
        document = (await caller.get("/v1/openapi/v3")).json()
        assert not [path for path in document["paths"] if path.startswith(PATH)]
