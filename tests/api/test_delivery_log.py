"""The log of deliveries: what was sent and answered without what is secret in it, replayed, cancelled; targets that are paused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.api.dispatching import Post, posting
from tests.api.marketplace import Api, Server, codes
from tests.api.receiver import Receiver

from entrepot.domain.deliveries.status import Status
from entrepot.features.people.deliveries.log.access import ADMINISTRATORS
from entrepot.features.people.deliveries.log.models import DeliveryStatus
from entrepot.features.people.deliveries.log.reading import MOST_SHOWN

PATH, TARGETS = "/entrepot/v1/deliveries", "/entrepot/v1/deliverytargets"
SECRETS = ("secret-code-1", "hunter2", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln")


@pytest.fixture
async def post(api: Api) -> AsyncIterator[Post]:
    async with posting(api) as made:
        yield made


async def items(api: Api, path: str, query: str = "", roles: list[str] | None = None) -> list[dict[str, Any]]:
    http = api.seller if roles is None else api.as_(api.admin, roles=roles)
    answer = await http.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["Items"]
    return found


async def ask(api: Api, delivery_id: str, verb: str = "replay") -> tuple[int, list[str]]:
    answer = await api.seller.post(f"{PATH}/{delivery_id}/{verb}")
    return answer.status_code, [] if answer.is_success else codes(answer)


def test_the_wire_knows_every_status() -> None:
    assert [each.value for each in DeliveryStatus] == [each.value for each in Status]


async def test_one_delivery_tells_everything_but_secrets(api: Api, post: Post, receiver: Receiver) -> None:
    answer = {
        "Password": "hunter2",
        "id_token": SECRETS[2],
        "said": "thank you",
        "page": "?code=secret-code-1",
    }
    receiver.answers["/hook"] = (500, answer)
    await post.hook("a", f"{receiver.url}/hook")
    body = {"PasswordRenewalVerificationCode": "secret-code-1", "UserToken": SECRETS[2], "Name": "Ann"}
    await post.tell("order/1", hook="a", confidential=body)
    await post.settle()
    api.server.clock.advance(seconds=6)
    receiver.answers["/hook"] = answer
    await post.settle()
    (listed,) = await items(api, PATH)
    got = await api.seller.get(f"{PATH}/{listed['ID']}")
    found = got.json()
    assert {name: found[name] for name in listed} == listed
    assert (found["Event"], found["Integration"], found["IntegrationID"], found["Target"]) == (
        "TestTold",
        "Webhook",
        "a",
        "Url",
    )
    assert (found["Status"], found["Attempts"], found["DeliveryConfigID"]) == ("Delivered", 2, None)
    assert (found["DateDue"], found["DateEnded"] is not None, found["LogID"] != "") == (None, True, True)
    sent = json.loads(found["Request"]["Body"])
    assert (sent["Name"], sent["UserToken"], found["Request"]["IsCut"]) == ("Ann", "***", False)
    first, second = found["Log"]
    assert (first["HttpStatusCode"], second["HttpStatusCode"]) == (500, 200)
    assert "thank you" in (first["Answer"] or first["Failure"])
    assert "thank you" in second["Answer"]
    assert second["Milliseconds"] >= 0
    assert first["Date"] < second["Date"]
    for secret in SECRETS:
        assert secret not in got.text
        assert secret in receiver.received[0].raw.decode() or secret == "hunter2"


async def test_bodies_are_shown_up_to_a_size(api: Api, post: Post, receiver: Receiver) -> None:
    receiver.answers["/hook"] = {}
    await post.hook("a", f"{receiver.url}/hook")
    await post.tell("order/1", hook="a", Name="x", blanks=MOST_SHOWN)
    await post.settle()
    (listed,) = await items(api, PATH)
    request = (await api.seller.get(f"{PATH}/{listed['ID']}")).json()["Request"]
    assert (request["IsCut"], len(request["Body"])) == (True, MOST_SHOWN)
    assert listed["Size"] > MOST_SHOWN


async def test_lists_filter_as_every_list(api: Api, post: Post, receiver: Receiver) -> None:
    receiver.answers |= {"/a": {}, "/b": (400, {})}
    for hook in ("a", "b"):
        await post.hook(hook, f"{receiver.url}/{hook}")
    for number, hook in enumerate("aab"):
        await post.tell(f"order/{number}", hook=hook)
        await post.settle()
        api.server.clock.advance(seconds=1)
    all_ = [each["ID"] for each in await items(api, PATH)]
    assert len(all_) == 3
    since = (await items(api, PATH))[1]["DateCreated"].replace("+", "%2B")
    for query, wanted in (
        ("Status=Failed", all_[2:]),
        ("Status=failed|Delivered", all_),
        ("Status=!Failed", all_[:2]),
        ("Integration=webhook", all_),
        ("Integration=!Webhook", []),
        ("IntegrationID=A", all_[:2]),
        ("Target=Url&Aggregate=order/0*", all_[:1]),
        (f"DateCreated=>{since}", all_[2:]),
        (f"DateCreated=>={since}", all_[1:]),
        ("DateDue=!*", all_),
        ("Attempts=1&HttpFoo=", None),
        ("sortBy=!DateCreated&pageSize=2", [all_[2], all_[1]]),
        ("sortBy=Status,!DateCreated", [all_[1], all_[0], all_[2]]),
        ("search=ORDER/2&searchOn=Aggregate", all_[2:]),
        (f"ID={all_[0]}|{all_[2]}", [all_[0], all_[2]]),
        ("TargetID=webhook.b.url", all_[2:]),
    ):
        if wanted is None:
            assert codes(await api.seller.get(f"{PATH}?{query}")) == ["List.InvalidProperty"]
            continue
        assert [each["ID"] for each in await items(api, PATH, query)] == wanted, query
    for hidden in ("body=x", "Failure=*x*", "log=x", "Request.Body=x"):
        assert codes(await api.seller.get(f"{PATH}?{hidden}")) == ["List.InvalidProperty"]


async def test_administrators_see_the_deliveries_of_their_integrations(
    api: Api, post: Post, receiver: Receiver, server: Server
) -> None:
    receiver.answers["/hook"] = (400, {})
    await post.hook("a", f"{receiver.url}/hook")
    for number in range(len(ADMINISTRATORS)):
        await post.tell(f"order/{number}", hook="a")
    await post.settle()
    rows = await post.rows('"ID"')
    for row, integration in zip(rows, ADMINISTRATORS, strict=True):
        await api.execute('UPDATE deliveries SET integration = $2 WHERE marketplace_id = $1 AND "ID" = $3', integration, row["ID"])  # fmt: skip
    for integration, role in ADMINISTRATORS.items():
        seen = await items(api, PATH, roles=[role, "Shopper"])
        mine = {name for name, each in ADMINISTRATORS.items() if each == role}
        assert {each["Integration"] for each in seen} == mine, role
        http = api.as_(api.admin, roles=[role])
        for row, of in zip(rows, ADMINISTRATORS, strict=True):
            status = (await http.get(f"{PATH}/{row['ID']}")).status_code
            assert status == (200 if of in mine else 404), (integration, of)
            if of not in mine:
                assert (await http.post(f"{PATH}/{row['ID']}/replay")).status_code == 404
                assert (await http.post(f"{PATH}/{row['ID']}/cancel")).status_code == 404
    assert len(await items(api, PATH)) == len(ADMINISTRATORS)
    pausing = api.as_(api.admin, roles=["MessageSenderAdmin"])
    assert (await pausing.post(f"{TARGETS}/Webhook.a.Url/pause")).status_code == 404
    assert await items(api, TARGETS, roles=["MessageSenderAdmin"]) == []
    assert len(await items(api, TARGETS, roles=["WebhookAdmin"])) == 1
    async with Api.create(server) as other:
        assert await items(other, PATH) == []
        assert (await other.seller.get(f"{PATH}/{rows[0]['ID']}")).status_code == 404
        assert (await ask(other, rows[0]["ID"]))[0] == 404
        assert (await other.seller.post(f"{TARGETS}/Webhook.a.Url/pause")).status_code == 404


async def test_a_dead_letter_is_replayed(api: Api, post: Post, receiver: Receiver) -> None:
    """With its ID and its bytes, and as often as a new one; who did it stands in the log."""
    receiver.answers["/hook"] = (400, {})
    await post.hook("a", f"{receiver.url}/hook")
    await post.tell("order/1", hook="a")
    await post.tell("order/2", hook="a")
    await post.settle()
    dead, other = await post.rows('"ID"')
    assert (await ask(api, dead["ID"], "cancel")) == (400, ["Delivery.Ended"])
    receiver.answers["/hook"] = (500, {})
    assert await ask(api, dead["ID"]) == (204, [])
    assert await ask(api, dead["ID"]) == (400, ["Delivery.NotEnded"])
    for wait in (0, 6, 31, 301):
        api.server.clock.advance(seconds=wait)
        await post.settle()
    assert await post.states() == [("Failed", 5), ("Failed", 1)]
    receiver.answers["/hook"] = {}
    assert await ask(api, dead["ID"]) == (204, [])
    await post.settle()
    assert await post.states() == [("Delivered", 6), ("Failed", 1)]
    found = (await api.seller.get(f"{PATH}/{dead['ID']}")).json()
    assert [each["ReplayedBy"] for each in found["Log"]].count("admin") == 2
    assert found["Failure"] is None
    sent = [each for each in receiver.received if each.headers["x-request-id"] == dead["ID"]]
    assert len(sent) == 6
    assert len({each.raw for each in sent}) == 1
    assert await ask(api, other["ID"]) == (204, [])
    assert await ask(api, dead["ID"]) == (204, []), "also what has arrived once"
    await post.settle()
    assert await post.states() == [("Delivered", 7), ("Delivered", 2)]


async def test_what_is_given_up_lets_the_next_one_go(api: Api, post: Post, receiver: Receiver) -> None:
    receiver.answers["/hook"] = (500, {})
    await post.hook("a", f"{receiver.url}/hook")
    for number in range(3):
        await post.tell("order/1", hook="a", number=number)
    await post.settle()
    first, second, _ = await post.rows('"ID"')
    assert await ask(api, second["ID"], "cancel") == (204, []), "one that waits for another"
    receiver.answers["/hook"] = {}
    assert await ask(api, first["ID"], "cancel") == (204, [])
    await post.settle()
    assert await post.states() == [("Cancelled", 1), ("Cancelled", 0), ("Delivered", 1)]
    assert [each.body["number"] for each in receiver.received] == [0, 2]
    log = (await api.seller.get(f"{PATH}/{first['ID']}")).json()["Log"]
    assert (log[-1]["CancelledBy"], log[-1]["HttpStatusCode"]) == ("admin", None)
    assert await ask(api, first["ID"]) == (204, []), "and can be replayed"
    await post.settle()
    assert (await post.states())[0] == ("Delivered", 2)


async def test_an_event_that_could_not_be_expanded_is_told_again(
    api: Api, post: Post, receiver: Receiver
) -> None:
    """ADR 0024: its facts are kept and shown, what was confidential is kept and not shown."""
    await post.tell("order/1", raises="gone", hook="a", confidential={"code": "secret-code-1"})
    await post.settle()
    (failed,) = await items(api, PATH)
    assert (failed["Status"], failed["Target"], failed["TargetID"]) == ("Failed", "", "")
    got = await api.seller.get(f"{PATH}/{failed['ID']}")
    assert json.loads(got.json()["Request"]["Body"])["raises"] == "gone"
    assert "gone" in got.json()["Failure"]
    assert "secret-code-1" not in got.text
    receiver.answers["/hook"] = {}
    await post.hook("a", f"{receiver.url}/hook")
    await api.execute("""UPDATE deliveries SET facts = '{"hook": "a"}' WHERE marketplace_id = $1""")
    assert await ask(api, failed["ID"]) == (204, [])
    await post.settle()
    assert await post.states() == [("Delivered", 1)]
    assert receiver.received[0].body["code"] == "secret-code-1"
    assert (await api.seller.get(f"{PATH}/{failed['ID']}")).status_code == 404
    await api.execute("UPDATE deliveries SET body = NULL WHERE marketplace_id = $1")
    (gone,) = await items(api, PATH)
    assert await ask(api, gone["ID"]) == (400, ["Delivery.NothingToReplay"])


async def test_a_target_is_paused_and_resumed(api: Api, post: Post, receiver: Receiver) -> None:
    """Targets are there as soon as they are configured. A paused one keeps its deliveries waiting, without attempts; others go on."""
    receiver.answers |= {"/a": {}, "/b": {}}
    for hook in ("Alpha", "b"):
        await post.hook(hook, f"{receiver.url}/{hook[0].lower()}")
    config = {
        "Name": "C",
        "Enabled": True,
        "DeliveryTargets": {"Http": {"Endpoint": "https://x.example", "Secret": "s"}},
    }
    assert (await api.seller.put("/v1/integrations/deliveryconfig/c", json=config)).is_success
    found = await items(api, TARGETS)
    assert [each["ID"] for each in found] == ["DeliveryConfig.c.Http", "Webhook.Alpha.Url", "Webhook.b.Url"]
    assert found[1] == {
        "ID": "Webhook.Alpha.Url",
        "Integration": "Webhook",
        "IntegrationID": "Alpha",
        "Target": "Url",
        "Paused": False,
        "DatePaused": None,
        "Failures": 0,
        "DateOpen": None,
        "Waiting": 0,
        "Failed": 0,
    }
    assert (await api.seller.post(f"{TARGETS}/webhook.alpha.url/pause")).status_code == 204
    assert (await api.seller.post(f"{TARGETS}/Webhook.Alpha.Url/pause")).status_code == 204
    for hook in ("Alpha", "b"):
        await post.tell("order/1", hook=hook)
    await post.settle()
    assert receiver.paths() == ["/b"]
    (paused,) = await items(api, TARGETS, "Paused=true")
    assert (paused["ID"], paused["Waiting"]) == ("Webhook.Alpha.Url", 1)
    assert paused["DatePaused"] is not None
    assert [each["ID"] for each in await items(api, TARGETS, "Waiting=>0")] == ["Webhook.Alpha.Url"]
    assert (await api.seller.post(f"{TARGETS}/Webhook.Alpha.Url/resume")).status_code == 204
    await post.settle()
    assert receiver.paths() == ["/b", "/a"]
    assert await items(api, TARGETS, "Paused=true") == []
    for wrong in (
        "Webhook.nope.Url",
        "Webhook.Alpha",
        "Webhook",
        "Webhook.Alpha.Url.x",
        "nope",
        "Webhook%2FAlpha%2FUrl",
    ):
        for verb in ("pause", "resume"):
            assert (await api.seller.post(f"{TARGETS}/{wrong}/{verb}")).status_code == 404, wrong


async def test_a_circuit_that_is_open_is_shown(api: Api, post: Post, receiver: Receiver) -> None:
    receiver.answers["/hook"] = (503, {})
    await post.hook("a", f"{receiver.url}/hook")
    for number in range(6):
        await post.tell(f"order/{number}", hook="a")
    await post.settle()
    (target,) = await items(api, TARGETS)
    assert target["Failures"] >= 5
    assert target["DateOpen"] is not None
    assert target["Waiting"] == 6
    api.server.clock.advance(minutes=10)
    assert (await items(api, TARGETS))[0]["DateOpen"] is None


async def test_what_a_log_costs(api: Api, post: Post, receiver: Receiver) -> None:
    """A page is one statement under an index, whatever it is read by; an empty one two."""
    ago = api.server.clock() - timedelta(days=1)
    await api.execute(
        """
