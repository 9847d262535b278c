"""Recordings: what is sent between one moment and another, of one marketplace, without its secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.api.marketplace import PASSWORD, Api, Server
from tests.api.uniform.subjects import checked

from entrepot.features.people.recordings import recorder, store

PATH = "/entrepot/v1/recordings"


async def start(api: Api, **facts: Any) -> str:
    """The ID of a new recording."""
    made = (await checked(api.seller.post(PATH, json=facts), 201)).json()
    recording: str = made["ID"]
    return recording


async def stop(api: Api, recording: str) -> list[dict[str, Any]]:
    """The entries of a recording that is ended now."""
    await checked(api.seller.post(f"{PATH}/{recording}/stop"), 204)
    return await entries(api, recording)


async def entries(api: Api, recording: str) -> list[dict[str, Any]]:
    listed = (await checked(api.seller.get(f"{PATH}/{recording}/requests?pageSize=100"), 200)).json()
    return [each["Entry"] for each in listed["Items"]]


async def test_what_is_sent_meanwhile_is_recorded_with_its_answers(api: Api) -> None:
    """Not what was sent before and after, nor what concerns the recording itself."""
    await checked(api.seller.put("/v1/buyers/before", json={"Name": "B", "Active": True}), 200)
    recording = await start(api, Name="Mine")
    await checked(
        api.seller.put("/v1/buyers/b?x=1", json={"Name": "B", "Active": True, "xp": {"n": 1.50}}), 200
    )
    assert (await api.seller.get("/v1/buyers/none")).status_code == 404
    await checked(api.seller.delete("/v1/buyers/b"), 204)
    found = await stop(api, recording)
    assert (await api.seller.get("/v1/buyers/before")).status_code == 200
    assert [(each["method"], each["path"], each["query"], each["status"]) for each in found] == [
        ("PUT", "/v1/buyers/b", "x=1", 200),
        ("GET", "/v1/buyers/none", "", 404),
        ("DELETE", "/v1/buyers/b", "", 204),
    ]
    assert found[0]["body"] == {"Name": "B", "Active": True, "xp": {"n": 1.5}}
    assert found[0]["answer"]["Name"] == "B"
    assert found[1]["answer"]["Errors"][0]["ErrorCode"] == "NotFound"
    assert (found[2]["has_body"], found[2]["has_answer"]) == (False, False)
    assert len({each["token"] for each in found}) == 1
    assert await entries(api, recording) == found
    told = (await api.seller.get(f"{PATH}/{recording}")).json()
    assert (told["Name"], told["Requests"], told["DateEnded"] is not None) == ("Mine", 3, True)


async def test_requests_of_a_batch_are_recorded_one_by_one(api: Api) -> None:
    """As they would be sent by themselves, what they refer to filled in; of a batch that is refused none, since nothing was done."""
    recording = await start(api)
    made = {"Label": "b", "Verb": "POST", "Path": "/v1/buyers", "Body": {"Name": "B", "Active": True}}
    named = {"Verb": "PATCH", "Path": "/v1/buyers/${b.ID}", "Body": {"Description": "Of ${b.Name}"}}
    read = {"Verb": "GET", "Path": "/v1/buyers?search=${b.Name}"}
    for requests, status in (([made, named, read], 200), ([made, {**read, "Path": "/v1/buyers/none"}], 404)):
        await checked(api.seller.post("/entrepot/v1/batch", json={"Requests": requests}), status)
    await checked(api.seller.get("/v1/me"), 200)
    first, second, third, last = await stop(api, recording)
    assert [(each["operation"], each["status"]) for each in (first, second, third, last)] == [
        ("Buyers.Create", 201),
        ("Buyers.Patch", 200),
        ("Buyers.List", 200),
        ("Me.Get", 200),
    ]
    assert first["body"] == {"Name": "B", "Active": True}
    assert (second["path"], second["body"]) == (
        f"/v1/buyers/{first['answer']['ID']}",
        {"Description": "Of B"},
    )
    assert (third["query"], third["has_body"]) == ("search=B", False)
    assert third["token"] == last["token"] != ""


async def test_no_secret_is_kept(api: Api) -> None:
    """Of logins, of users, of what the server answers with."""
    buyer = await api.buyer()
    user = await api.user(buyer=buyer, roles=["MeAdmin"], password=PASSWORD)
    recording = await start(api)
    form = {
        "grant_type": "password",
        "client_id": api.client_id,
        "username": user.username,
        "password": PASSWORD,
    }
    login = (await checked(api.http.post("/oauth/token", data=form), 200)).json()
    new = {
        "Username": f"n-{user.username}",
        "Password": "Hush-Hush-47",
        "FirstName": "N",
        "LastName": "N",
        "Email": "n@example.com",
        "Active": True,
    }
    await checked(api.seller.put(f"/v1/buyers/{buyer}/users/new", json=new), 200)
    await checked(
        api.seller.put(
            "/v1/webhooks/w", json={"Name": "W", "Url": "https://x.example/1", "HashKey": "hush-key"}
        ),
        200,
    )
    await checked(api.with_token(login["access_token"]).get("/v1/me"), 200)
    found = await stop(api, recording)
    text = json.dumps(
        [dict(row) for row in await api.rows("SELECT entry FROM recorded_requests WHERE marketplace_id = $1")]
    )
    for secret in (
        PASSWORD,
        "Hush-Hush-47",
        "hush-key",
        login["access_token"],
        api.seller.headers["Authorization"],
    ):
        assert secret not in text
    assert found[0]["form"] == {**form, "password": "***"}
    assert found[0]["gives"] == found[3]["token"] != found[1]["token"]


async def test_other_marketplaces_are_not_recorded_and_see_nothing(api: Api, other: Api) -> None:
    recording = await start(api)
    await checked(other.seller.put("/v1/buyers/theirs", json={"Name": "B", "Active": True}), 200)
    for verb, path in (("GET", ""), ("GET", "/requests"), ("POST", "/stop"), ("DELETE", "")):
        assert (await other.seller.request(verb, f"{PATH}/{recording}{path}")).status_code == 404
    assert (await other.seller.get(PATH)).json()["Items"] == []
    assert await stop(api, recording) == []
    shopper = api.as_(await api.user(buyer=await api.buyer()), roles=["FullAccess"])
    assert (await shopper.get(f"{PATH}/{recording}/requests")).status_code == 403


async def test_every_process_records(api: Api, twin: Server) -> None:
    """From the next request on, also with a token that the process knows."""
    token = api.token(api.admin, ["FullAccess"])
    there = api.with_token(token, twin)
    await checked(there.get("/v1/buyers"), 200)
    recording = await start(api)
    await checked(there.get("/v1/suppliers"), 200)
    await checked(api.seller.get("/v1/locales"), 200)
    await checked(there.post(f"{PATH}/{recording}/stop"), 204)
    await checked(there.get("/v1/catalogs"), 200)
    # What this process has answered before the end comes later, and what it answers now does not.
    await checked(api.seller.get("/v1/buyers"), 200)
    assert [each["path"] for each in await stop(api, recording)] == ["/v1/suppliers", "/v1/locales"]


async def test_a_marketplace_has_one_at_a_time_and_not_too_many(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST", 2)
    first = await start(api, ID="first")
    refused = await api.seller.post(PATH, json={"ID": "second"})
    assert (refused.status_code, refused.json()["Errors"][0]["ErrorCode"]) == (409, "Recordings.AlreadyRuns")
    assert "/entrepot/v1/recordings/{ID}/stop" in refused.json()["Errors"][0]["Message"]
    await stop(api, first)
    refused = await api.seller.post(PATH, json={"ID": "FIRST"})
    assert (refused.status_code, refused.json()["Errors"][0]["ErrorCode"]) == (409, "IdExists")
    await stop(api, await start(api, ID="second"))
    refused = await api.seller.post(PATH, json={})
    assert (refused.status_code, refused.json()["Errors"][0]["ErrorCode"]) == (409, "Recordings.TooMany")
    await checked(api.seller.delete(f"{PATH}/second"), 204)
    await checked(api.seller.delete(f"{PATH}/{await start(api)}"), 204)
    assert (await api.seller.delete(f"{PATH}/second")).status_code == 404


@pytest.mark.parametrize("duration", ["PT0S", "P2D", "an hour", "-PT5M"])
async def test_durations_that_are_none(api: Api, duration: str) -> None:
    refused = await api.seller.post(PATH, json={"Duration": duration})
    assert (refused.status_code, refused.json()["Errors"][0]["ErrorCode"]) == (
        400,
        "Recordings.InvalidDuration",
    )


async def test_it_ends_when_it_is_full(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """And then takes no more."""
    monkeypatch.setattr(store, "MOST_REQUESTS", 2)
    monkeypatch.setattr(recorder, "MOST_SIZE", 200)
    recording = await start(api)
    await checked(
        api.seller.put("/v1/buyers/big", json={"Name": "B", "Active": True, "xp": {"a": "x" * 300}}), 200
    )
    await checked(api.seller.get("/v1/buyers/none?a=1"), 404)
    await checked(api.seller.get("/v1/buyers/none?a=2"), 404)
    found = await stop(api, recording)
    told = (await api.seller.get(f"{PATH}/{recording}")).json()
    assert (told["Requests"], told["DateEnded"] is not None) == (2, True)
    assert [(each["query"], each["cut"], each["has_body"]) for each in found] == [
        ("", True, False),
        ("a=1", False, False),
    ]


async def test_it_ends_and_goes_by_itself(api: Api) -> None:
    recording = await start(api, Duration="PT10M")
    pool, clock = api.server.database, api.server.clock
    clock.advance(minutes=11)
    await checked(api.seller.get("/v1/buyers"), 200)
    assert await store.end_over(pool, clock) >= 1
    assert (await api.seller.get(f"{PATH}/{recording}")).json()["DateEnded"] is not None
    assert await stop(api, recording) == []
    clock.advance(days=8)
    while await store.end_over(pool, clock):
        pass  # a round takes some, and others have left theirs
    assert (await api.seller.get(f"{PATH}/{recording}")).status_code == 404
