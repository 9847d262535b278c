"""The rounds that place the orders of subscriptions and remind of them (SBS-2 to SBS-4, SUB-1 to SUB-5)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, User, claims_of
from tests.api.outbox import Sent, messages
from tests.api.receiver import HASH_KEY, Receiver
from tests.api.shop import Shop, open_shop, submitted
from tests.api.uniform.subjects import checked

from entrepot.app.asgi import open_services
from entrepot.domain.subscriptions.schedule import WINDOW
from entrepot.engine.call import Backend
from entrepot.features.trade.subscriptions import reminders, rounds
from entrepot.kernel.clock import format_datetime, parse_datetime

MINE = "/v1/me/subscriptions"
ROLES = ("Shopper", "MeSubscriptionAdmin", "MeAddressAdmin")
GOOD = {"HttpStatusCode": 200, "UnhandledErrorBody": "", "xp": {"seen": True}}


@dataclass
class Scene:
    """A shopper with the subscription S of two P at a subscription price of 8, due now; `receiver` is the integration."""

    api: Api
    shop: Shop
    user: User
    http: httpx.AsyncClient
    receiver: Receiver
    due: datetime

    async def run(self, times: int = 1) -> None:
        """Rounds of as many processes at the same time."""
        await asyncio.gather(*(self._round(rounds.place_due) for _ in range(times)))

    async def remind(self, times: int = 1) -> None:
        """The same of the rounds that remind."""
        await asyncio.gather(*(self._round(reminders.remind_due) for _ in range(times)))

    async def _round(self, work: Any) -> None:
        server = self.api.server
        services = await open_services(server.settings, server.database, server.clock)
        try:
            await work(Backend(server.database, services, server.clock, server.settings.base_url))
        finally:
            services.passwords.close()
            await services.outgoing.close()

    async def orders(self) -> list[dict[str, Any]]:
        """The shopper's unsubmitted orders."""
        answer = await checked(self.http.get("/v1/me/orders?IsSubmitted=false&sortBy=DateCreated"), 200)
        found: list[dict[str, Any]] = answer.json()["Items"]
        return found

    async def subscription(self) -> dict[str, Any]:
        found: dict[str, Any] = (await checked(self.http.get(f"{MINE}/S"), 200)).json()
        return found

    async def set(self, **changes: Any) -> None:
        await checked(self.http.patch(f"{MINE}/S", json=changes), 200)

    async def integrate(self, **facts: Any) -> None:
        """Make the receiver the marketplace's integration."""
        client = {"DefaultContextUserName": "admin"}
        await checked(self.api.seller.patch(f"/v1/apiclients/{self.api.client_id}", json=client), 200)
        body = {
            "ApiClientID": self.api.client_id,
            "HashKey": HASH_KEY,
            "Url": f"{self.receiver.url}/sub/",
            "Active": True,
            "ElevatedRoles": ["OverrideTax"],
            "NotificationDays": 3,
            **facts,
        }
        await checked(self.api.seller.put("/v1/integrations/subscription", json=body), 200)


@pytest.fixture
async def scene(api: Api, receiver: Receiver) -> Scene:
    shop = await open_shop(api)
    breaks = [{"Quantity": 1, "Price": 10, "SubscriptionPrice": 8}]
    await shop.put("priceschedules/P", PriceBreaks=breaks)
    await shop.put("products/P", DefaultPriceScheduleID="P")
    await shop.post("catalogs/productassignments", CatalogID="C", ProductID="P")
    user, http = await shop.shopper(roles=ROLES)
    due = api.server.clock()
    terms = {"ID": "S", "Frequency": 2, "Interval": "Weeks", "NextOrderDate": format_datetime(due)}
    await checked(http.post(MINE, json=terms), 201)
    item = {"ID": "i", "ProductID": "P", "Quantity": 2, "xp": {"gift": True}}
    await checked(http.post(f"{MINE}/S/items", json=item), 201)
    return Scene(api, shop, user, http, receiver, due)


async def address(http: httpx.AsyncClient) -> str:
    """An address of the shopper's own."""
    body = {
        "Street1": "s",
        "City": "c",
        "Zip": "1",
        "State": "MN",
        "Country": "US",
        "Shipping": True,
        "Billing": True,
    }
    made = await checked(http.post("/v1/me/addresses", json=body), 201)
    found: str = made.json()["ID"]
    return found


