"""Group orders: invitations, and tokens that open one order to others (GRP-1, GRP-2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, claims_of, codes
from tests.api.shop import Shop, get_order, line_of, open_shop, order_of, submitted
from tests.api.uniform.subjects import checked

from entrepot.domain.identity.ties import Session, Ties
from entrepot.features.trade.group_orders.expired import delete_expired
from entrepot.kernel.clock import format_datetime

INVITATIONS = "/v1/me/orderinvitations"
LINES = "/v1/orders/Outgoing/O/lineitems"


def in_days(api: Api, days: float) -> str:
    return format_datetime(api.server.clock() + timedelta(days=days))


async def host(api: Api) -> tuple[Shop, httpx.AsyncClient]:
    """A shop with the product P, and a shopper with the order O and a line of its own."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10), (5, 9))
    _, http = await shop.shopper()
    await order_of(http, ID="O")
    await line_of(http, "O", "P", ID="own")
    return shop, http


async def invite(api: Api, http: httpx.AsyncClient, **body: Any) -> str:
    sent = {"OrderID": "O", "ExpirationDate": in_days(api, 1), **body}
    made: str = (await checked(http.post(INVITATIONS, json=sent), 201)).json()["ID"]
    return made


async def guest_of(api: Api, invitation: str, caller: httpx.AsyncClient | None = None) -> httpx.AsyncClient:
    """The calls of who has used an invitation."""
    if caller is None:
        caller = api.as_(await api.user(buyer=await api.buyer()), roles=["Shopper"])
    answer = await checked(caller.post(f"/v1/grouporders/{invitation}/token"), 200)
    return api.with_token(answer.json()["access_token"])


async def test_invitations(api: Api) -> None:
    """GRP-1: made for an order of one's own, with a generated ID, changed, listed, deleted."""
    _, http = await host(api)
    end = in_days(api, 365)
    body = {"ID": "mine", "OrderID": "o", "ExpirationDate": end, "Name": "Lunch", "xp": {"a": 1}}
    answer = await http.post(INVITATIONS, json=body)
    made = answer.json()
    assert made == {**body, "ID": made["ID"], "OrderID": "O", "OrderStatus": "Unsubmitted"}
    assert made["ID"] != "mine"
    assert answer.headers["Location"].endswith(f"{INVITATIONS}/{made['ID']}")
    url = f"{INVITATIONS}/{made['ID']}"
    changed = (await http.patch(url, json={"Name": "Dinner", "OrderID": "other", "xp": {"b": 2}})).json()
    assert changed == {**made, "Name": "Dinner", "xp": {"a": 1, "b": 2}}
    assert (await http.get(url)).json() == changed
    second = await invite(api, http, Name="Breakfast")
    listed = (await http.get(f"{INVITATIONS}?sortBy=Name&OrderStatus=Unsubmitted&search=O")).json()["Items"]
    assert [each["ID"] for each in listed] == [second, made["ID"]]
    await http.patch("/v1/orders/Outgoing/O", json={"ID": "O2"})
    assert (await http.get(url)).json()["OrderID"] == "O2"
    assert (await http.delete(url)).status_code == 204
    assert (await http.get(url)).status_code == 404


@pytest.mark.parametrize(
    ("days", "order", "code"),
    [
        (-1, "O", "GroupOrderInvitation.InvalidExpiration"),
        (367, "O", "GroupOrderInvitation.InvalidExpiration"),
        (None, "O", "ValidationFailure"),
        (1, "none", "NotFound"),
        (1, "sent", "GroupOrder.CannotModifySubmittedOrder"),
        (1, "hers", "GroupOrder.CannotModify"),
    ],
)
async def test_what_is_refused(api: Api, days: float | None, order: str, code: str) -> None:
    """GRP-1, for an order that is no more to be changed, too."""
    shop, http = await host(api)
    await order_of(http, ID="sent")
    await line_of(http, "sent", "P")
    await submitted(http, "sent")
    user, _ = await shop.shopper()
    await order_of(api.as_(user, roles=["Shopper"]), ID="hers")
    # Who administers the company's orders sees them, and they are not its own all the same.
    chief = api.as_(await api.user(buyer="B"), roles=["Shopper", "OrderAdmin", "UnsubmittedOrderReader"])
    end = None if days is None else in_days(api, days)
    caller = chief if order == "hers" else http
    answer = await caller.post(INVITATIONS, json={"OrderID": order, "ExpirationDate": end})
    assert codes(answer) == [code]
    made = await invite(api, http)
    if code.endswith("InvalidExpiration"):
        assert codes(await http.patch(f"{INVITATIONS}/{made}", json={"ExpirationDate": end})) == [code]


