"""Mail of our own: what it says, and that it arrives at a real SMTP server, whatever that answers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.certificates import certificate
from tests.features_unit.post_office import logging_in, part, postbox

from entrepot.domain.mail.headers import sender_address
from entrepot.domain.mail.server import mail_server
from entrepot.domain.messages.types import MessageType
from entrepot.features.people.mail.letters import Letter, Rendered, RenderingError
from entrepot.features.people.mail.mail import Mail
from entrepot.features.people.mail.posting import PostOffice
from entrepot.features.people.mail.rendering import Renderer
from entrepot.features.people.mail.templates import OWN, Scope
from entrepot.features.people.mail.writing import MOST_ITEMS, MOST_OUTPUT
from entrepot.features.people.portal.messages import PortalMessage

EVIL = '<script>alert("x")</script>'
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "mail.md"
NOW = datetime(2026, 3, 5, tzinfo=UTC)
ORDER = {
    "ID": "o-1",
    "DateSubmitted": "2026-03-05T10:15:30.12+00:00",
    "Currency": "EUR",
    "Subtotal": Decimal("1234.5"),
    "PromotionDiscount": Decimal("4.5"),
    "ShippingCost": 10,
    "TaxCost": 0,
    "Total": 1240,
    "FromUser": {"FirstName": "Ann", "LastName": "Onymous"},
}
LINES = [
    {
        "ID": "l1",
        "ProductID": "p1",
        "Quantity": 3,
        "LineTotal": Decimal("1234.5"),
        "Product": {"Name": "Tent"},
    },
    {"ID": "l2", "ProductID": "p2", "Quantity": 1, "LineTotal": 0, "Product": {"Name": EVIL}},
]
EVENT: dict[str, Any] = {
    "Username": "ann",
    "PasswordRenewalUrl": "https://shop.example/reset?c={code}&u={username}",
    "PasswordRenewalVerificationCode": "code/1",
    "OneTimePassword": "ABCD234",
    "Order": ORDER,
    "Approvals": [{"Status": "Declined", "Comments": f"Too dear {EVIL}"}],
    "LineItems": LINES,
    "Products": [],
    "Shipment": {
        "ID": "s-1",
        "Shipper": "Post",
        "TrackingNumber": "T1",
        "DateShipped": "2026-03-06T00:00:00+00:00",
    },
    "ShipmentItems": [{"LineItemID": "l1", "QuantityShipped": 2, "Product": {"Name": "Tent"}}],
    "OrderReturn": {"ID": "r-1", "RefundAmount": 5, "ItemsToReturn": [{"LineItemID": "l1", "Quantity": 1}]},
    "Subscription": {"ID": "sub-1", "NextOrderDate": "2026-04-01T00:00:00+00:00"},
    "UnavailableProductIDs": ["p9"],
    "ProductCollection": {"ID": "c-1", "Name": "Camping"},
    "UserID": "bob",
}


def message(message_type: str = "OrderSubmitted", **changes: Any) -> dict[str, Any]:
    """A message as senders get it (MS-5)."""
    recipient = {"FirstName": "Ann", "LastName": "O'Nymous, Jr.", "Email": "ann@example.com", "Locale": None}
    return {"MessageType": message_type, "Recipient": recipient, "CCList": [], "EventBody": EVENT, **changes}


def render(
    body: Mapping[str, Any], folder: Path | None = None, hosts: frozenset[str] | None = None
) -> Rendered:
    letter = Letter(message_type=body["MessageType"], marketplace="mkt", shop="My Shop", body=body)
    return Renderer(folder, hosts).render(letter)


# --- what it says ------------------------------------------------------------------------------------------------


SAID = {
    "ForgottenUsername": ["ann"],
    "ForgottenPassword": ["ann", "code/1", "https://shop.example/reset?c=code%2F1&u=ann"],
    "NewUserInvitation": ["ann", "code/1"],
    "OneTimePassword": ["ABCD234"],
    "ShipmentCreated": ["o-1", "s-1", "Post", "T1", "2026-03-06", "Tent"],
    "SubscriptionReminder": ["sub-1", "2026-04-01", "Tent", "p9"],
    "ProductCollectionInvitationAccepted": ["Camping", "bob"],
    "ProductCollectionInvitationDeclined": ["Camping", "bob"],
}
OF_ORDERS = [
    "o-1",
    "Tent",
    "1,234.50 EUR",
    "-4.50 EUR",
    "10.00 EUR",
    "1,240.00 EUR",
    "2026-03-05",
    "Too dear",
]
OF_RETURNS = ["o-1", "r-1", "5.00 EUR", "Tent"]


@pytest.mark.parametrize("message_type", MessageType)
def test_every_type_of_message_has_a_mail_ms_3(message_type: MessageType) -> None:
    """Text and HTML say the same; what people have written is text in both."""
    rendered = render(message(message_type))
    others = OF_RETURNS if message_type.startswith("OrderReturn") else OF_ORDERS
    assert rendered.subject
    for form in (rendered.text, rendered.html):
        for said in SAID.get(message_type, others):
            assert said.replace("&", "&amp;" if form is rendered.html else "&") in form, said
        assert "Ann" in form
        assert "None" not in form
        assert "{{" not in form
    assert "<script>" not in rendered.html
    assert '<html lang="en">' in rendered.html
    assert "<title>" + rendered.subject in rendered.html
    assert "<p" not in rendered.text
    assert "\n\n\n" not in rendered.text


@pytest.mark.parametrize("message_type", MessageType)
@pytest.mark.parametrize(
    "event", [None, {}, {"Order": None, "LineItems": None}, {"Order": "x", "LineItems": 5}, []]
)
def test_nothing_need_be_there(message_type: MessageType, event: Any) -> None:
    body = message(message_type, Recipient=None, EventBody=event)
    assert render(body).subject


def test_wording_and_types_are_the_same() -> None:
    tables = Scope((OWN,)).wording()
    assert tables.keys() - {"words"} == {*MessageType, *PortalMessage}
    assert all(set(tables[name]) == {"template", "subject", "heading", "lead"} for name in MessageType)


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/?c={code}", "javascript:alert(1)", "https://shop.example@evil.example/", "//shop.example/",
     "https://shop.example\\@evil.example", "data:text/html,x", "https://[::1", "", "http://evil.example#shop.example"],
)  # fmt: skip
def test_links_lead_where_the_settings_say(url: str) -> None:
    """Whoever asks for a new password chooses the address in the mail: a code must not go to a host of theirs."""
    event = {**EVENT, "PasswordRenewalUrl": url}
    rendered = render(message("ForgottenPassword", EventBody=event), hosts=frozenset({"shop.example"}))
    assert "code/1" in rendered.text
    assert "href" not in rendered.html
    assert "evil" not in rendered.html + rendered.text
    allowed = render(message("ForgottenPassword"), hosts=frozenset({"shop.example"}))
    assert 'href="https://shop.example/reset?c=code%2F1&amp;u=ann"' in allowed.html


def test_templates_of_a_directory_go_first_per_marketplace_and_locale(tmp_path: Path) -> None:
    def write(place: str, text: str) -> None:
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def of(locale: Any, marketplace: str = "mkt") -> Rendered:
        recipient = {"FirstName": "Ann", "Email": "a@example.com", "Locale": locale}
        letter = Letter(
            message_type="OrderSubmitted",
            marketplace=marketplace,
            shop="S",
            body=message(Recipient=recipient),
        )
        return Renderer(tmp_path).render(letter)

    write(
        "de/wording.toml",
        '[words]\nhello = "Guten Tag"\n[OrderSubmitted]\nsubject = "Bestellung {{ Order.ID }}"',
    )
    german = of({"Language": "de-AT"})
    assert german.subject == "Bestellung o-1"
    assert "Guten Tag Ann" in german.text
    assert '<html lang="de-AT">' in german.html
    assert "Thank you" in german.html  # what is not translated stays
    assert of(None).subject == "Your order o-1"
    write("mkt/OrderSubmitted.html", "<b>{{ Order.ID }} {{ LineItems[1].Product.Name }}</b>")
    own = of(None)
    assert own.html == "<b>o-1 &lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;</b>"
    assert own.text == of(None, "another").text
    assert of(None, "another").html != own.html
    write("mkt/de/layout.html", "only {{ language }}")
    write("mkt/OrderSubmitted.html", '{% extends "layout.html" %}')
    assert of({"Language": "de"}).html == "only de"
    for odd in ({"Language": "../../mkt"}, {"Language": "/etc"}, {"Language": 5}, "de"):
        assert of(odd, "../mkt").subject == "Your order o-1"


def test_the_guide_says_it_in_german(tmp_path: Path) -> None:
    """docs/guide/mail.md, as it stands."""
    (block,) = re.findall(
        r"^```toml\n# (\S+)\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    place = tmp_path / block[0]
    place.parent.mkdir()
    place.write_text(block[1], "utf-8")
    body = message(Recipient={"FirstName": "Ann", "Email": "a@example.com", "Locale": {"Language": "de-DE"}})
    said = render(body, tmp_path)
    assert said.subject == "Ihre Bestellung o-1"
    assert "Guten Tag Ann,\n\nWir haben sie erhalten.\n" in said.text
    assert "Danke für Ihre Bestellung</h1>" in said.html


@pytest.mark.parametrize(
    "template",
    ["{% for a in range(999) %}{% for b in range(999) %}{{ 'x' * 1 }}{% endfor %}{% endfor %}", "{{ 'x' * 10**9 }}",
     "{{ range(10**9) }}", "{{ 2 ** 10**9 }}", "{{ '%1000000000d' % 1 }}", "{% if %}",
     "{% include 'nothing.html' %}", "{% for a in range(999) %}{{ Order }}{{ Order }}{{ Order }}{% endfor %}", "{{ Recipient.update({'Email': 'x'}) }}"],
)  # fmt: skip
def test_rendering_is_bounded(tmp_path: Path, template: str) -> None:
    (tmp_path / "OrderSubmitted.html").write_text(template)
    with pytest.raises(RenderingError):
        render(message(), tmp_path)


def test_templates_reach_nothing_but_what_they_are_given(tmp_path: Path) -> None:
    (tmp_path / "OrderSubmitted.html").write_text(
        "[{{ ''.__class__.__mro__ }}{{ self.__init__.__globals__ }}{{ range.__self__ }}{{ product_of.__globals__ }}]"
    )
    assert render(message(), tmp_path).html == "[]"


def test_large_messages_stay_readable() -> None:
    """10,000 lines, and a text of a megabyte."""
    product = {"Name": "x" * 1_000_000}
    lines = [{"ID": str(n), "Quantity": n, "LineTotal": 1, "Product": product} for n in range(10_000)]
    rendered = render(message(EventBody={"Order": ORDER, "LineItems": lines[:50]}))
    assert len(rendered.html) < MOST_OUTPUT
    short = [{**line, "Product": {"Name": "Tent"}} for line in lines]
    rendered = render(message(EventBody={"Order": ORDER, "LineItems": short}))
    assert rendered.text.count("Tent") == MOST_ITEMS
    assert "+ 9800 more" in rendered.text


# --- that it arrives ---------------------------------------------------------------------------------------------


def mail_to(url: str, authorities: Path | None = None) -> Mail:
    office = PostOffice(mail_server(url), authorities)
    return Mail(sender_address("My Shop <shop@example.com>"), Renderer(), office)


async def test_a_mail_arrives_with_text_and_html() -> None:
    async with postbox() as box:
        mail = mail_to(f"smtp://127.0.0.1:{box.port}")
        posted = await mail.send("mkt", message(CCList=["cc@example.com", "no address", "ann@example.com"]), delivery_id="d-1", date=NOW)  # fmt: skip
        again = await mail.send("mkt", message(), delivery_id="d-2", date=NOW)
        await mail.office.close()
    assert (posted.taken, posted.code, again.taken) == (True, 250, True)
    arrived = box.mails[0]
    assert (arrived["From"], arrived["To"], arrived["Cc"]) == (
        "My Shop <shop@example.com>",
        '"Ann O\'Nymous, Jr." <ann@example.com>',
        "cc@example.com",
    )
    assert (box.senders[0], box.recipients[0]) == ("shop@example.com", ["ann@example.com", "cc@example.com"])
    assert (arrived["Subject"], arrived["Message-ID"]) == ("Your order o-1", "<d-1@example.com>")
    assert (arrived["Auto-Submitted"], arrived["Date"]) == (
        "auto-generated",
        "Thu, 05 Mar 2026 00:00:00 +0000",
    )
    assert "1,234.50 EUR" in part(arrived, "plain")
    assert "1,234.50 EUR" in part(arrived, "html")
    assert box.connections == 1, "the second one went over the same connection"


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: evil@example.com\r\n\r\nbody", "x\nBcc: evil@example.com", "x\u2028\x0b\x00y"]
)
async def test_nobody_writes_into_the_head(evil: str) -> None:
    event = {**EVENT, "Order": {**ORDER, "ID": evil}}
    recipient = {"FirstName": evil, "LastName": evil, "Email": "ann@example.com"}
    async with postbox() as box:
        mail = mail_to(f"smtp://127.0.0.1:{box.port}")
        posted = await mail.send("mkt", message(EventBody=event, Recipient=recipient, CCList=[evil]), delivery_id="d", date=NOW)  # fmt: skip
        bad = {**recipient, "Email": f"ann@example.com{evil}"}
        refused = await mail.send("mkt", message(Recipient=bad), delivery_id="d", date=NOW)
        await mail.office.close()
    assert posted.taken
    assert (box.recipients, len(box.mails)) == ([["ann@example.com"]], 1)
    assert box.mails[0]["Bcc"] is None
    assert "\n" not in box.mails[0]["Subject"]
    assert (refused.taken, refused.lasting) == (False, True)


@pytest.mark.parametrize("encrypted", ["smtps", "smtp"])
async def test_tls_and_login(tmp_path: Path, encrypted: str) -> None:
    """From the first byte, or by STARTTLS; the password goes over no open line."""
    context, authority = certificate(tmp_path)
    login = logging_in("user@x", "p:w/d")
    kind: dict[str, Any] = (
        {"tls": context, "auth_require_tls": False}
        if encrypted == "smtps"
        else {"tls_context": context, "require_starttls": True}
    )
    async with postbox(**kind, **login) as box:
        right = mail_to(f"{encrypted}://user%40x:p%3Aw%2Fd@127.0.0.1:{box.port}", authority)
        assert (await right.send("mkt", message(), delivery_id="d", date=NOW)).taken
        wrong = mail_to(f"{encrypted}://user%40x:nope@127.0.0.1:{box.port}", authority)
        refused = await wrong.send("mkt", message(), delivery_id="d", date=NOW)
        stranger = mail_to(f"{encrypted}://user%40x:p%3Aw%2Fd@127.0.0.1:{box.port}")
        unverified = await stranger.send("mkt", message(), delivery_id="d", date=NOW)
        for each in (right, wrong, stranger):
            await each.office.close()
    assert (refused.code, refused.lasting) == (535, True)
    assert (unverified.code, unverified.lasting) == (None, False)
    assert box.logins == ["user@x"]
    if encrypted == "smtp":
        assert box.secured == [True]


async def test_no_password_over_an_open_line() -> None:
    """To another host than this one STARTTLS must be there; `127.0.0.2` counts as another."""
    async with postbox(**logging_in("u", "p"), auth_require_tls=False) as box:
        server = await asyncio.get_running_loop().create_server(_Never, "127.0.0.2", 0)
        assert box.port
        mail = mail_to(f"smtp://u:p@127.0.0.2:{server.sockets[0].getsockname()[1]}")
        posted = await mail.send("mkt", message(), delivery_id="d", date=NOW)
        server.close()
    assert not posted.taken
    assert not any(b"AUTH" in heard for heard in _Never.heard)


class _Never(asyncio.Protocol):
    """A server without STARTTLS."""

    heard: ClassVar[list[bytes]] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(b"220 hello\r\n")

    def data_received(self, data: bytes) -> None:
        self.heard.append(data)
        self.transport.write(
            b"250-hello\r\n250 AUTH PLAIN LOGIN\r\n" if data.startswith(b"EHLO") else b"250 ok\r\n"
        )


@pytest.mark.parametrize(
    ("answers", "lasting", "code"),
    [
        ({"to_recipient": ["450 Later"]}, False, 450),
        ({"to_recipient": ["550 Nobody here"]}, True, 550),
        ({"to_content": ["451 Later"]}, False, 451),
        ({"to_content": ["554 Spam"]}, True, 554),
    ],
)
async def test_4xx_passes_and_5xx_lasts(answers: dict[str, list[str]], lasting: bool, code: int) -> None:
    async with postbox() as box:
        for name, said in answers.items():
            getattr(box, name).extend(said)
        mail = mail_to(f"smtp://127.0.0.1:{box.port}")
        refused = await mail.send("mkt", message(), delivery_id="d", date=NOW)
        taken = await mail.send("mkt", message(), delivery_id="d", date=NOW)
        await mail.office.close()
    assert (refused.taken, refused.code, refused.lasting) == (False, code, lasting)
    assert refused.text.startswith(str(code))
    assert taken.taken


async def test_the_first_recipient_decides() -> None:
    async with postbox() as box:
        box.to_recipient.append("550 Nobody here")
        mail = mail_to(f"smtp://127.0.0.1:{box.port}")
        posted = await mail.send("mkt", message(CCList=["cc@example.com"]), delivery_id="d", date=NOW)
        await mail.office.close()
    assert (posted.code, posted.lasting, box.recipients) == (550, True, [["cc@example.com"]])


async def test_a_server_that_is_not_there_may_come_back() -> None:
    async with postbox() as box:
        mail = mail_to(f"smtp://127.0.0.1:{box.port}")
        assert (await mail.send("mkt", message(), delivery_id="d", date=NOW)).taken
    mail.office._idle.clear()
    posted = await mail.send("mkt", message(), delivery_id="d", date=NOW)
    assert (posted.taken, posted.code, posted.lasting) == (False, None, False)


async def test_no_address_and_no_template_are_lasting() -> None:
    mail = mail_to("smtp://127.0.0.1:1")
    for body in (message(Recipient={"Email": "x"}), message(Recipient=None), message("Unknown")):
        posted = await mail.send("mkt", body, delivery_id="d", date=NOW)
        assert (posted.taken, posted.lasting) == (False, True)
