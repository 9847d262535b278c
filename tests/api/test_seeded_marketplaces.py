"""Marketplaces for an hour that are made of seeds, and the key of the test bench."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.api.marketplace import PASSWORD, Api, Server, codes, run_server
from tests.api.uniform.subjects import checked

from entrepot.app import originals
from entrepot.features.people.snapshots import store
from entrepot.kernel.ids import new_id

MARKETPLACES = "/entrepot/v1/marketplaces"
KEY = "the-key-of-the-tests_which-is-long-enough"
NAMED = "Entrepot-Marketplace"
DOCUMENT = """
Objects:
  AdminUsers:
    - {{ID: boss, Username: boss, Password: {password}, FirstName: B, LastName: O, Email: b@example.com, Active: true}}
  SecurityProfiles:
    - {{ID: all, Name: All, Roles: [FullAccess]}}
  Buyers:
    - {{ID: {buyer}, Name: "B", Active: true}}
  ApiClients:
    - {{ID: web, AppName: Web, Active: true, AllowSeller: true, AccessTokenDuration: 60}}
Assignments:
  SecurityProfileAssignments:
    - {{SecurityProfileID: all, UserID: boss}}
"""
ORIGINALS = "SELECT count(*) FROM marketplace_copies WHERE kind = 'Seed' AND marketplace_id = $1"


def document(buyer: str | None = None) -> str:
    """A seed that no other test has."""
    return DOCUMENT.format(password=PASSWORD, buyer=buyer or new_id())


@pytest.fixture(scope="module")
async def keyed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server process with a key and a directory of seeds."""
    directory = tmp_path_factory.mktemp("seeds")
    (directory / "small.yml").write_text(document("of-the-file"))
    (directory / "broken.yaml").write_text("Objects:\n  Buyers:\n    - {ID: b, Name: B, Active: perhaps}\n")
    (directory / "notes.txt").write_text(document())
    settings = replace(server.settings, test_bench_key=KEY, seeds=directory)
    async with run_server(settings, server.database, server.clock) as running:
        yield running


