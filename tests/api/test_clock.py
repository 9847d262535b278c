"""The clock of a marketplace: stopped, shifted, and moved on with all that falls due on the way."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.api.marketplace import PASSWORD, Api, Server, codes, run_server
from tests.api.shop import open_shop
from tests.api.uniform.subjects import checked

from entrepot.domain.identity.password_policy import PLATFORM_MINIMUM
from entrepot.features.people.credentials.claims import Validity
from entrepot.features.people.deliveries import leases
from entrepot.features.trade.clock import advancing
from entrepot.kernel.clock import format_datetime, parse_datetime

PATH = "/entrepot/v1/clock"
EASTER = "2031-04-13T09:30:00+00:00"


async def put(api: Api, **body: Any) -> dict[str, Any]:
    return dict((await checked(api.seller.put(PATH, json=body), 200)).json())


async def advance(api: Api, **body: Any) -> dict[str, Any]:
    return dict((await checked(api.seller.post(f"{PATH}/advance", json=body), 200)).json())


def ahead(clock: dict[str, Any]) -> timedelta:
    """Of the server's."""
    return parse_datetime(clock["Now"]) - parse_datetime(clock["ServerTime"])


async def product_created(api: Api, product_id: str) -> datetime:
    """When a new product says that it was made, which is now."""
    await checked(api.seller.put(f"/v1/products/{product_id}", json={"Name": product_id}), 200)
    found = await api.value(
        'SELECT "DateCreated" FROM products WHERE marketplace_id = $1 AND "ID" = $2', product_id
    )
    assert isinstance(found, datetime)
    return found


async def test_it_is_the_servers_until_somebody_sets_it(api: Api) -> None:
    found = (await api.seller.get(PATH)).json()
    assert found["Mode"] == "Server"
    assert found["Now"] == found["ServerTime"]
    assert (await api.seller.delete(PATH)).status_code == 204


async def test_a_stopped_clock_shows_the_same_everywhere(api: Api, other: Api, twin: Server) -> None:
    """In each process from the next request on, and in no other marketplace."""
    elsewhere = api.with_token(api.token(api.admin, ["FullAccess"]), twin)
    assert (await elsewhere.get("/v1/me")).status_code == 200
    set_ = await put(api, Mode="Frozen", Moment=EASTER)
    assert (set_["Mode"], set_["Now"]) == ("Frozen", EASTER)
    for client in (api.seller, elsewhere):
        made = (await checked(client.post("/v1/products", json={"Name": "P"}), 201)).json()
        assert made["DateCreated"] == EASTER
    api.server.clock.advance(minutes=90)
    assert (await api.seller.get(PATH)).json()["Now"] == EASTER
    made = (await checked(other.seller.post("/v1/products", json={"Name": "P"}), 201)).json()
    assert parse_datetime(made["DateCreated"]).year < 2031
    assert (await other.seller.get(PATH)).json()["Mode"] == "Server"


@pytest.mark.parametrize(("shift", "apart"), [("P30D", timedelta(days=30)), ("-PT36H", -timedelta(hours=36))])
async def test_a_shifted_clock_goes_on(api: Api, shift: str, apart: timedelta) -> None:
    await put(api, Mode="Running", Shift=shift)
    for minutes in (0, 25):
        api.server.clock.advance(minutes=minutes)
        found = (await api.seller.get(PATH)).json()
        assert found["Mode"] == "Running"
        assert ahead(found) == apart
    stopped = await put(api, Mode="Frozen")
    assert abs(ahead(stopped) - apart) < timedelta(seconds=1)
    assert (await put(api, Mode="Server"))["Mode"] == "Server"


