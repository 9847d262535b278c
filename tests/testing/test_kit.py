"""What the fixtures give, and what it says where something is wrong."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from entrepot.testing import Marketplace, NoServerError, RefusedError, SeedError, Server

EVE = datetime(2031, 12, 24, 12, tzinfo=UTC)


def test_the_clock(marketplace: Marketplace) -> None:
    """Stopped, going on, shifted, advanced, given back."""
    clock = marketplace.clock
    assert clock.freeze(EVE) == EVE
    assert clock.now() == EVE
    assert clock.advance(to=EVE + timedelta(days=1)) == []
    assert clock.freeze() == EVE + timedelta(days=1)
    assert EVE <= clock.run(EVE) < EVE + timedelta(hours=1)
    assert clock.shift(timedelta(days=-400)) < datetime.now(UTC) - timedelta(days=399)
    clock.reset()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(days=1)


def test_what_a_clock_refuses(marketplace: Marketplace) -> None:
    with pytest.raises(RefusedError, match=r"PUT .*/entrepot/v1/clock: 400 .*Moment"):
        marketplace.clock.freeze("12000-01-01T00:00:00Z")
    with pytest.raises(TypeError, match="Either"):
        marketplace.clock.advance()


def test_a_marketplace_of_ones_own(entrepot_server: Server, marketplace: Marketplace) -> None:
    """With users of the original's, clients that are copies, and nothing of it left."""
    with entrepot_server.marketplace(name="Other") as other:
        assert {other.id, other.client_id}.isdisjoint({marketplace.id, marketplace.client_id})
        shopper = other.login("buyer01", roles=["MeAdmin"])
        assert shopper.get("/v1/me").json()["Username"] == "buyer01"
        assert shopper.get("/v1/buyers").status_code == 403
        other.api.delete("/v1/products/birch-cup").raise_for_status()
        token = other.access_token
    assert marketplace.api.get("/v1/products/birch-cup").status_code == 200
    gone = marketplace.api.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert gone.status_code == 401


def test_a_copy_of_what_a_marketplace_holds(entrepot_server: Server, marketplace: Marketplace) -> None:
    """With the same passwords, and clients by the names that they have in the seed."""
    marketplace.api.post("/v1/buyers", json={"ID": "acme", "Name": "Acme", "Active": True}).raise_for_status()
    with entrepot_server.marketplace(of=marketplace) as copy:
        assert copy.api.get("/v1/buyers/acme").status_code == 200
        assert copy.client_id != marketplace.client_id
        assert copy.login("buyer01").get("/v1/me").json()["Username"] == "buyer01"


def test_seeds_that_are_refused(entrepot_server: Server, tmp_path: Path) -> None:
    """One that is not there, one with a mistake, and where it is."""
    wrong = tmp_path / "shop.yml"
    wrong.write_text("Objects:\n  Buyers: [{ID: acme, Nam: Acme}]\n")
    for seed, told in (
        ("not-there", "has no seed not-there: ENTREPOT_SEED is demo, "),
        (wrong, f"of the seed {wrong}; correct it:\nline 2: Buyers.acme.Name"),
        (tmp_path / "none.yml", f"The seed file {tmp_path}/none.yml cannot be read (No such file"),
        (tmp_path, f"The seed file {tmp_path} cannot be read (Is a directory"),
    ):
        with pytest.raises(SeedError, match=re.escape(told)), entrepot_server.marketplace(seed=seed):
            pass


def test_servers_that_make_none(entrepot_server: Server) -> None:
    """Nobody there, nobody's address, another key, none of this kind: what is to be done stands in each."""
    url, key = entrepot_server.url, "k" * 40
    for wrong, told in (
        (Server("http://127.0.0.1:9", key), "No server answers at http://127.0.0.1:9 ("),
        (Server("localhost:8080", key), "No server answers at localhost:8080 ("),
        (Server(url, key), f"The server at {url} refuses the key: ENTREPOT_TEST_BENCH_KEY has to be"),
        (Server(f"{url}/elsewhere", key), f"At {url}/elsewhere there is no Entrepot with its test bench on"),
    ):
        with closing(wrong), pytest.raises(NoServerError, match=re.escape(told)), wrong.marketplace():
            pass


def test_who_logs_in(marketplace: Marketplace) -> None:
    with pytest.raises(KeyError, match=r"No password of nobody; .*'buyer01'"):
        marketplace.token("nobody")
    with pytest.raises(RefusedError, match="/oauth/token: 400"):
        marketplace.token("buyer01", "wrong")
    with pytest.raises(KeyError):
        marketplace.client_of("no client")


def test_messages(marketplace: Marketplace) -> None:
    """Each is answered once; what is there is told where none comes."""
    shopper = marketplace.login("buyer01")
    for quantity in (1, 2):
        shopper.post("/v1/cart/lineitems", json={"ProductID": "birch-cup", "Quantity": quantity})
        shopper.post("/v1/cart/submit").raise_for_status()
    mailbox = marketplace.mailbox
    first, second = (mailbox.wait("OrderSubmitted", to="buyer01@example.com") for _ in range(2))
    assert first.id != second.id
    assert first.event["Order"]["ID"] in first.subject
    assert sorted((first.id, second.id)) == sorted(each.id for each in mailbox.messages())
    assert mailbox.messages("OrderDeclined") == []
    with pytest.raises(AssertionError, match=r"No message OrderSubmitted to anybody .*to buyer01@example"):
        mailbox.wait("OrderSubmitted", within=0.01)


def test_what_is_received(marketplace: Marketplace) -> None:
    """By which address, with what; each is answered once."""
    receiver, late = marketplace.receiver(), marketplace.receiver(status=418, body="short and stout")
    assert marketplace.api.post(f"{late.url}/pot?of=tea", json={"Milk": 1}).text == "short and stout"
    for number in range(3):
        marketplace.api.post(receiver.url, json={"Number": number}).raise_for_status()
    assert receiver.wait(lambda each: each.json()["Number"] == 1).json() == {"Number": 1}
    assert sorted(receiver.wait().json()["Number"] for _ in range(2)) == [0, 2]
    with pytest.raises(AssertionError, match=r"No such request within 0.01 s. .*Number"):
        receiver.wait(within=0.01)
    (received,) = late.requests()
    assert (received.method, received.path, received.query) == ("POST", "/pot", "of=tea")
    assert received.headers["content-type"] == "application/json"