@pytest.fixture
async def bench(keyed: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Calls with the key. What they make is gone afterwards."""
    async with keyed.client(KEY) as http:
        yield http
        for each in (await http.get(f"{MARKETPLACES}?pageSize=100")).json()["Items"]:
            await http.delete(f"{MARKETPLACES}/{each['ID']}")


async def made(http: httpx.AsyncClient, origin: dict[str, str] | None, **more: Any) -> dict[str, Any]:
    body = more if origin is None else {"From": origin, **more}
    answer: dict[str, Any] = (await checked(http.post(MARKETPLACES, json=body), 201)).json()
    return answer


async def buyers(server: Server, token: str) -> list[str]:
    async with server.client(token) as http:
        found = (await checked(http.get("/v1/buyers"), 200)).json()["Items"]
        return [each["ID"] for each in found]


# --- seeds ------------------------------------------------------------------------------------------------------


async def test_a_document_makes_a_marketplace(api: Api) -> None:
    """Its clients are told by what the document calls them, its users log in with its passwords; the second is a copy of the same."""
    seed = {"Document": document("first")}
    answers = [await made(api.seller, seed) for _ in range(2)]
    assert await api.value(ORIGINALS) == 1
    for each in answers:
        assert await buyers(api.server, each["AccessToken"]) == ["first"]
        assert each["Users"] == []
        (client,) = each["Clients"]
        assert (client["AppName"], client["CopyOf"]) == ("Web", "web")
        login = await api.login("boss", client_id=client["ID"], scope="FullAccess")
        assert await buyers(api.server, login.json()["access_token"]) == ["first"]
    first, second = (api.with_token(each["AccessToken"]) for each in answers)
    await checked(first.delete("/v1/buyers/first"), 204)
    assert (await second.get("/v1/buyers/first")).status_code == 200
    me = (await checked(second.get("/v1/me"), 200)).json()
    assert me["Username"] == "boss"


async def test_json_is_a_document_too(api: Api) -> None:
    text = json.dumps({"Objects": {"Buyers": [{"ID": "json", "Name": "J", "Active": True}]}})
    answer = await made(api.seller, {"document": text}, ttl="PT5M")
    assert await buyers(api.server, answer["AccessToken"]) == ["json"]


async def test_a_seed_without_anybody_gets_an_administrator(api: Api) -> None:
    """Else nobody could do anything in it."""
    answer = await made(api.seller, {"Document": f"Objects:\n  Buyers:\n    - {{ID: {new_id()}, Name: B}}\n"})
    http = api.with_token(answer["AccessToken"])
    await checked(http.post("/v1/catalogs", json={"ID": "c", "Name": "C"}), 201)
    assert (await checked(http.get("/v1/me"), 200)).json()["Username"].startswith("test-administrator")


async def test_the_demo_by_name(api: Api) -> None:
    """With passwords that are told, for this marketplace and for the next of it."""
    answers = [await made(api.seller, {"Seed": "demo"}) for _ in range(2)]
    users = {each["Username"]: each["Password"] for each in answers[0]["Users"]}
    assert set(users) == {"admin01", "buyer01", "supplier01"}
    assert answers[0]["Users"] == answers[1]["Users"]
    for each in answers:
        client = {client["CopyOf"]: client["ID"] for client in each["Clients"]}["application"]
        login = await api.login("buyer01", users["buyer01"], client_id=client, scope="Shopper")
        shopper = api.with_token(login.json()["access_token"])
        assert (await checked(shopper.get("/v1/me/products"), 200)).json()["Meta"]["TotalCount"] > 10
        admin = api.with_token(each["AccessToken"])
        assert (await checked(admin.get("/v1/adminUsers"), 200)).json()["Items"][0]["ID"] == "admin01"


async def test_files_of_the_directory_by_name(keyed: Server, bench: httpx.AsyncClient) -> None:
    assert await buyers(keyed, (await made(bench, {"Seed": "small"}))["AccessToken"]) == ["of-the-file"]
    for name in ("notes", "Small", "../small", "small.yml", "nobody's", "demo.yml", "a" * 100):
        refused = await bench.post(MARKETPLACES, json={"From": {"Seed": name}})
        assert (refused.status_code, codes(refused)) == (404, ["NotFound"]), name
    refused = await bench.post(MARKETPLACES, json={"From": {"Seed": "broken"}})
    assert (refused.status_code, codes(refused)) == (400, ["Seed.Refused"])


async def test_what_is_wrong_with_a_seed_is_told_by_line(api: Api) -> None:
    """All of it, as `entrepot seed` tells it; nothing is made."""
    text = "Objects:\n  Buyers:\n    - ID: b\n      Name: 12\n    - {ID: c, Name: C, Active: perhaps}\n  Nonsense:\n    - {}\n"
    refused = await checked(api.seller.post(MARKETPLACES, json={"From": {"Document": text}}), 400)
    errors = refused.json()["Errors"]
    assert {each["ErrorCode"] for each in errors} == {"Seed.Refused"}
    told = [(each["Data"]["Line"], each["Data"]["Path"]) for each in errors]
    assert told == [(5, "Buyers.c.Active"), (6, "Objects.Nonsense")]
    assert errors[0]["Message"].startswith("line 5: Buyers.c.Active: ")
    refused = await checked(api.seller.post(MARKETPLACES, json={"From": {"Document": "Objects: ["}}), 400)
    assert refused.json()["Errors"][0]["Data"]["Line"]
    assert await api.value(ORIGINALS) == 0
    assert (await api.seller.get(MARKETPLACES)).json()["Items"] == []


@pytest.mark.parametrize(
    "origin",
    [{}, {"Seed": "demo", "Document": "Objects:"}, {"SnapshotID": "s", "MarketplaceID": "m"}, {"Seed": ""}],
)
async def test_one_origin_is_named(api: Api, origin: dict[str, str]) -> None:
    refused = await checked(api.seller.post(MARKETPLACES, json={"From": origin}), 400)
    assert codes(refused) == ["Copies.InvalidOrigin"]


async def test_marketplaces_of_ones_own_are_origins(api: Api, other: Api) -> None:
    """Itself, and what was made of it; nobody else's."""
    seeded = await made(api.seller, {"Document": document("seeded")})
    again = await made(api.seller, {"MarketplaceID": seeded["ID"]})
    assert await buyers(api.server, again["AccessToken"]) == ["seeded"]
    itself = await made(api.seller, {"MarketplaceID": api.marketplace})
    assert await buyers(api.server, itself["AccessToken"]) == []
    for foreign in (api.marketplace, seeded["ID"], "entrepot test bench"):
        refused = await other.seller.post(MARKETPLACES, json={"From": {"MarketplaceID": foreign}})
        assert refused.status_code == 404


async def test_originals_are_found_by_nobody(api: Api, other: Api) -> None:
    """Neither by a client nor as a marketplace; another marketplace has one of its own, and there are not too many."""
    seed = {"Document": document()}
    await made(api.seller, seed)
    await made(other.seller, seed)
    assert (await api.value(ORIGINALS), await other.value(ORIGINALS)) == (1, 1)
    hidden = "SELECT copy_id FROM marketplace_copies WHERE kind = 'Seed' AND marketplace_id = $1"
    directory = "SELECT count(*) FROM marketplace_directory WHERE marketplace_id = $1"
    database = api.server.database
    assert await database.fetchval(directory, await api.value(hidden)) == 0
    for number in range(store.MOST[store.SEED] + 1):
        api.server.clock.advance(minutes=1)
        await made(
            api.seller, {"Document": f"Objects:\n  Buyers:\n    - {{ID: n{number}, Name: N}}\n"}, TTL="PT1M"
        )
    assert await api.value(ORIGINALS) == store.MOST[store.SEED]


async def test_an_unused_original_goes(api: Api) -> None:
    seed = {"Document": document("kept")}
    await made(api.seller, seed)
    api.server.clock.advance(days=5)
    await made(api.seller, seed)
    api.server.clock.advance(days=5)
    await store.remove_over(api.server.database, api.server.clock)
    assert await api.value(ORIGINALS) == 1
    api.server.clock.advance(days=3)
    while await store.remove_over(api.server.database, api.server.clock):
        pass
    assert await api.value(ORIGINALS) == 0
    assert await buyers(api.server, (await made(api.seller, seed))["AccessToken"]) == ["kept"]


async def test_one_seed_at_once_is_made_once(api: Api, twin: Server) -> None:
    """Also in two processes."""
    seed = {"Document": document("once")}
    elsewhere = api.with_token(api.token(api.admin, ["FullAccess"]), twin)
    clients = [api.seller, elsewhere] * 3
    answers = await asyncio.gather(*(made(each, seed, TTL="PT5M") for each in clients))
    assert await api.value(ORIGINALS) == 1
    for each in answers:
        assert await buyers(api.server, each["AccessToken"]) == ["once"]


async def test_a_seed_has_its_time(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals, "LONGEST", 0.0)
    refused = await checked(api.seller.post(MARKETPLACES, json={"From": {"Document": document()}}), 400)
    assert codes(refused) == ["Seed.TooLarge"]
    assert await api.value(ORIGINALS) == 0


async def test_not_too_many_seeds_wait(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals, "MOST_WAITING", 0)
    refused = await api.seller.post(MARKETPLACES, json={"From": {"Document": document()}})
    assert (refused.status_code, codes(refused)) == (503, ["Api.Busy"])


async def test_fifty_at_once(api: Api) -> None:
    """Each is one to work in, and no other's."""
    snapshot = (await checked(api.seller.post("/entrepot/v1/snapshots", json={}), 201)).json()["ID"]

    async def use(number: int) -> str:
        answer = await made(api.seller, {"SnapshotID": snapshot}, Name=f"T{number}")
        async with api.server.client(answer["AccessToken"]) as http:
            await checked(
                http.post("/v1/buyers", json={"ID": f"b{number}", "Name": "B", "Active": True}), 201
            )
        assert await buyers(api.server, answer["AccessToken"]) == [f"b{number}"]
        return str(answer["ID"])

    assert len(set(await asyncio.gather(*map(use, range(50))))) == 50
    assert (await api.seller.get("/v1/buyers")).json()["Items"] == []


async def test_many_at_once_are_not_too_many(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that did not see one another when they began."""
    for kind in (store.TEMPORARY, store.SNAPSHOT):
        monkeypatch.setitem(store.MOST, kind, 3)
    for path in (MARKETPLACES, "/entrepot/v1/snapshots"):
        answers = await asyncio.gather(*(api.seller.post(path, json={}) for _ in range(10)))
        made_of = [each.status_code for each in answers]
        assert sorted(made_of) == [201] * 3 + [409] * 7
        assert (await api.seller.get(path)).json()["Meta"]["TotalCount"] == 3


async def test_copies_have_a_limit_of_their_own(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that of other statements."""
    seen = []
    real = store.require_kept

    async def look(call: Any, connection: Any, kind: str) -> None:
        seen.append(await connection.fetchval("SELECT current_setting('statement_timeout')"))
        await real(call, connection, kind)

    monkeypatch.setattr(store, "require_kept", look)
    await made(api.seller, None)
    await checked(api.seller.post("/entrepot/v1/snapshots", json={}), 201)
    assert seen == ["10min", "10min"]


# --- the key ----------------------------------------------------------------------------------------------------


async def test_the_key_opens_the_bench(keyed: Server, bench: httpx.AsyncClient) -> None:
    """It makes marketplaces, sees those that it has made, and ends them."""
    answer = await made(bench, {"Document": document("keyed")}, Name="Mine", TTL="PT10M")
    assert await buyers(keyed, answer["AccessToken"]) == ["keyed"]
    listed = (await checked(bench.get(MARKETPLACES), 200)).json()["Items"]
    assert answer["ID"] in {each["ID"] for each in listed}
    shown = (await checked(bench.get(f"{MARKETPLACES}/{answer['ID']}"), 200)).json()
    assert shown["Name"] == "Mine"
    again = await made(bench, {"MarketplaceID": answer["ID"]})
    assert await buyers(keyed, again["AccessToken"]) == ["keyed"]
    once = {"Idempotency-Key": new_id()}
    repeated = [
        await checked(bench.post(MARKETPLACES, json={"From": {"Seed": "small"}}, headers=once), 201)
        for _ in range(2)
    ]
    assert repeated[0].json() == repeated[1].json()
    await checked(bench.delete(f"{MARKETPLACES}/{answer['ID']}"), 204)
    async with keyed.client(answer["AccessToken"]) as http:
        assert (await http.get("/v1/me")).status_code == 401


async def test_the_key_names_a_marketplace(keyed: Server, bench: httpx.AsyncClient) -> None:
    """One that was made with it, or of such a one: its clock, its faults, its snapshots."""
    answer = await made(bench, {"Document": document("named")})
    there = {NAMED: answer["ID"]}
    await checked(
        bench.put(
            "/entrepot/v1/clock", json={"Mode": "Frozen", "Moment": "2031-02-03T04:05:06Z"}, headers=there
        ),
        200,
    )
    async with keyed.client(answer["AccessToken"]) as http:
        assert (await checked(http.get("/entrepot/v1/clock"), 200)).json()["Now"].startswith("2031-02-03")
    snapshot = (await checked(bench.post("/entrepot/v1/snapshots", headers=there, json={}), 201)).json()["ID"]
    async with keyed.client(answer["AccessToken"]) as http:
        await checked(http.delete("/v1/buyers/named"), 204)
        await checked(bench.post(f"/entrepot/v1/snapshots/{snapshot}/restore", headers=there), 204)
        await checked(http.get("/v1/buyers/named"), 200)
    nested = (await checked(bench.post(MARKETPLACES, json={}, headers=there), 201)).json()
    assert nested["AccessToken"]
    await checked(bench.get("/entrepot/v1/faults", headers={NAMED: nested["ID"]}), 200)


async def test_the_key_opens_nothing_else(keyed: Server, bench: httpx.AsyncClient, api: Api) -> None:
    """Neither another's marketplace nor any operation beyond the bench; what is about a marketplace wants one named."""
    for foreign in (api.marketplace, "entrepot test bench", "nobody's", "%00"):
        refused = await bench.get("/entrepot/v1/clock", headers={NAMED: foreign})
        assert (refused.status_code, codes(refused)) == (404, ["NotFound"]), foreign
    copy = await made(api.seller, None)
    assert (await bench.get(f"{MARKETPLACES}/{copy['ID']}")).status_code == 404
    assert (await bench.delete(f"{MARKETPLACES}/{copy['ID']}")).status_code == 404
    for origin in ({"MarketplaceID": api.marketplace}, {"MarketplaceID": copy["ID"]}):
        refused = await bench.post(MARKETPLACES, json={"From": origin})
        assert refused.status_code == 404
    for path in ("clock", "faults"):
        refused = await bench.get(f"/entrepot/v1/{path}")
        assert (refused.status_code, codes(refused)) == (400, ["TestBench.MarketplaceNeeded"])
    refused = await bench.post(MARKETPLACES, json={})
    assert (refused.status_code, codes(refused)) == (400, ["Copies.InvalidOrigin"])
    for path in ("/v1/me", "/v1/buyers", "/entrepot/v1/requests", "/entrepot/v1/catchers"):
        refused = await bench.get(path)
        assert (refused.status_code, codes(refused)) == (401, ["InvalidToken"]), path


async def test_wrong_keys_are_refused(keyed: Server, api: Api) -> None:
    """And where none is set, or the bench is off, this one as well. Nobody has too many attempts."""
    for wrong in (KEY[:-1], KEY + "x", KEY.upper(), "x" * 40, "ü" * 40, " ", f"{KEY} "):
        async with keyed.client() as http:
            refused = await http.get(MARKETPLACES, headers={b"Authorization": f"Bearer {wrong}".encode()})
            assert refused.status_code == (200 if wrong.strip() == KEY else 401), wrong
    async with api.server.client(KEY) as http:
        assert (await http.get(MARKETPLACES)).status_code == 401
    closed = replace(keyed.settings, test_bench=False)
    async with run_server(closed, keyed.database, keyed.clock) as off, off.client(KEY) as http:
        assert (await http.get(MARKETPLACES)).status_code == 404


async def test_attempts_are_counted(server: Server) -> None:
    settings = replace(server.settings, test_bench_key=KEY, attempts_per_address=3)
    async with (
        run_server(settings, server.database, server.clock) as strict,
        strict.client("x" * 40) as http,
    ):
        statuses = [(await http.get(MARKETPLACES)).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


async def test_the_key_is_in_no_log(keyed: Server, bench: httpx.AsyncClient, capfd: Any) -> None:
    answer = await made(bench, {"Document": document()})
    await bench.get("/entrepot/v1/clock", headers={NAMED: answer["ID"]})
    assert KEY not in repr(keyed.settings)
    out, err = capfd.readouterr()
    assert KEY not in out + err


async def test_what_the_key_makes_ends_with_its_time(keyed: Server, bench: httpx.AsyncClient) -> None:
    answer = await made(bench, {"Document": document()}, TTL="PT1M")
    keyed.clock.advance(minutes=2)
    while await store.remove_over(keyed.database, keyed.clock):
        pass
    assert (await bench.get(f"{MARKETPLACES}/{answer['ID']}")).status_code == 404
    await checked(bench.get(MARKETPLACES), 200)


async def test_the_key_sends_no_batches(keyed: Server, bench: httpx.AsyncClient) -> None:
    """Nor what could be in one: it opens what is made with it and nothing else."""
    there = await made(bench, {"Seed": "small"})
    body = {"Requests": [{"Verb": "GET", "Path": "/v1/buyers"}]}
    for headers in ({}, {NAMED: there["ID"]}):
        refused = await bench.post("/entrepot/v1/batch", json=body, headers=headers)
        assert (refused.status_code, codes(refused)) == (401, ["InvalidToken"])