async def test_as_many_as_an_order_may_have(api: Api) -> None:
    """GRP-1: 100."""
    _, http = await host(api)
    first = await invite(api, http)
    await api.execute(
        """INSERT INTO group_order_invitations (marketplace_id, "ID", order_key, user_key, "ExpirationDate")
        SELECT i.marketplace_id, 'copy' || n, i.order_key, i.user_key, i."ExpirationDate"
        FROM group_order_invitations i, generate_series(1, 98) n WHERE i.marketplace_id = $1""",
    )
    last = await invite(api, http)
    body = {"OrderID": "O", "ExpirationDate": in_days(api, 1)}
    refused = await http.post(INVITATIONS, json=body)
    assert codes(refused) == ["GroupOrderInvitation.InvitationQuantityExceeded"]
    assert (await http.delete(f"{INVITATIONS}/{last}")).status_code == 204
    assert first != await invite(api, http)


async def test_who_reaches_invitations(api: Api, other: Api) -> None:
    """CONV-10: other people's do not show, and colleagues may not change them."""
    shop, http = await host(api)
    made = await invite(api, http)
    url = f"{INVITATIONS}/{made}"
    _, colleague = await shop.shopper()
    stranger = api.as_(await api.user(buyer=await api.buyer()), roles=["Shopper"])
    foreigner = other.as_(await other.user(buyer=await other.buyer()), roles=["Shopper"])
    for caller, code in (
        (colleague, "GroupOrder.CannotModify"),
        (stranger, "NotFound"),
        (foreigner, "NotFound"),
    ):
        assert (await caller.get(INVITATIONS)).json()["Items"] == []
        assert (await caller.get(url)).status_code == 404
        assert codes(await caller.patch(url, json={"Name": "x"})) == [code]
        assert codes(await caller.delete(url)) == [code]
    assert (await foreigner.post(f"/v1/grouporders/{made}/token")).status_code == 404
    assert (await api.seller.get(INVITATIONS)).json()["Items"] == []
    assert (await api.seller.get(url)).status_code == 404
    anonymous = api.as_(await api.user(buyer="B"), roles=["Shopper"], order_id="a" * 22)
    assert codes(await anonymous.get(INVITATIONS)) == ["Auth.AnonUserProhibited"]


async def test_the_token(api: Api) -> None:
    """GRP-2: it stands for the order's user, has the role of a shopper, and ends with the invitation at the latest."""
    _, http = await host(api)
    soon = await invite(api, http, ExpirationDate=in_days(api, 1 / 24))
    caller = api.as_(await api.user(buyer="B"), roles=["Shopper"], order_id="a" * 22)
    answer = (await checked(caller.post(f"/v1/grouporders/{soon}/token"), 200)).json()
    claims = claims_of(answer["access_token"])
    assert (claims["role"], claims["invitationid"], answer["token_type"]) == ("Shopper", soon, "bearer")
    assert 3500 < answer["expires_in"] <= 3600
    assert "refresh_token" not in answer
    late = claims_of(
        (await checked(http.post(f"/v1/grouporders/{await invite(api, http)}/token"), 200)).json()[
            "access_token"
        ]
    )
    assert late["exp"] - late["iat"] < 24 * 3600
    api.server.clock.advance(hours=1, seconds=1)
    assert (await api.with_token(answer["access_token"]).get(LINES)).status_code == 401
    refused = await caller.post(f"/v1/grouporders/{soon}/token")
    assert codes(refused) == ["GroupOrderInvitation.InvitationExpired"]
    await delete_expired(api.server.database, api.server.clock)
    assert (await caller.post(f"/v1/grouporders/{soon}/token")).status_code == 404
    assert [each["ID"] for each in (await http.get(INVITATIONS)).json()["Items"]] == [late["invitationid"]]


