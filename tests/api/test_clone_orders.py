"""`entrepot clone --orders`: orders and what belongs to them, in their states and with their dates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.api.marketplace import Api
from tests.api.promoting import Sale
from tests.api.shop import line_of, open_shop, order_of, submitted
from tests.api.sources import PATIENCE, SECRET, Cloud, Clouds
from tests.api.uniform.subjects import checked

from entrepot.app.cloning import Cloned, Wanted, clone_into
from entrepot.app.registry import registry
from entrepot.features.seeding.problems import SeedRefusedError
from entrepot.features.seeding.remote.collecting import collect_trade
from entrepot.features.seeding.remote.errors import SourceLostError
from entrepot.features.seeding.remote.store import Head, Store
from entrepot.features.seeding.remote.trade_rows import moved
from entrepot.features.seeding.remote.trading import EVENT, TRADE
from entrepot.features.seeding.remote.transport import Answer, UnreachedError
from entrepot.features.seeding.seeding import Silence
from entrepot.kernel.ids import new_id

Trade = dict[str, list[str]]


async def trading(api: Api) -> None:
    """A shop in which much has happened."""
    shop = await open_shop(api)
    await shop.put("suppliers/S1", AllBuyersCanOrder=True)
    await shop.product("A", (1, 10), DefaultSupplierID="S1", Returnable=True)
    await shop.product("B", (1, 60), Returnable=True)
    await shop.put("buyers/B/usergroups/deciders")
    user, http = await shop.shopper(roles=("Shopper", "MeAdmin", "MeSubscriptionAdmin", "OrderAdmin"))
    _, deciding = await shop.shopper("deciders", roles=("OrderAdmin", "Shopper"))
    await shop.put("securityprofiles/shops", Roles=["Shopper", "OrderAdmin"])
    await shop.post("securityprofiles/assignments", SecurityProfileID="shops", BuyerID="B")
    await shop.put("usergroups/desk")
    rule = {"ApprovalType": "OrderReturn", "ApprovingGroupID": "desk", "RuleExpression": "true"}
    await shop.put("approvalrules/returns", **rule)
    await shop.put("buyers/B/spendingaccounts/money", Balance=1000, AllowAsPaymentMethod=True)
    await shop.post("buyers/B/spendingaccounts/assignments", SpendingAccountID="money", BuyerID="B")
    await shop.put(
        "buyers/B/approvalrules/dear", ApprovingGroupID="deciders", RuleExpression="order.Total > 100"
    )
    sale = Sale(api, user, http)
    await sale.promotion("TEN", "order.Subtotal * 0.1")
    await sale.promotion("ONCE", "1", Code=None, GeneratedCodeCount=2, GeneratedCodeLength=6)
    listed = await checked(api.seller.get("/v1/promotions/ONCE/codes"), 200)
    first, second = (each["Code"] for each in listed.json()["Items"])

    async def order(order_id: str, *lines: tuple[str, int]) -> None:
        await order_of(http, ID=order_id, Comments=f"Comment on {order_id}", xp={"of": order_id})
        for product, quantity in lines:
            await line_of(http, order_id, product, quantity, ID=f"{order_id}-{product}", xp={"gift": True})

    await order("draft", ("A", 1))
    await checked(sale.add(first, "draft"), 201)
    await order("paid", ("A", 2), ("B", 1))
    await checked(sale.add("TEN", "paid"), 201)
    payment = {
        "ID": "pay",
        "Type": "SpendingAccount",
        "SpendingAccountID": "money",
        "Amount": 72,
        "Accepted": True,
    }
    await checked(api.seller.post("/v1/orders/Incoming/paid/payments", json=payment), 201)
    await submitted(http, "paid")
    await checked(api.seller.post("/v1/orders/Incoming/paid/forward"), 200)
    await order("asked", ("B", 3))
    await submitted(http, "asked")
    await order("no", ("B", 4))
    await submitted(http, "no")
    await checked(
        deciding.post("/v1/orders/Outgoing/no/decline", json={"Comments": "Too dear", "AllowResubmit": True}),
        201,
    )
    await submitted(http, "no")
    await order("gone", ("A", 1))
    await submitted(http, "gone")
    await checked(api.seller.post("/v1/orders/Incoming/gone/cancel"), 201)
    await order("sent", ("B", 1))
    await checked(sale.add(second, "sent"), 201)
    await submitted(http, "sent")
    shipment = {
        "ID": "ship",
        "BuyerID": "B",
        "Shipper": "Post",
        "DateShipped": "2026-01-02T03:04:05+00:00",
        "TrackingNumber": "T1",
    }
    await checked(api.seller.post("/v1/shipments", json=shipment), 201)
    item = {"OrderID": "sent", "LineItemID": "sent-B", "QuantityShipped": 1}
    await checked(api.seller.post("/v1/shipments/ship/items", json=item), 200)
    back = {
        "ID": "back",
        "OrderID": "sent",
        "ItemsToReturn": [{"LineItemID": "sent-B", "Quantity": 1}],
        "Comments": "Broken",
    }
    await checked(http.post("/v1/orderreturns", json=back), 201)
    await checked(http.post("/v1/orderreturns/back/submit"), 201)
    terms = {
        "ID": "monthly",
        "Frequency": 1,
        "Interval": "Months",
        "NextOrderDate": "2099-01-31T08:00:00+00:00",
    }
    await checked(http.post("/v1/me/subscriptions", json=terms), 201)
    await checked(
        http.post(
            "/v1/me/subscriptions/monthly/items", json={"ID": "first", "ProductID": "A", "Quantity": 2}
        ),
        201,
    )


ESTIMATE = {
    "HttpStatusCode": 200,
    "Succeeded": True,
    "UnhandledErrorBody": None,
    "ShipEstimates": [
        {
            "ID": "parcel",
            "SelectedShipMethodID": "slow",
            "ShipEstimateItems": [{"LineItemID": "draft-A", "Quantity": 1}],
            "ShipMethods": [
                {"ID": "slow", "Name": "Slow", "Cost": 3.5, "EstimatedTransitDays": 9, "xp": {"a": 1}}
            ],
            "xp": {"box": 7},
        }
    ],
    "xp": {"asked": True},
}
FAILED = {"HttpStatusCode": 502, "Succeeded": False, "UnhandledErrorBody": "Call Ann", "xp": None}


async def answering(api: Api) -> None:
    """An integration that has answered for two of the orders."""
    event = {
        "Name": "Checkout",
        "EventType": "OrderCheckout",
        "CustomImplementationUrl": "https://checkout.example.com",
        "HashKey": "hush",
    }
    await checked(api.seller.put("/v1/integrationEvents/checkout", json=event), 200)
    client = {"AppName": "Asks", "AccessTokenDuration": 60, "OrderCheckoutIntegrationEventID": "checkout"}
    await checked(api.seller.post("/v1/apiclients", json=client), 201)
    for order, column, answer in (("draft", "ship_estimate", ESTIMATE), ("sent", "submit_response", FAILED)):
        await api.server.database.execute(
            f'UPDATE orders SET {column} = $3 WHERE marketplace_id = $1 AND "ID" = $2',
            api.marketplace_id,
            order,
            json.dumps(answer),
        )


async def cloud_with_orders(clouds: Clouds, api: Api) -> Cloud:
    await trading(api)
    await answering(api)
    client = await api.api_client(secret=SECRET, allow_seller=True, default_context_user=api.admin.key)
    return Cloud(clouds.server, api.marketplace, api.marketplace_id, client)


async def cloned(clouds: Clouds, cloud: Cloud, state: Path, **wishes: Any) -> Cloned:
    wanted = Wanted(access=cloud.access, state=state, patience=PATIENCE, orders=True, **wishes)
    return await clone_into(clouds.seeder, clouds.server.database, wanted, transport=cloud.transport)


def the_clone(clouds: Clouds, api: Api, made: Cloned) -> Cloud:
    """As its source, to be read by the same administrator."""
    client = made.seeded.client_ids[api.client_id.lower()]
    login = {"grant_type": "password", "client_id": client, "username": "admin", "password": made.password}
    return Cloud(clouds.server, made.seeded.marketplace, 0, client, login=login)


async def trade_of(cloud: Cloud, directory: Path) -> Trade:
    """All that lists show of orders, as if the marketplace were called `here`."""
    async with cloud.reader() as reader:
        with Store.open(directory, Head(cloud.access.url, cloud.client_id, cloud.marketplace)) as store:
            # What tells that there is something to ask worksheets for.
            store.add("ApiClients", "asking", [{EVENT: "checkout"}], None, {})
            await collect_trade(reader, store, registry(), Silence(), lambda _kind, record: record)
            return {
                each.name: sorted(
                    json.dumps(moved(record, cloud.marketplace, "here"), sort_keys=True, default=str)
                    for record in store.records(each.name)
                )
                for each in TRADE
            }


async def test_orders_come_in_their_states_and_with_their_dates(
    clouds: Clouds, api: Api, tmp_path: Path
) -> None:
    cloud = await cloud_with_orders(clouds, api)
    there = await trade_of(cloud, tmp_path / "there")
    assert all(there.values()), {name for name, records in there.items() if not records}
    states = {
        (json.loads(each)["Item"]["ID"], json.loads(each)["Item"]["Status"]) for each in there["Orders"]
    }
    assert {
        ("draft", "Unsubmitted"),
        ("paid", "Open"),
        ("asked", "AwaitingApproval"),
        ("gone", "Canceled"),
    } <= states
    assert {("sent", "Completed"), ("no", "AwaitingApproval")} <= states
    made = await cloned(clouds, cloud, tmp_path / "state")
    assert made.findings.dropped == {}
    copy = the_clone(clouds, api, made)
    here = await trade_of(copy, tmp_path / "here")
    for name, records in there.items():
        assert here[name] == records, name


async def test_what_is_not_shown_of_orders_follows_from_what_is(
    clouds: Clouds, api: Api, tmp_path: Path
) -> None:
    """Row by row the same, but for keys, which are there where they were, and for what nobody can know."""
    cloud = await cloud_with_orders(clouds, api)
    made = await cloned(clouds, cloud, tmp_path / "state")
    sql = 'SELECT marketplace_id FROM marketplaces WHERE "ID" = $1'
    copy = await clouds.connection.fetchval(sql, made.seeded.marketplace)
    for each in TRADE:
        there = await rows_of(clouds, each.entity.table, api.marketplace_id, api.marketplace)
        here = await rows_of(clouds, each.entity.table, copy, made.seeded.marketplace)
        assert here == there, f"{each.name}: {sorted(set(here) ^ set(there))}"
    (counted,) = [
        await clouds.connection.fetchval(
            'SELECT "RedemptionCount" FROM promotions WHERE marketplace_id = $1 AND "ID" = $2', copy, "TEN"
        )
    ]
    assert counted == 1


UNKNOWN = {"submitter_key"}
"""Who has sent in a return is shown nowhere."""


def _plain(number: str) -> float:
    """2.0 as 2."""
    return int(float(number)) if float(number).is_integer() else float(number)


async def rows_of(clouds: Clouds, table: str, marketplace_id: int, marketplace: str) -> list[str]:
    """The rows of a table, of keys only whether they are there, and without words to search for, which name the marketplace."""
    sql = f"SELECT row_to_json(t)::text FROM {table} t WHERE marketplace_id = $1"
    found = []
    for (text,) in await clouds.connection.fetch(sql, marketplace_id):
        row = json.loads(text.replace(marketplace, "here"), parse_float=_plain)
        for name in list(row):
            if name in {"marketplace_id", "key", *UNKNOWN} or name.startswith("search_"):
                del row[name]
            elif name.endswith("_key") or (name == "position" and table != "order_promotions"):
                row[name] = row[name] is not None
        found.append(json.dumps(row, sort_keys=True))
    return sorted(found)


async def test_a_cloned_order_goes_on_here(clouds: Clouds, api: Api, tmp_path: Path) -> None:
    """A draft is submitted, what was asked for is approved, what was sent is taken back: the rest of their lives is as ever."""
    cloud = await cloud_with_orders(clouds, api)
    (decider,) = [
        row["Username"]
        for row in await api.rows(
            """SELECT u."Username" FROM users u JOIN user_group_members m
               ON m.marketplace_id = u.marketplace_id AND m.user_key = u.key WHERE u.marketplace_id = $1"""
        )
    ]
    made = await cloned(clouds, cloud, tmp_path / "state")
    login = the_clone(clouds, api, made).login
    assert login is not None

    async def token(username: str) -> str:
        async with clouds.server.client() as http:
            answer = await http.post("/oauth/token", data={**login, "username": username})
            found: str = answer.json()["access_token"]
            return found

    deciding = clouds.server.client(await token(decider))
    async with clouds.server.client(await token("admin")) as seller, deciding:
        codes = "/v1/promotions/ONCE/codes"
        used = [each["Redeemed"] for each in (await seller.get(codes)).json()["Items"]]
        assert sorted(used) == [False, True], "that of the order that was sent"
        done = await checked(seller.post("/v1/orders/Incoming/draft/submit"), 201)
        assert done.json()["Status"] == "Open"
        assert all(each["Redeemed"] for each in (await seller.get(codes)).json()["Items"])
        done = await checked(deciding.post("/v1/orders/Outgoing/asked/approve", json={}), 201)
        assert done.json()["Status"] == "Open"
        await checked(seller.delete("/v1/shipments/ship/items/sent/sent-B"), 204)
        assert (await seller.get("/v1/orders/Incoming/sent")).json()["Status"] == "Open"
        done = await checked(seller.post("/v1/orders/Incoming/paid/cancel"), 201)
        assert done.json()["Status"] == "Canceled"
        account = (await seller.get("/v1/buyers/B/spendingaccounts/money")).json()
        assert account["Balance"] == 1000, "what the order was charged with is back"


async def test_orders_that_may_not_be_read_are_told(clouds: Clouds, api: Api, tmp_path: Path) -> None:
    await trading(api)
    reader = await api.user(roles=["BuyerReader", "BuyerUserReader", "ProductReader", "MeAdmin"])
    client = await api.api_client(secret=SECRET, allow_seller=True, default_context_user=reader.key)
    cloud = Cloud(clouds.server, api.marketplace, api.marketplace_id, client)
    made = await cloned(clouds, cloud, tmp_path / "state")
    assert {
        "Orders.List",
        "Shipments.List",
        "OrderReturns.List",
        "Subscriptions.List",
    } <= made.findings.refused.keys()
    assert "Orders" not in made.seeded.records


async def test_orders_are_anonymized_as_their_users_are(clouds: Clouds, api: Api, tmp_path: Path) -> None:
    cloud = await cloud_with_orders(clouds, api)
    made = await cloned(clouds, cloud, tmp_path / "state", anonymize=True)
    sql = 'SELECT marketplace_id FROM marketplaces WHERE "ID" = $1'
    copy = await clouds.connection.fetchval(sql, made.seeded.marketplace)
    rows = await clouds.connection.fetch(
        """SELECT o."Comments", o."FromUser", o.xp, u."Email", u."Username", u."LastName" FROM orders o
           JOIN users u ON u.marketplace_id = o.marketplace_id AND u.key = o.user_key
           WHERE o.marketplace_id = $1 AND NOT o.from_seller""",
        copy,
    )
    assert len(rows) == 6
    for row in rows:
        user = json.loads(row["FromUser"])
        assert (user["Email"], user["Username"], user["LastName"]) == (
            row["Email"],
            row["Username"],
            row["LastName"],
        )
        assert row["Email"].startswith("p-")
        assert row["Comments"].startswith("Comment ")
        assert "Comment on" not in row["Comments"]
        assert json.loads(row["xp"])["of"].startswith("Text ")
    failure = "SELECT submit_response FROM orders WHERE marketplace_id = $1 AND \"ID\" = 'sent'"
    assert json.loads(await clouds.connection.fetchval(failure, copy))["UnhandledErrorBody"].startswith(
        "Answer "
    )


async def test_an_order_that_names_nobody_here_comes_all_the_same(
    clouds: Clouds, api: Api, tmp_path: Path
) -> None:
    """Its user was deleted, its product, too; a subscription is nothing without its user, and is told."""
    cloud = await cloud_with_orders(clouds, api)

    def without(asked: str, page: Any) -> None:
        if "/v1/buyers/B/users?" in asked:
            page["Items"], page["Meta"]["TotalCount"] = [], 0
        if "/v1/products?" in asked:
            page["Items"], page["Meta"]["TotalCount"] = [], 0

    cloud.changes.append(without)
    made = await cloned(clouds, cloud, tmp_path / "state")
    assert made.seeded.records["Orders"] == 7
    assert made.findings.dropped["Subscriptions"] == 1
    assert made.findings.dropped["SubscriptionItems"] == 1


async def test_orders_that_cannot_be_written_leave_nothing(clouds: Clouds, api: Api, tmp_path: Path) -> None:
    cloud = await cloud_with_orders(clouds, api)

    def strange(asked: str, page: Any) -> None:
        if "/v1/orders/All?" in asked:
            for item in page["Items"]:
                item["DateCreated"] = "yesterday"

    cloud.changes.append(strange)
    marketplace = new_id()
    with pytest.raises(SeedRefusedError, match="Orders: they are not what they should be"):
        await cloned(clouds, cloud, tmp_path / "state", marketplace=marketplace)
    assert (
        await clouds.connection.fetchval('SELECT count(*) FROM marketplaces WHERE "ID" = $1', marketplace)
        == 0
    )


async def test_a_source_that_dies_amid_orders_is_gone_on_from(
    clouds: Clouds, api: Api, tmp_path: Path
) -> None:
    cloud = await cloud_with_orders(clouds, api)
    dead = False

    async def die(asked: str) -> Answer | None:
        nonlocal dead
        dead = dead or "/payments?" in asked
        if dead:
            raise UnreachedError("cut")
        return None

    cloud.strikes.append(die)
    with pytest.raises(SourceLostError):
        await cloned(clouds, cloud, tmp_path / "state")
    cloud.strikes.clear()
    cloud.asked.clear()
    made = await cloned(clouds, cloud, tmp_path / "state")
    assert not any("/lineitems?" in each for each in cloud.asked)
    here = await trade_of(the_clone(clouds, api, made), tmp_path / "here")
    assert here == await trade_of(cloud, tmp_path / "there")
