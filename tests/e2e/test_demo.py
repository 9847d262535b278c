"""What the demo marketplace has to show, to the applications that others have written."""

from __future__ import annotations

import signal

import httpx
from tests.e2e.command import Serve, Server, demo_of


def guest(server: Server) -> str:
    """The token of an anonymous shopper."""
    form = {"grant_type": "client_credentials", "client_id": demo_of(server)["anonymousClientID"]}
    answer = httpx.post(f"{server.url}/oauth/token", data=form)
    answer.raise_for_status()
    token: str = answer.json()["access_token"]
    return token


def pictures(server: Server, token: str) -> list[str]:
    """The pictures of all products that a shopper sees."""
    headers = {"Authorization": f"Bearer {token}"}
    page = httpx.get(f"{server.url}/v1/me/products?pageSize=100", headers=headers).json()
    return [image[name] for item in page["Items"] for image in item["xp"]["Images"] for name in image]


def test_what_storefronts_expect(serve: Serve) -> None:
    """Applications: pictures that this server draws, also on another port, a promotion, sessions that go on, BuyerReader."""
    first = serve("data", fresh=True)
    first.await_ready()
    shown = pictures(first, guest(first))
    assert len(shown) > 100
    for url in sorted(set(shown))[::9]:
        picture = httpx.get(url)
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml"), url
        assert picture.text.startswith("<svg")
        assert "{" not in picture.text
    for wrong in ("tent/x.svg", "tent/1000.svg", "tent/1.png", "tent", "none/1.svg", "..%2Fpictures/1.svg"):
        assert httpx.get(f"{first.url}/demo/pictures/{wrong}").status_code == 404, wrong
    buyer = demo_of(first)["users"]["buyer01"]
    form = {
        "grant_type": "password",
        "client_id": demo_of(first)["anonymousClientID"],
        "username": buyer["username"],
        "password": buyer["password"],
    }
    login = httpx.post(f"{first.url}/oauth/token", data=form).json()
    again = {
        "grant_type": "refresh_token",
        "client_id": form["client_id"],
        "refresh_token": login["refresh_token"],
    }
    assert httpx.post(f"{first.url}/oauth/token", data=again).status_code == 200
    with httpx.Client(
        base_url=first.url, headers={"Authorization": f"Bearer {login['access_token']}"}
    ) as shop:
        assert shop.get("/v1/buyers/demo-buyer").status_code == 200
        line = {"ProductID": "heron-3", "Quantity": 1}
        assert shop.post("/v1/cart/lineitems", json=line).status_code == 201
        assert shop.post("/v1/cart/promotions/FROST10").status_code == 201
        cart = shop.get("/v1/cart").json()
        assert cart["PromotionDiscount"] == round(cart["Subtotal"] / 10, 2) > 0
    first.end(signal.SIGTERM)

    second = serve("data")
    second.await_ready()
    assert second.url != first.url
    moved = pictures(second, guest(second))
    former, present = (f"http://localhost:{server.port}/" for server in (first, second))
    assert {url.removeprefix(present) for url in moved} == {url.removeprefix(former) for url in shown}