async def test_lines_of_the_invited(api: Api) -> None:
    """GRP-2: who was invited adds lines at the host's price, sees, changes and deletes only those of the invitation; the
    token is shared by whoever has the invitation.
    """
    _, http = await host(api)
    first, second = await invite(api, http), await invite(api, http)
    guest, friend, stranger = (
        await guest_of(api, first),
        await guest_of(api, first),
        await guest_of(api, second),
    )
    made = await guest.post(LINES, json={"ProductID": "P", "Quantity": 5, "ID": "g", "InvitationID": "x"})
    line = made.json()
    assert (made.status_code, line["InvitationID"], line["LineSubtotal"]) == (201, first, 45)
    for caller, seen in ((guest, ["g"]), (friend, ["g"]), (stranger, []), (http, ["own", "g"])):
        assert [each["ID"] for each in (await caller.get(LINES)).json()["Items"]] == seen
        for name in ("own", "g"):
            assert (await caller.get(f"{LINES}/{name}")).status_code == (200 if name in seen else 404)
    for caller, name in ((stranger, "g"), (guest, "own")):
        assert (await caller.patch(f"{LINES}/{name}", json={"Quantity": 9})).status_code == 404
        assert (await caller.delete(f"{LINES}/{name}")).status_code == 404
        assert codes(await caller.put(f"{LINES}/{name}", json={"ProductID": "P"})) == ["IdExists"]
        address = {"Street1": "s", "City": "c", "Zip": "1", "State": "MN", "Country": "US"}
        assert (await caller.put(f"{LINES}/{name}/shipto", json=address)).status_code == 404
    assert (await friend.patch(f"{LINES}/g", json={"Quantity": 1})).json()["InvitationID"] == first
    assert (await guest.put(f"{LINES}/g", json={"ProductID": "P", "Quantity": 2})).json()[
        "LineSubtotal"
    ] == 20
    assert (await guest.get("/v1/orders/Outgoing/O")).json()["Total"] == 30
    assert codes(await http.delete(f"{INVITATIONS}/{first}")) == ["GroupOrder.CannotDeleteWithLineItems"]
    assert (await guest.delete(f"{LINES}/g")).status_code == 204
    assert (await http.delete(f"{INVITATIONS}/{first}")).status_code == 204
    assert (await guest.get("/v1/orders/Outgoing/O")).status_code == 404
    assert (await guest.post(LINES, json={"ProductID": "P"})).status_code == 404
    assert (await stranger.get("/v1/orders/Outgoing/O")).status_code == 200


async def test_bundles_of_the_invited(api: Api) -> None:
    """GRP-2, LI-7: all lines of a bundle are the invitation's."""
    shop, http = await host(api)
    await shop.put("bundles/K")
    row = {"BundleID": "K", "ProductID": "P", "Required": True, "DefaultQuantity": 1}
    await shop.post("bundles/productassignments", **row)
    await shop.post("catalogs/bundleassignments", CatalogID="C", BundleID="K")
    invitation = await invite(api, http)
    guest = await guest_of(api, invitation)
    bundles = "/v1/orders/Outgoing/O/bundles/K"
    theirs = (await checked(guest.post(bundles), 201)).json()
    own = (await checked(http.post(bundles), 201)).json()
    lines = (await guest.get(LINES)).json()["Items"]
    assert [line["InvitationID"] for line in lines] == [invitation] * 2
    assert (await guest.delete(f"{bundles}/{own['ID']}")).status_code == 404
    assert (await guest.delete(f"{bundles}/{theirs['ID']}")).status_code == 204
    assert len((await http.get(LINES)).json()["Items"]) == 3


async def test_after_the_submit(api: Api) -> None:
    """GRP-2: only the host submits, and then the token only reads."""
    _, http = await host(api)
    guest = await guest_of(api, await invite(api, http))
    await checked(guest.post(LINES, json={"ProductID": "P", "ID": "g"}), 201)
    assert codes(await guest.post("/v1/orders/Outgoing/O/submit")) == ["Auth.InsufficientRoles"]
    await submitted(http, "O")
    for answer in (
        await guest.post(LINES, json={"ProductID": "P"}),
        await guest.patch(f"{LINES}/g", json={"Quantity": 2}),
        await guest.delete(f"{LINES}/g"),
    ):
        assert (answer.status_code, codes(answer)) == (403, ["GroupOrder.CannotModifySubmittedOrder"])
    assert [each["ID"] for each in (await guest.get(LINES)).json()["Items"]] == ["g"]
    assert (await guest.get("/v1/orders/Outgoing/O")).json()["Status"] == "Open"