async def test_prices_and_promotions_go_by_it(api: Api) -> None:
    """A sale and a promotion of next year: not there, there, over."""
    shop = await open_shop(api)
    sale = {"SaleStart": "2031-04-01T00:00:00+00:00", "SaleEnd": "2031-05-01T00:00:00+00:00"}
    await shop.put("priceschedules/P", PriceBreaks=[{"Quantity": 1, "Price": 10, "SalePrice": 6}], **sale)
    await shop.put("products/P", DefaultPriceScheduleID="P")
    await shop.post("catalogs/productassignments", CatalogID="C", ProductID="P")
    times = {"StartDate": "2031-04-10T00:00:00+00:00", "ExpirationDate": "2031-04-20T00:00:00+00:00"}
    await checked(api.seller.put("/v1/promotions/easter", json={"Code": "EASTER", "EligibleExpression": "true", "ValueExpression": "1", "CanCombine": True, "AllowAllBuyers": True, **times}), 200)  # fmt: skip
    _, http = await shop.shopper()
    await checked(http.put("/v1/orders/Outgoing/o", json={}), 200)
    seen = []
    for moment in ("2031-03-01", "2031-04-05", "2031-04-15", "2031-04-25", "2031-06-01"):
        await put(api, Mode="Frozen", Moment=moment)
        line = {"ProductID": "P", "Quantity": 1}
        made = (await checked(http.post("/v1/orders/Outgoing/o/lineitems", json=line), 201)).json()
        added = await http.post("/v1/orders/Outgoing/o/promotions/EASTER")
        if added.status_code == 201:
            await checked(http.delete("/v1/orders/Outgoing/o/promotions/EASTER"), 200)
        shown = (await http.get("/v1/me/products/P")).json()["PriceSchedule"]["IsOnSale"]
        seen.append((shown, made["UnitPrice"], added.status_code == 201))
    assert seen == [
        (False, 10, False),
        (True, 6, False),
        (True, 6, True),
        (True, 6, False),
        (False, 10, False),
    ]


async def test_tokens_outlive_it(api: Api) -> None:
    """They go by the server's clock, so that nobody is thrown out of a test: made before, or after."""
    await put(api, Mode="Frozen", Moment="2099-01-01")
    assert (await api.seller.get("/v1/me")).status_code == 200
    await checked(api.seller.patch(f"/v1/apiclients/{api.client_id}", json={"DefaultContextUserName": "admin"}), 200)  # fmt: skip
    form = {"grant_type": "client_credentials", "client_id": api.client_id, "scope": "FullAccess"}
    token = (await checked(api.http.post("/oauth/token", data=form), 200)).json()["access_token"]
    assert (await api.with_token(token).get("/v1/me")).status_code == 200


async def test_sessions_end_by_it_where_the_setting_says_so(api: Api, other: Api, twin: Server) -> None:
    """Access tokens, then refresh tokens: in each process, of this marketplace alone, and anew for who logs in there."""
    durations = {"AccessTokenDuration": 60, "RefreshTokenDuration": 600}
    await checked(api.seller.patch(f"/v1/apiclients/{api.client_id}", json=durations), 200)
    user = await api.user(password=PASSWORD, roles=["MeReader"], id="shopper")

    async def grant(**form: str) -> httpx.Response:
        return await api.grant(client_id=api.client_id, **form)

    async def signed_in() -> tuple[httpx.AsyncClient, httpx.AsyncClient, str]:
        session = (await checked(api.login(user), 200)).json()
        token = session["access_token"]
        return api.with_token(token), api.with_token(token, twin), session["refresh_token"]

    async def stand(session: tuple[httpx.AsyncClient, httpx.AsyncClient, str]) -> list[int]:
        return [(await client.get("/v1/me")).status_code for client in session[:2]]

    before = await signed_in()
    assert await stand(before) == [200, 200]
    assert (await put(api, Mode="Running", Shift="PT59M", Tokens=True))["Tokens"] is True
    assert await stand(before) == [200, 200]
    then = await signed_in()
    await advance(api, By="PT2M")
    assert await stand(before) == [401, 401]
    assert codes(await before[0].get("/v1/me")) == ["InvalidToken"]
    assert await stand(then) == [200, 200]
    assert (await other.seller.get("/v1/me")).status_code == 200
    renewed = (await checked(grant(grant_type="refresh_token", refresh_token=before[2]), 200)).json()
    assert (await api.with_token(renewed["access_token"]).get("/v1/me")).status_code == 200
    # The rest of its time goes by with the server's clock.
    api.server.clock.advance(minutes=57)
    assert await stand(then) == [200, 200]
    api.server.clock.advance(minutes=2)
    assert await stand(then) == [401, 401]
    # The refresh token is two hours old, of its ten.
    seller = api.with_token(api.token(api.admin, ["FullAccess"]))
    await checked(seller.put(PATH, json={"Mode": "Frozen", "Shift": "PT11H", "Tokens": True}), 200)
    refused = await grant(grant_type="refresh_token", refresh_token=before[2])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    # Who comes in the stopped clock's time stays; and going back in time makes nobody younger than the server's clock says.
    late = await signed_in()
    assert await stand(late) == [200, 200]
    await checked(api.with_token(api.token(api.admin, ["FullAccess"], validity=_now(api, 11 * 3600))).put(PATH, json={"Mode": "Running", "Shift": "-P30D", "Tokens": True}), 200)  # fmt: skip
    assert await stand(late) == [200, 200]
    api.server.clock.advance(minutes=61)
    assert await stand(late) == [401, 401]