def moved(scene: Scene) -> str:
    return format_datetime(scene.due + timedelta(days=14))


async def test_an_order_and_its_call(scene: Scene) -> None:
    """SBS-2, SBS-3, SUB-2, SUB-3: an unsubmitted order at SubscriptionPrice with its payment; the integration gets its worksheet, a
    token and what is missing; its answer is kept, and the next period begins.
    """
    shop, http, receiver = scene.shop, scene.http, scene.receiver
    await scene.integrate()
    await shop.product("Q", (1, 5))
    await checked(http.post(f"{MINE}/S/items", json={"ProductID": "Q"}), 201)
    await shop.seller.patch("/v1/products/Q", json={"Active": False})
    place = await address(http)
    await scene.set(ShippingAddressID=place, BillingAddressID=place, Payment={"Type": "PurchaseOrder"})
    receiver.answers["/sub/success"] = GOOD
    await scene.run()
    (order,) = await scene.orders()
    wanted = {"SubscriptionID": "S", "Status": "Unsubmitted", "Subtotal": 16, "Total": 16, "LineItemCount": 1}
    wanted |= {"FromUserID": scene.user.id, "ShippingAddressID": place, "BillingAddressID": place}
    assert {name: order[name] for name in wanted} == wanted
    url = f"/v1/orders/Outgoing/{order['ID']}"
    (line,) = (await http.get(f"{url}/lineitems")).json()["Items"]
    assert (line["ID"], line["UnitPrice"], line["xp"], line["ShippingAddressID"]) == (
        "i",
        8,
        {"gift": True},
        place,
    )
    (payment,) = (await http.get(f"{url}/payments")).json()["Items"]
    assert (payment["Type"], payment["Amount"], payment["Accepted"]) == ("PurchaseOrder", None, True)
    (request,) = receiver.received
    assert request.is_signed
    assert request.path == "/sub/success"
    body = request.body
    assert list(body) == [
        "Environment",
        "OrderCloudAccessToken",
        "OrderWorksheet",
        "UnavailableProductIDs",
        "ErrorCode",
    ]
    assert (body["UnavailableProductIDs"], body["ErrorCode"]) == (["Q"], "")
    sheet = body["OrderWorksheet"]
    assert (sheet["Order"]["ID"], sheet["Subscription"]["ID"], len(sheet["LineItems"])) == (
        order["ID"],
        "S",
        1,
    )
    claims = claims_of(body["OrderCloudAccessToken"])
    assert claims["usr"] == "admin"
    assert "OverrideTax" in claims["role"]
    assert claims["exp"] - claims["iat"] == 330, "security 7"
    middleware = scene.api.with_token(body["OrderCloudAccessToken"])
    assert (await middleware.get(f"/v1/orders/Incoming/{order['ID']}")).status_code == 200
    stored = (await scene.api.seller.get(f"/v1/orders/Incoming/{order['ID']}/worksheet")).json()
    response = stored["SubscriptionIntegrationResponse"]
    assert response == {**GOOD, "UnhandledErrorBody": None, "Succeeded": True}
    after = await scene.subscription()
    assert after["NextOrderDate"] == moved(scene)
    assert parse_datetime(after["LastOrderDate"]) >= scene.due
    await scene.run()
    assert len(await scene.orders()) == 1 == len(receiver.received)


async def test_what_items_say(scene: Scene) -> None:
    """SBS-1, ADR-1, MON-8: an item's own address, as it is on the day, its overridden price, and no date that has passed."""
    http, clock = scene.http, scene.api.server.clock
    home, work = await address(http), await address(http)
    await scene.set(ShippingAddressID=home)
    body = {"ID": "j", "ProductID": "P", "ShippingAddressID": work, "UnitPrice": 3, "CostCenter": "cc"}
    body["DateNeeded"] = format_datetime(clock() + timedelta(minutes=30))
    await checked(scene.api.seller.post("/v1/subscriptions/S/items", json=body), 201)
    await checked(http.patch(f"/v1/me/addresses/{work}", json={"Street1": "moved"}), 204)
    clock.advance(hours=1)
    await scene.run()
    (order,) = await scene.orders()
    assert (order["ShippingAddressID"], order["Total"]) == (None, 19)
    first, second = (await http.get(f"/v1/orders/Outgoing/{order['ID']}/lineitems")).json()["Items"]
    assert (first["ShippingAddressID"], second["ShippingAddressID"]) == (home, work)
    assert second["ShippingAddress"]["Street1"] == "moved"
    assert (second["UnitPrice"], second["PriceOverridden"], second["CostCenter"]) == (3, True, "cc")
    assert second["DateNeeded"] is None


