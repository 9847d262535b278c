"""The mailbox: messages to people that nothing sends, for whoever develops an application."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.api.dispatching import opened, own_call
from tests.api.marketplace import Api, Server, codes

from entrepot.domain.messages.types import MessageType
from entrepot.engine.wire.json import encode
from entrepot.features.people.deliveries.targets.mail import MAILBOX
from entrepot.features.people.deliveries.targets.table import TARGETS
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.mail import mailbox
from entrepot.features.people.oauth.cleanup import BATCH, Retention

PATH = "/entrepot/v1/mailbox"
EVENT = {
    "Username": "ann",
    "PasswordRenewalUrl": "http://localhost:3000/reset?c={code}",
    "PasswordRenewalVerificationCode": "secret-code-1",
    "PasswordRenewalAccessToken": "eyJhbGciOi.x.y",
}


def message(**changes: Any) -> dict[str, Any]:
    recipient = {"ID": "ann", "Username": "ann@shop", "FirstName": "Ann", "Email": "ann@example.com"}
    return {"MessageType": "ForgottenPassword", "Recipient": recipient, "CCList": ["cc@example.com"], "EventBody": EVENT, **changes}  # fmt: skip


async def put(api: Api, *ids: str, **changes: Any) -> None:
    """Deliver messages to the mailbox, as the dispatcher does."""
    async with opened(api) as backend:
        call = await own_call(api, backend)
        target = TARGETS[MAILBOX]()
        for delivery_id in ids:
            sending = Sending(
                call=call,
                marketplace_id=api.marketplace_id,
                marketplace=api.marketplace,
                delivery_id=delivery_id,
                integration="Mail",
                integration_id="",
                config={},
                type=None,
                aggregate="user/1",
                body=encode(message(**changes)),
                attempt=1,
            )
            assert (await target.deliver(sending)).succeeded


async def test_a_message_is_shown_with_what_it_says(api: Api) -> None:
    """Codes and links too; what it says is sealed where it is kept. The same delivery stands there once."""
    await put(api, "d1", "d1", "d2")
    listed = (await api.seller.get(PATH)).json()
    assert [each["ID"] for each in listed["Items"]] == ["d1", "d2"]
    assert listed["Items"][0] | {"DateCreated": None} == {
        "ID": "d1",
        "MessageType": "ForgottenPassword",
        "Recipient": "ann@example.com",
        "Username": "ann@shop",
        "Subject": "Your new password",
        "DateCreated": None,
    }
    one = await api.seller.get(f"{PATH}/D1")
    assert one.status_code == 200
    found = one.json()
    assert {name: found[name] for name in listed["Items"][0]} == listed["Items"][0]
    assert found["EventBody"] == EVENT
    assert found["CCList"] == ["cc@example.com"]
    assert "secret-code-1" in found["Text"]
    assert 'href="http://localhost:3000/reset?c=secret-code-1"' in found["Html"]
    stored = await api.value(
        "SELECT string_agg(to_jsonb(m)::text, '') FROM mailbox m WHERE marketplace_id = $1"
    )
    assert "secret-code" not in stored
    assert b"secret-code" not in await api.value(
        "SELECT content FROM mailbox WHERE marketplace_id = $1 AND \"ID\" = 'd1'"
    )


async def test_every_type_of_message_can_be_kept(api: Api) -> None:
    """MS-3; also one whose template fails, or that is none at all."""
    for message_type in (*MessageType, "Unknown"):
        await put(api, message_type, MessageType=message_type, Recipient=None, EventBody=None)
    found = (await api.seller.get(PATH, params={"pageSize": 100})).json()
    assert found["Meta"]["TotalCount"] == len(MessageType) + 1
    odd = (await api.seller.get(f"{PATH}/Unknown")).json()
    assert "no wording" in odd["Text"]


async def test_lists_and_deletes_as_everything_else(api: Api) -> None:
    await put(api, "a", "b")
    await put(
        api, "c", MessageType="ForgottenUsername", Recipient={"Email": "bob@example.com", "Username": "bob"}
    )
    for query, ids in (
        ("MessageType=forgottenusername", ["c"]),
        ("Recipient=bob*", ["c"]),
        ("ID=a|c&sortBy=!ID", ["c", "a"]),
        ("search=USERNAME", ["c"]),
        ("search=ann&searchOn=Recipient", ["a", "b"]),
        ("sortBy=!DateCreated&pageSize=1", ["c"]),
        ("DateCreated=>2020-01-01", ["a", "b", "c"]),
        ("DateCreated=<2020-01-01", []),
    ):
        answer = await api.seller.get(f"{PATH}?{query}")
        assert [each["ID"] for each in answer.json()["Items"]] == ids, query
    assert codes(await api.seller.get(f"{PATH}?content=x")) == ["List.InvalidProperty"]
    assert (await api.seller.delete(f"{PATH}/a")).status_code == 204
    missing = await api.seller.delete(f"{PATH}/a")
    assert (missing.status_code, missing.json()["Errors"][0]["Data"]) == (
        404,
        {"ObjectType": "MailboxMessage", "ObjectID": "a"},
    )
    assert (await api.seller.get(f"{PATH}/a")).status_code == 404


async def test_only_full_access_of_the_seller_and_of_this_marketplace_reads_it(
    api: Api, server: Server
) -> None:
    await put(api, "mine")
    shopper = await api.user(buyer=await api.buyer())
    for verb, path in (("GET", PATH), ("GET", f"{PATH}/mine"), ("DELETE", f"{PATH}/mine")):
        refused = await api.as_(api.admin, roles=["MessageSenderAdmin", "Shopper"]).request(verb, path)
        assert codes(refused) == ["Auth.InsufficientRoles"]
        assert codes(await api.as_(shopper, roles=["FullAccess"]).request(verb, path)) == [
            "Auth.UserNotAuthorizedToAdmin"
        ]
    async with Api.create(server) as other:
        assert (await other.seller.get(PATH)).json()["Items"] == []
        assert (await other.seller.get(f"{PATH}/mine")).status_code == 404
        assert (await other.seller.delete(f"{PATH}/mine")).status_code == 404
    assert (await api.seller.get(f"{PATH}/mine")).status_code == 200


async def test_it_is_bounded_by_number_and_by_days(api: Api) -> None:
    async with opened(api) as backend:
        kept = replace(backend.services.mailbox, most=3)
        for number in range(5):
            await kept.keep(
                backend.pool,
                backend.services.box,
                api.marketplace_id,
                api.marketplace,
                message(),
                delivery_id=f"m{number}",
                now=api.server.clock() + timedelta(seconds=number),
            )
    ids = [each["ID"] for each in (await api.seller.get(PATH)).json()["Items"]]
    assert ids == ["m2", "m3", "m4"]
    for days, retention, left in (
        (13, Retention(), 3),
        (15, Retention(mailbox=timedelta()), 3),
        (15, Retention(), 0),
    ):
        later = api.server.clock() + timedelta(days=days)
        for statement, argument in retention.rules(later, later):
            await api.execute(statement, BATCH, argument)
        assert (await api.seller.get(PATH)).json()["Meta"]["TotalCount"] == left


async def test_large_messages_leave_their_event_body_out(api: Api) -> None:
    await put(api, "large", EventBody={**EVENT, "x": "y" * (mailbox.MOST_EVENT_BODY + 1)})
    found = (await api.seller.get(f"{PATH}/large")).json()
    assert found["EventBody"] is None
    assert "secret-code-1" in found["Text"]