def _now(api: Api, ahead: int) -> Validity:
    return Validity.starting(api.server.clock(), timedelta(hours=10), ahead)


@pytest.mark.parametrize("moment", ["2099-01-01", "2001-01-01"])
async def test_locks_end_by_the_servers_clock(api: Api, moment: str) -> None:
    """Also once the marketplace's is set back, to which a lock of 2099 would be one of years."""
    user = await api.user(password=PASSWORD, id="locked")
    await put(api, Mode="Frozen", Moment=moment)
    assert (await api.login(user)).status_code == 200
    for _ in range(PLATFORM_MINIMUM.allowed_failed_attempts):
        assert (await api.login(user, "Wrong-passw0rd")).status_code == 400
    assert codes(await api.login(user)) == ["Auth.LockedOut"]
    await put(api, Mode="Server")
    assert codes(await api.login(user)) == ["Auth.LockedOut"]
    api.server.clock.advance(hours=1)
    assert (await checked(api.seller.get("/v1/adminUsers/locked"), 200)).json()["FailedLoginAttempts"] == 0
    assert (await api.login(user)).status_code == 200


async def test_advancing_does_what_falls_due_in_its_order(api: Api) -> None:
    """Orders of a subscription, each at its own date, and their reminders before; an idle order goes in between."""
    shop = await open_shop(api)
    await shop.put("priceschedules/P", PriceBreaks=[{"Quantity": 1, "Price": 10}])
    await shop.put("products/P", DefaultPriceScheduleID="P")
    await shop.post("catalogs/productassignments", CatalogID="C", ProductID="P")
    _, http = await shop.shopper(roles=("Shopper", "MeSubscriptionAdmin"))
    begun = parse_datetime((await put(api, Mode="Frozen", Moment="2031-01-01"))["Now"])
    await checked(http.put("/v1/orders/Outgoing/idle", json={}), 200)
    first = begun + timedelta(days=10)
    terms = {"ID": "S", "Frequency": 2, "Interval": "Weeks", "NextOrderDate": format_datetime(first)}
    await checked(http.post("/v1/me/subscriptions", json=terms), 201)
    await checked(http.post("/v1/me/subscriptions/S/items", json={"ProductID": "P", "Quantity": 1}), 201)

    found = await advance(api, By="P40D")
    assert (found["Reached"], found["Start"]) == (True, format_datetime(begun))
    assert (
        found["Now"]
        == (await api.seller.get(PATH)).json()["Now"]
        == format_datetime(begun + timedelta(days=40))
    )
    done = [(each["Chore"], parse_datetime(each["Moment"]) - begun) for each in found["Done"] if each["Chore"] != "Orders.DeleteIdle"]  # fmt: skip
    assert done == [("Subscriptions.Place", timedelta(days=days)) for days in (10, 24, 38)]
    assert (found["Done"][0]["Chore"], found["Done"][0]["Count"]) == ("Orders.DeleteIdle", 1)
    assert found["Done"][0]["Moment"] == format_datetime(begun + timedelta(days=1))
    orders = (await http.get("/v1/me/orders?IsSubmitted=false&sortBy=DateCreated")).json()["Items"]
    assert [parse_datetime(each["DateCreated"]) - begun for each in orders] == [timedelta(days=days) for days in (10, 24, 38)]  # fmt: skip
    assert (await http.get("/v1/orders/Outgoing/idle")).status_code == 404
    again = await advance(api, To=format_datetime(begun + timedelta(days=41)))
    assert (again["Reached"], again["Done"]) == (True, [])