async def test_several_processes(scene: Scene) -> None:
    """SBS-2: however many look at the same time, one order is made and the integration is told once."""
    await scene.integrate()
    scene.receiver.answers["/sub/success"] = GOOD
    await scene.run(times=4)
    assert len(await scene.orders()) == 1 == len(scene.receiver.received)


@pytest.mark.parametrize(
    "refusal", [(500, b"broken"), (200, b"no JSON"), {"HttpStatusCode": 200, "UnhandledErrorBody": "no"}]
)
async def test_an_integration_that_fails(scene: Scene, refusal: Any) -> None:
    """SBS-3, SUB-3, SUB-4: told of the same order again every hour, until it answers well."""
    clock, receiver = scene.api.server.clock, scene.receiver
    await scene.integrate()
    receiver.answers["/sub/success"] = refusal
    for _ in range(2):
        await scene.run()
    (order,) = await scene.orders()
    assert len(receiver.received) == 1
    url = f"/v1/orders/Incoming/{order['ID']}/worksheet"
    failed = (await scene.api.seller.get(url)).json()["SubscriptionIntegrationResponse"]
    assert (failed["Succeeded"], bool(failed["UnhandledErrorBody"])) == (False, True)
    assert (await scene.subscription())["NextOrderDate"] == format_datetime(scene.due)
    receiver.answers["/sub/success"] = GOOD
    clock.advance(minutes=61)
    await scene.run()
    assert [each["ID"] for each in await scene.orders()] == [order["ID"]]
    assert [request.body["OrderWorksheet"]["Order"]["ID"] for request in receiver.received] == [
        order["ID"]
    ] * 2
    assert (await scene.subscription())["NextOrderDate"] == moved(scene)


async def test_the_window_passes(scene: Scene) -> None:
    """SBS-2: after five hours nothing is tried any more."""
    clock, receiver = scene.api.server.clock, scene.receiver
    await scene.integrate()
    for _ in range(7):
        await scene.run()
        clock.advance(minutes=61)
    assert len(await scene.orders()) == 1
    assert receiver.paths() == ["/sub/success"] * 5
    assert (await scene.subscription())["LastOrderDate"] is None


async def test_a_lost_answer(scene: Scene) -> None:
    """SBS-3: an order that has been submitted meanwhile was told of; nobody is told twice, and the period ends."""
    await scene.integrate()
    scene.receiver.answers["/sub/success"] = (500, b"")
    await scene.run()
    (order,) = await scene.orders()
    await submitted(scene.http, order["ID"])
    scene.api.server.clock.advance(minutes=61)
    await scene.run()
    assert await scene.orders() == []
    assert len(scene.receiver.received) == 1
    assert (await scene.subscription())["NextOrderDate"] == moved(scene)


async def test_an_order_that_cannot_be_made(scene: Scene) -> None:
    """SBS-3: /failure with the code, nothing half-made; an hour later it is tried again."""
    clock, receiver, http = scene.api.server.clock, scene.receiver, scene.http
    await scene.integrate()
    receiver.answers |= {"/sub/success": GOOD, "/sub/failure": GOOD}
    place = await address(http)
    await scene.set(ShippingAddressID=place)
    await checked(http.delete(f"/v1/me/addresses/{place}"), 204)
    await scene.run()
    (request,) = receiver.received
    body = request.body
    assert (request.path, body["ErrorCode"], body["OrderWorksheet"]) == ("/sub/failure", "NotFound", None)
    assert await scene.orders() == []
    await scene.set(ShippingAddressID=None)
    clock.advance(minutes=61)
    await scene.run()
    assert receiver.paths() == ["/sub/failure", "/sub/success"]
    assert len(await scene.orders()) == 1


