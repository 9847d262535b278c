"""Mail of our own through the dispatcher: the same retries as everything else, and the same log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.api.dispatching import Post, opened
from tests.api.marketplace import Api
from tests.features_unit.post_office import Postbox, part, postbox
from tests.features_unit.test_mail import message

from entrepot.app.mail import mail_of
from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode
from entrepot.features.people.deliveries.dispatching import Dispatcher
from entrepot.features.people.deliveries.events import Event, EventKind, Outbound
from entrepot.features.people.deliveries.targets.mail import MAIL
from entrepot.worker.dispatcher import outgoing_of_deliveries

PATH = "/entrepot/v1/deliveries"


async def _expand(call: Call, event: Event) -> Sequence[Outbound]:
    """A mail that the facts name."""
    body = encode(message("ForgottenPassword", Recipient={"FirstName": "Ann", "Email": event.facts["to"]}))
    return [
        Outbound(
            integration=MAIL, target=MAIL, body=body, type="ForgottenPassword", aggregate=event.aggregate
        )
    ]


@asynccontextmanager
async def mailing(api: Api) -> AsyncIterator[tuple[Post, Postbox]]:
    """A process that sends mail to a real server."""
    async with postbox() as box, opened(api) as backend:
        settings = replace(
            api.server.settings,
            smtp_url=f"smtp://127.0.0.1:{box.port}",
            mail_from="My Shop <shop@example.com>",
            mail_links="shop.example",
        )
        mail = mail_of(settings)
        assert mail is not None
        kind = EventKind(name="TestTold", expand=_expand)
        services = replace(backend.services, mail=mail, events={kind.name: kind})
        backend = replace(backend, services=services)
        dispatcher = Dispatcher(backend, outgoing_of_deliveries(private=True))
        try:
            yield Post(api, backend, dispatcher), box
        finally:
            dispatcher.stop()
            await dispatcher.run()
            await mail.office.close()


async def test_wh_11_mail_is_tried_again_and_its_log_is_kept(api: Api) -> None:
    """MS-3: a 4xx passes, a 5xx lasts. Codes are in the mail, and not in the log."""
    async with mailing(api) as (post, box):
        box.to_recipient += ["450 Come back later", "250 OK"]
        await post.tell("user/1", to="ann@example.com")
        await post.settle()
        assert await post.states() == [("Retrying", 1)]
        api.server.clock.advance(seconds=6)
        await post.settle()
        assert await post.states() == [("Delivered", 2)]
        box.to_recipient.append("550 Nobody here")
        await post.tell("user/2", to="bob@example.com")
        await post.tell("user/3", to="no address")
        await post.settle()
        assert await post.states() == [("Delivered", 2), ("Failed", 1), ("Failed", 1)]
        sent, refused, impossible = [
            (await api.seller.get(f"{PATH}/{row['ID']}")).json() for row in await post.rows()
        ]
    (mail,) = box.mails
    assert mail["Message-ID"] == f"<{sent['ID']}@example.com>"
    assert "code/1" in part(mail, "plain")
    assert 'href="https://shop.example/reset?c=code%2F1&amp;u=ann"' in part(mail, "html")
    assert "code/1" not in str(sent)
    assert [(each["Failure"] or each["Answer"]) for each in sent["Log"]] == ["450 Come back later", "Taken"]
    assert (sent["Integration"], sent["TargetID"], sent["Type"]) == (
        "Mail",
        "Mail..Mail",
        "ForgottenPassword",
    )
    assert refused["Failure"] == "550 Nobody here"
    assert "no mail address" in impossible["Failure"]
    target = (await api.seller.get("/entrepot/v1/deliverytargets")).json()["Items"]
    assert [(each["ID"], each["IntegrationID"], each["Failures"]) for each in target] == [
        ("Mail..Mail", None, 0)
    ]