async def test_advancing_from_the_servers_time_goes_on_from_there(api: Api) -> None:
    found = await advance(api, By="PT2H")
    assert found["Reached"]
    clock = (await api.seller.get(PATH)).json()
    assert clock["Mode"] == "Running"
    assert timedelta(hours=1, minutes=59) < ahead(clock) <= timedelta(hours=2)


async def test_one_advances_it_at_a_time(api: Api) -> None:
    """Together they come as far as those that were not refused; nobody loses a step."""
    begun = parse_datetime((await put(api, Mode="Frozen", Moment="2031-01-01"))["Now"])
    answers = await asyncio.gather(
        *(api.seller.post(f"{PATH}/advance", json={"By": "P1D"}) for _ in range(6))
    )
    statuses = Counter(each.status_code for each in answers)
    assert statuses.keys() <= {200, 409}
    assert statuses[200] >= 1
    now = parse_datetime((await api.seller.get(PATH)).json()["Now"])
    assert now - begun == timedelta(days=statuses[200])
    assert (await put(api, Mode="Frozen", Moment="2031-01-01"))["Mode"] == "Frozen"


async def test_it_is_kept_as_long_as_somebody_advances_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long that takes what falls due at one moment."""
    monkeypatch.setattr(leases, "RENEW", 0.01)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*_: Any) -> None:
        begun.set()
        await go_on.wait()

    monkeypatch.setattr(advancing, "next_due", slow)
    running = asyncio.create_task(api.seller.post(f"{PATH}/advance", json={"By": "P1D"}))
    await begun.wait()
    api.server.clock.advance(minutes=3)
    kept = "SELECT advancing_until > $2 FROM virtual_clocks WHERE marketplace_id = $1"
    while not await api.value(kept, api.server.clock()):
        await asyncio.sleep(0.01)
    for refused in (
        await api.seller.post(f"{PATH}/advance", json={"By": "P1D"}),
        await api.seller.put(PATH, json={"Mode": "Server"}),
    ):
        assert refused.status_code == 409, refused.text
    go_on.set()
    assert (await running).json()["Reached"] is True
    assert await api.value("SELECT advancing_until IS NULL FROM virtual_clocks WHERE marketplace_id = $1")


async def test_the_first_and_the_last_moment_can_be_set(api: Api) -> None:
    for moment in ("1970-01-01T00:00:00+00:00", "2999-12-31T23:59:59.999+00:00"):
        assert (await put(api, Mode="Frozen", Moment=moment))["Now"] == moment
    refused = await checked(api.seller.post(f"{PATH}/advance", json={"By": "PT0.001S"}), 400)
    assert refused.json()["Errors"][0]["ErrorCode"] == "Clock.OutOfRange"
    await put(api, Mode="Frozen", Moment="2999-12-31T22:30:00Z")
    assert (await advance(api, By="PT1H29M59S"))["Now"] == "2999-12-31T23:59:59+00:00"


async def test_old_messages_of_the_mailbox_go_on_the_way(api: Api, other: Api) -> None:
    """At the full hours after they are as old as the setting has it; others' stay."""

    async def keep(of: Api, name: str, created: datetime) -> None:
        await of.server.database.execute(
            """INSERT INTO mailbox (marketplace_id, "ID", "MessageType", "Recipient", "Username", "Subject", "DateCreated", content)
            SELECT marketplace_id, $2, '', '', '', '', $3, '' FROM marketplaces WHERE "ID" = $1""",
            of.marketplace,
            name,
            created,
        )

    begun = parse_datetime((await put(api, Mode="Frozen", Moment="2031-01-01"))["Now"])
    for hours in (-1, -0.5, 3, 3.25):
        await keep(api, f"m{hours}".replace(".", "_"), begun + timedelta(hours=hours))
    await keep(other, "theirs", begun - timedelta(days=1))
    found = await advance(api, By="P14DT4H")
    assert [(each["Chore"], parse_datetime(each["Moment"]) - begun, each["Count"]) for each in found["Done"]] == [
        ("Mailbox.DeleteOld", timedelta(days=14, hours=hours), count) for hours, count in ((-1, 1), (0, 1), (3, 1), (4, 1))
    ]  # fmt: skip
    assert await api.value("SELECT count(*) FROM mailbox WHERE marketplace_id = $1") == 0
    assert await other.value("SELECT count(*) FROM mailbox WHERE marketplace_id = $1") == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Mode": "Frozen", "Moment": "12000-01-01"}, "ValidationFailure"),
        ({"Mode": "Frozen", "Moment": "9999-12-31"}, "Clock.OutOfRange"),
        ({"Mode": "Frozen", "Moment": "3000-01-01T00:00:00Z"}, "Clock.OutOfRange"),
        ({"Mode": "Frozen", "Moment": "1969-12-31T23:59:59.999Z"}, "Clock.OutOfRange"),
        ({"Mode": "Running", "Moment": "0001-01-01"}, "Clock.OutOfRange"),
        ({"Mode": "Running", "Shift": "P9999W"}, "Clock.InvalidDuration"),
        ({"Mode": "Running", "Shift": "tomorrow"}, "Clock.InvalidDuration"),
        ({"Mode": "Running", "Shift": "-P36000D"}, "Clock.OutOfRange"),
        ({"Mode": "Running", "Shift": "P1D", "Moment": EASTER}, "Clock.MomentOrShift"),
        ({"Mode": "Backwards"}, "ValidationFailure"),
        ({}, "ValidationFailure"),
    ],
)
async def test_settings_that_are_refused(api: Api, body: dict[str, Any], code: str) -> None:
    refused = await checked(api.seller.put(PATH, json=body), 400)
    assert refused.json()["Errors"][0]["ErrorCode"] == code
    assert (await api.seller.get(PATH)).json()["Mode"] == "Server"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "Clock.ToOrBy"),
        ({"To": EASTER, "By": "P1D"}, "Clock.ToOrBy"),
        ({"By": "1 day"}, "Clock.InvalidDuration"),
        ({"By": "-P1D"}, "Clock.InvalidDuration"),
        ({"To": "1999-01-01"}, "Clock.Backwards"),
        ({"To": "9999-01-01"}, "Clock.OutOfRange"),
    ],
)
async def test_steps_that_are_refused(api: Api, body: dict[str, Any], code: str) -> None:
    """And nothing keeps the next one from going."""
    refused = await checked(api.seller.post(f"{PATH}/advance", json=body), 400)
    assert refused.json()["Errors"][0]["ErrorCode"] == code
    assert (await advance(api, By="PT1S"))["Reached"]