INSERT INTO deliveries (marketplace_id, "ID", kind, integration, integration_id, target, endpoint, lane, aggregate, status,
    log, request_id, told_at, created_at, ended_at)
SELECT $1, 'd' || n, 'Webhook', 'Webhook', 'h' || n % 50, 'Url', 'Webhook/h/Url', '', 'order/' || n, 'Delivered',
    '[]', '', $2::timestamptz, $2::timestamptz + n * interval '1 second', $2::timestamptz
FROM generate_series(1, 2000) n
""",
        ago,
    )
    async with api.server.database.acquire() as connection:
        await connection.execute("ANALYZE deliveries")
        for condition, index in (
            ("", "ix_deliveries_log "),
            ("AND status = ANY('{Failed}')", "ix_deliveries_log_status"),
            ("AND integration_id = 'h7'::citext", "ix_deliveries_log_integration"),
            ("AND lower(aggregate) = lower('ORDER/7')", "ix_deliveries_log_aggregate"),
        ):
            async with connection.transaction():
                await connection.execute("SET LOCAL enable_seqscan = off")
                plan = await connection.fetch(
                    f"""EXPLAIN SELECT "ID" FROM deliveries WHERE marketplace_id = {api.marketplace_id} {condition}
                    ORDER BY created_at, lower("ID") LIMIT 20"""
                )
            assert any(index in f"{row[0]} " for row in plan), [row[0] for row in plan]