async def test_what_else_the_token_opens(api: Api) -> None:
    """GRP-2: the host's catalog to choose from, and nothing that is the host's own."""
    _, http = await host(api)
    invitation = await invite(api, http)
    await order_of(http, ID="O2")
    guest = await guest_of(api, invitation)
    assert [each["ID"] for each in (await guest.get("/v1/me/products")).json()["Items"]] == ["P"]
    shown = (await guest.get("/v1/orders/Outgoing/O")).json()["FromUser"]
    own = (await get_order(http, "O"))["FromUser"]
    assert {name: value for name, value in shown.items() if value not in (None, "", [])} == {
        name: own[name] for name in ("ID", "CompanyID", "FirstName", "LastName", "Active")
    }
    assert shown.keys() == own.keys()
    assert own["Email"], "security 34: the invited know their host by name, not by address or login"
    assert (await guest.get("/v1/orders/Outgoing/O2")).status_code == 404
    assert (await guest.post("/v1/orders/Outgoing/O2/lineitems", json={"ProductID": "P"})).status_code == 404
    refused = [
        await guest.get("/v1/me"),
        await guest.patch("/v1/me", json={"FirstName": "x"}),
        await guest.get("/v1/me/orders"),
        await guest.get("/v1/me/addresses"),
        await guest.get(INVITATIONS),
        await guest.post(INVITATIONS, json={"OrderID": "O", "ExpirationDate": in_days(api, 1)}),
        await guest.post(f"/v1/grouporders/{invitation}/token"),
        await guest.get("/v1/orders/Outgoing"),
        await guest.post("/v1/orders/Outgoing", json={}),
        await guest.patch("/v1/orders/Outgoing/O", json={"Comments": "x"}),
        await guest.delete("/v1/orders/Outgoing/O"),
        await guest.post("/v1/orders/Outgoing/O/payments", json={"Type": "PurchaseOrder"}),
        await guest.get("/v1/orders/Outgoing/O/worksheet"),
        await guest.get("/v1/cart"),
    ]
    assert [(answer.status_code, *codes(answer)) for answer in refused] == [
        (403, "Auth.InsufficientRoles")
    ] * len(refused)
    assert (await get_order(http, "O"))["Comments"] is None


@pytest.mark.parametrize("who", ["invitee", "host", "guest's template", "agent"])
async def test_the_token_ends_with_who_asked_for_it(who: str, api: Api) -> None:
    """Security 18: with the sessions of who was invited, of the host, and of who acts as the one invited."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    user, http = await shop.shopper()
    await order_of(http, ID="O")
    buyer = await api.buyer()
    invitee = await api.user(buyer=buyer)
    caller = api.as_(invitee, roles=["Shopper"])
    if who == "guest's template":
        client = await api.api_client(
            allow_any_buyer=True, is_anonymous=True, default_context_user=invitee.key
        )
        form = {"grant_type": "client_credentials", "client_id": client, "scope": "Shopper"}
        await api.seller.post("/v1/securityprofiles", json={"ID": "shop", "Name": "S", "Roles": ["Shopper"]})
        row = {"SecurityProfileID": "shop", "BuyerID": buyer}
        await checked(api.seller.post("/v1/securityprofiles/assignments", json=row), 204)
        caller = api.with_token((await api.grant(**form)).json()["access_token"])
    agent = await api.user()
    if who == "agent":
        caller = api.as_(invitee, roles=["Shopper"], ties=Ties((Session(agent.key, 0),)))
    invitation = await invite(api, http)
    guest, bystander = await guest_of(api, invitation, caller), await guest_of(api, invitation)
    assert (await guest.get(LINES)).status_code == 200
    ended = {"host": user, "agent": agent}.get(who, invitee)
    path = f"/v1/adminusers/{agent.id}" if who == "agent" else f"/v1/buyers/{ended.company}/users/{ended.id}"
    await checked(api.seller.delete(f"{path}/tokens"), 204)
    refused = await guest.get(LINES)
    assert (refused.status_code, codes(refused)) == (401, ["Auth.TokenRevoked"])
    assert (await bystander.get(LINES)).status_code == (401 if who == "host" else 200)