async def test_nobody_else_sets_it(api: Api, other: Api) -> None:
    lesser = api.as_(api.admin, roles=["OrderAdmin", "ProductAdmin"])
    assert (await lesser.put(PATH, json={"Mode": "Frozen"})).status_code == 403
    assert (await lesser.post(f"{PATH}/advance", json={"By": "P1D"})).status_code == 403
    await put(other, Mode="Frozen", Moment=EASTER)
    assert (await product_created(api, "p")).year < 2031
    assert (await product_created(other, "p")).year == 2031


async def test_a_server_without_its_test_bench_knows_one_time(api: Api) -> None:
    await put(api, Mode="Frozen", Moment=EASTER)
    settings = replace(api.server.settings, test_bench=False)
    async with run_server(settings, api.server.database, api.server.clock) as without:
        caller = api.with_token(api.token(api.admin, ["FullAccess"]), without)
        assert (await caller.get(PATH)).status_code == 404
    assert (await product_created(api, "p")).year < 2031


@pytest.mark.parametrize("more", [{"Moment": "2031-01-01"}, {"Shift": "P1D"}, {"Tokens": True}])
async def test_the_servers_clock_takes_nothing_beside_its_mode(api: Api, more: dict[str, Any]) -> None:
    """It would be passed over: the clock would show another time than was asked for."""
    await put(api, Mode="Frozen", Moment="2031-01-01T00:00:00Z")
    refused = await checked(api.seller.put(PATH, json={"Mode": "Server", **more}), 400)
    assert refused.json()["Errors"][0]["ErrorCode"] == "Clock.ServerGoesAlone"
    assert (await checked(api.seller.get(PATH), 200)).json()["Mode"] == "Frozen"
    nothing = {"Moment": None, "Shift": "", "Tokens": False}
    assert (await put(api, Mode="Server", **nothing))["Mode"] == "Server"