async def test_without_an_integration(scene: Scene) -> None:
    """SBS-2: orders are placed all the same; a whole bundle goes along, and one without its head stays behind."""
    shop, http = scene.shop, scene.http
    for product in ("X", "Y"):
        await shop.product(product, (1, 3))
    for bundle, product in (("K", "X"), ("L", "Y")):
        await shop.put(f"bundles/{bundle}")
        row = {"BundleID": bundle, "ProductID": product, "Required": True, "DefaultQuantity": 1}
        await shop.post("bundles/productassignments", **row)
        await shop.post("catalogs/bundleassignments", CatalogID="C", BundleID=bundle)
        await checked(http.post(f"{MINE}/S/items/bundles/{bundle}"), 201)
    await shop.seller.patch("/v1/bundles/L", json={"Active": False})
    await scene.run()
    (order,) = await scene.orders()
    assert order["Total"] == 19
    lines = (await http.get(f"/v1/orders/Outgoing/{order['ID']}/lineitems")).json()["Items"]
    head = next(line for line in lines if line["IsBundle"])
    assert {line["ProductID"]: line["BundleItemID"] for line in lines} == {
        "P": None,
        "K": None,
        "X": head["ID"],
    }
    assert (await scene.subscription())["NextOrderDate"] == moved(scene)


@pytest.mark.parametrize(
    "why",
    ["inactive", "ended", "user", "buyer", "early", "late"],
)
async def test_what_is_not_due(scene: Scene, why: str) -> None:
    """SBS-2: active, of an active user, not ended, and within five hours after the date."""
    seller, clock = scene.shop.seller, scene.api.server.clock
    match why:
        case "inactive":
            await scene.set(Active=False)
        case "ended":
            await scene.set(EndDate=format_datetime(scene.due))
        case "user":
            await checked(seller.patch(f"/v1/buyers/B/users/{scene.user.id}", json={"Active": False}), 200)
        case "buyer":
            await checked(seller.patch("/v1/buyers/B", json={"Active": False}), 200)
        case "early":
            await scene.set(NextOrderDate=format_datetime(clock() + timedelta(minutes=5)))
        case "late":
            await scene.set(NextOrderDate=format_datetime(clock() - WINDOW - timedelta(minutes=1)))
    await scene.run()
    assert await scene.api.value("SELECT count(*) FROM orders WHERE marketplace_id = $1") == 0


async def reminded(api: Api) -> list[Sent]:
    return await messages(api, "SubscriptionReminder")


async def test_a_reminder(scene: Scene) -> None:
    """SBS-4, MS-3: NotificationDays before the date, once for it, whoever looks; a new date is a new reminder."""
    api, clock = scene.api, scene.api.server.clock
    await scene.integrate()
    date = clock() + timedelta(days=3, hours=6)
    await scene.set(NextOrderDate=format_datetime(date))
    assert (await scene.subscription())["NotificationDate"] == format_datetime(date - timedelta(days=3))
    await scene.remind()
    assert await reminded(api) == []
    clock.advance(hours=2)
    await scene.remind(times=3)
    (message,) = await reminded(api)
    assert message.recipient == f"{scene.user.id}@example.com"
    body = message.body
    assert body["Subscription"]["ID"] == "S"
    assert [item["ID"] for item in body["LineItems"]] == ["i"]
    assert ([each["ID"] for each in body["Products"]], body["UnavailableProductIDs"]) == (["P"], [])
    await scene.set(NextOrderDate=format_datetime(date + timedelta(minutes=1)))
    await scene.remind()
    assert len(await reminded(api)) == 2


async def test_an_order_keeps_its_subscription(scene: Scene) -> None:
    """Renaming a subscription renames it in its orders; deleting it leaves them."""
    await scene.run()
    await scene.set(ID="T")
    assert [order["SubscriptionID"] for order in await scene.orders()] == ["T"]
    await checked(scene.http.delete(f"{MINE}/T"), 204)
    (order,) = await scene.orders()
    sheet = (await scene.api.seller.get(f"/v1/orders/Incoming/{order['ID']}/worksheet")).json()
    assert (order["SubscriptionID"], sheet["Subscription"]) == ("T", None)
