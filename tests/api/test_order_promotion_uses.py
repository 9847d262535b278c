"""Uses of promotions: judged again at submit, counted, given back, never more than may be (LIM-1, RCL-3, GEN-1)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from tests.api.marketplace import Api, codes
from tests.api.promoting import EVERY, ORDER, Sale, open_sale
from tests.api.shop import line_of, order_of
from tests.api.uniform.subjects import checked

BY_LINE: dict[str, Any] = {"LineItemLevel": True}


async def test_judged_again_at_submit(api: Api) -> None:
    """RCL-3: validate and submit name every promotion that fails, with the other errors; the order is as it was."""
    shop = await open_sale(api)
    await shop.promotion("EXPIRES", "5")
    await shop.promotion("BIG", "5", "order.Subtotal >= 100")
    await shop.promotion("LINES", "1", EVERY, **BY_LINE)
    await shop.promotion("FINE", "5")
    await shop.added("EXPIRES", "BIG", "LINES", "FINE")
    assert (await shop.http.post(f"{ORDER}/validate")).status_code == 204
    past = {"StartDate": "2019-01-01T00:00:00Z", "ExpirationDate": "2020-01-01T00:00:00Z"}
    await checked(shop.seller.patch("/v1/promotions/EXPIRES", json=past), 200)
    await checked(
        shop.seller.patch("/v1/promotions/LINES", json={"EligibleExpression": "item.Quantity > 1"}), 200
    )
    await checked(shop.http.patch(f"{ORDER}/lineitems/A", json={"Quantity": 2}), 200)
    for path in ("validate", "submit"):
        answer = await shop.http.post(f"{ORDER}/{path}")
        found = [(each["ErrorCode"], each["Data"]) for each in answer.json()["Errors"]]
        assert answer.status_code == 400
        assert found == [
            ("Promotion.Expired", {"ID": "EXPIRES", "Code": "EXPIRES"}),
            ("Promotion.NotEligible", {"ID": "BIG", "Code": "BIG"}),
            ("Promotion.NotEligible", {"ID": "LINES", "Code": "LINES"}),
        ]
    assert (await shop.order())["Status"] == "Unsubmitted"
    assert [await shop.count(name) for name in ("EXPIRES", "BIG", "LINES", "FINE")] == [0, 0, 0, 0]
    removed = (await checked(shop.http.post(f"{ORDER}/refreshpromotions"), 200)).json()["PromosRemoved"]
    assert [(row["ID"], row["LineItemID"], row["ErrorCode"]) for row in removed] == [
        ("EXPIRES", None, "Promotion.Expired"),
        ("BIG", None, "Promotion.NotEligible"),
        ("LINES", "C", "Promotion.NotEligible"),
    ]
    await checked(shop.http.post(f"{ORDER}/submit"), 201)


async def _orders(shop: Sale, code: str, *orders: str) -> list[httpx.AsyncClient]:
    """Orders of one line each with a promotion, each of a shopper of its own."""
    clients = []
    for order in orders:
        _, http = await shop.shopper()
        await order_of(http, ID=order)
        await line_of(http, order, "ABC", 2, ID="L")
        await checked(http.post(f"/v1/orders/Outgoing/{order}/promotions/{code}"), 201)
        clients.append(http)
    return clients


async def test_redeemed_exactly_as_often_as_may_be(api: Api) -> None:
    """LIM-1: of 30 parallel submits with a promotion of RedemptionLimit 10 exactly 10 succeed."""
    shop = await open_sale(api)
    await shop.promotion("P", "1", RedemptionLimit=10)
    names = [f"N{number}" for number in range(30)]
    clients = await _orders(shop, "P", *names)
    answers = await asyncio.gather(
        *(http.post(f"/v1/orders/Outgoing/{name}/submit") for name, http in zip(names, clients, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [400] * 20
    assert {codes(answer)[0] for answer in answers if answer.status_code == 400} == {
        "Promotion.ExceedsUsageLimit"
    }
    assert await shop.count("P") == 10
    assert codes(await shop.add("P")) == ["Promotion.ExceedsUsageLimit"]


async def test_no_use_is_lost(api: Api) -> None:
    """LIM-1: parallel submits and cancellations of orders with the same two promotions, without limits: all are counted."""
    shop = await open_sale(api)
    await shop.promotion("P", "1", Priority=2)
    await shop.promotion("Q", "1", Priority=1)
    names = [f"N{number}" for number in range(16)]
    clients = await _orders(shop, "P", *names)
    for name, http in zip(names, clients, strict=True):
        await checked(http.post(f"/v1/orders/Outgoing/{name}/promotions/Q"), 201)
    gone, more = names[:8], names[8:]
    for name, http in zip(gone, clients, strict=False):
        await checked(http.post(f"/v1/orders/Outgoing/{name}/submit"), 201)
    answers = await asyncio.gather(
        *(shop.seller.post(f"/v1/orders/Incoming/{name}/cancel") for name in gone),
        *(
            http.post(f"/v1/orders/Outgoing/{name}/submit")
            for name, http in zip(more, clients[8:], strict=True)
        ),
    )
    assert [answer.status_code for answer in answers] == [201] * 16
    assert [await shop.count(name) for name in "PQ"] == [8, 8]


async def test_per_user(api: Api) -> None:
    """LIM-1: RedemptionLimitPerUser counts the orders of one user, each once, also in parallel."""
    shop = await open_sale(api)
    await shop.promotion("P", "1", EVERY, **BY_LINE, RedemptionLimitPerUser=2)
    for number in range(6):
        await order_of(shop.http, ID=f"M{number}")
        await line_of(shop.http, f"M{number}", "ABC", 1)
        await line_of(shop.http, f"M{number}", "XYZ", 1)
        await checked(shop.add("P", f"M{number}"), 201)
    answers = await asyncio.gather(
        *(shop.http.post(f"/v1/orders/Outgoing/M{number}/submit") for number in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 400, 400, 400, 400]
    assert await shop.count("P") == 2
    assert codes(await shop.add("P")) == ["Promotion.ExceedsUsageLimit"]
    (other,) = await _orders(shop, "P", "X")
    await checked(other.post("/v1/orders/Outgoing/X/submit"), 201)
    assert await shop.count("P") == 3


async def test_given_back(api: Api) -> None:
    """LIM-1: counted at submit, also where approval is needed; given back when removed, declined, canceled or deleted."""
    shop = await open_sale(api)
    seller = shop.seller
    await shop.promotion("P", "1", RedemptionLimit=1)
    await shop.promotion("Q", "2")
    approver, approves = await shop.shopper()
    await shop.put("buyers/B/usergroups/G")
    await shop.post("buyers/B/usergroups/assignments", UserID=approver.id, UserGroupID="G")
    rule = {"ApprovingGroupID": "G", "RuleExpression": "order.Total < 50"}
    await shop.put("buyers/B/approvalrules/R", **rule)
    (http,) = await _orders(shop, "P", "N")
    path = "/v1/orders/Outgoing/N"
    assert await shop.count("P") == 0
    waiting = (await checked(http.post(f"{path}/submit"), 201)).json()
    assert (waiting["Status"], await shop.count("P")) == ("AwaitingApproval", 1)
    assert (await http.post(f"{path}/promotions/Q")).status_code == 403
    incoming = "/v1/orders/Incoming/N"
    await checked(seller.post(f"{incoming}/promotions/Q"), 201)
    assert [await shop.count(name) for name in "PQ"] == [1, 1]
    await checked(seller.delete(f"{incoming}/promotions/P"), 200)
    assert [await shop.count(name) for name in "PQ"] == [0, 1]
    await checked(seller.post(f"{incoming}/promotions/P"), 201)
    order = (await http.get(path)).json()
    assert (order["PromotionDiscount"], order["Total"]) == (3, 17)
    await checked(approves.post(f"{path}/decline", json={"Comments": "no", "AllowResubmit": True}), 201)
    assert [await shop.count(name) for name in "PQ"] == [0, 0]
    await checked(seller.patch("/v1/promotions/Q", json={"Name": "live again"}), 200)
    rows = (await http.get(f"{path}/promotions?sortBy=ID")).json()["Items"]
    assert [(row["ID"], row["Name"]) for row in rows] == [("P", None), ("Q", "live again")]
    await checked(http.post(f"{path}/submit"), 201)
    assert [await shop.count(name) for name in "PQ"] == [1, 1]
    await checked(seller.delete("/v1/buyers/B/approvalrules/R"), 400)
    await checked(approves.post(f"{path}/approve", json={"Comments": "yes"}), 201)
    assert [await shop.count(name) for name in "PQ"] == [1, 1]
    await checked(seller.post(f"{incoming}/cancel"), 201)
    assert [await shop.count(name) for name in "PQ"] == [0, 0]
    (http,) = await _orders(shop, "P", "D")
    await checked(http.post("/v1/orders/Outgoing/D/submit"), 201)
    await checked(seller.delete("/v1/orders/Incoming/D"), 204)
    assert await shop.count("P") == 0


async def test_declined_after_it_was_withdrawn(api: Api) -> None:
    """PROMO-11 with ST-6: an order that becomes unsubmitted again has lost what is not active any more."""
    shop = await open_sale(api)
    seller = shop.seller
    await shop.promotion("P", "1")
    await shop.promotion("Q", "2")
    approver, approves = await shop.shopper()
    await shop.put("buyers/B/usergroups/G")
    await shop.post("buyers/B/usergroups/assignments", UserID=approver.id, UserGroupID="G")
    await shop.put("buyers/B/approvalrules/R", ApprovingGroupID="G", RuleExpression="true")
    await shop.added("P", "Q")
    await checked(shop.http.post(f"{ORDER}/submit"), 201)
    await checked(seller.patch("/v1/promotions/P", json={"Active": False}), 200)
    assert await shop.rows() == "P 1.00, Q 2.00"
    await checked(approves.post(f"{ORDER}/decline", json={"AllowResubmit": True}), 201)
    order = await shop.order()
    assert (order["Status"], order["Total"], await shop.rows()) == ("Unsubmitted", 118.5, "Q 2.00")


async def test_generated_codes(api: Api) -> None:
    """GEN-1: a code adds its promotion once; it is used at submit, and free again after a cancellation."""
    shop = await open_sale(api)
    facts: dict[str, Any] = {
        "Code": None,
        "GeneratedCodeCount": 2,
        "GeneratedCodeLength": 6,
        "GeneratedCodePrefix": "VIP",
    }
    await shop.promotion("P", "5", **facts)
    path = "/v1/promotions/P/codes"
    first, second = [row["Code"] for row in (await shop.seller.get(path)).json()["Items"]]

    async def redeemed() -> list[bool]:
        return [row["Redeemed"] for row in (await shop.seller.get(path)).json()["Items"]]

    row = (await checked(shop.add(first.lower()), 201)).json()
    assert (row["Code"], row["ID"], row["Amount"]) == (first, "P", 5)
    assert codes(await shop.add(second)) == ["Promotion.AlreadyAdded"]
    other, late = await _orders(shop, first, "X", "Y")
    await checked(other.post("/v1/orders/Outgoing/X/submit"), 201)
    refreshed = (await checked(late.post("/v1/orders/Outgoing/Y/refreshpromotions"), 200)).json()
    assert [(row["Code"], row["ErrorCode"]) for row in refreshed["PromosRemoved"]] == [
        (first, "Promotion.ExceedsUsageLimit")
    ]
    assert await redeemed() == [True, False]
    assert codes(await shop.http.post(f"{ORDER}/submit")) == ["Promotion.ExceedsUsageLimit"]
    order = (await checked(shop.http.delete(f"{ORDER}/promotions/{first}"), 200)).json()
    assert order["PromotionDiscount"] == 0
    assert codes(await shop.add(first)) == ["Promotion.ExceedsUsageLimit"]
    await shop.added(second)
    assert (await shop.http.get(f"{ORDER}/promotions?search={second}")).json()["Meta"]["TotalCount"] == 1
    await checked(shop.http.post(f"{ORDER}/submit"), 201)
    assert (await redeemed(), await shop.count("P")) == ([True, True], 2)
    (kept,) = (await shop.http.get(f"{ORDER}/promotions")).json()["Items"]
    assert kept["Code"] == second
    await checked(shop.seller.post("/v1/orders/Incoming/X/cancel"), 201)
    assert (await redeemed(), await shop.count("P")) == ([False, True], 1)


async def test_one_generated_code_for_many(api: Api) -> None:
    """GEN-1: of parallel submits with the same code one succeeds."""
    shop = await open_sale(api)
    await shop.promotion("P", "5", Code=None, GeneratedCodeCount=1, GeneratedCodeLength=6)
    (code,) = [row["Code"] for row in (await shop.seller.get("/v1/promotions/P/codes")).json()["Items"]]
    names = [f"N{number}" for number in range(6)]
    clients = await _orders(shop, code, *names)
    answers = await asyncio.gather(
        *(http.post(f"/v1/orders/Outgoing/{name}/submit") for name, http in zip(names, clients, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 5


LOCK_ONE = 'SELECT 1 FROM promotions WHERE marketplace_id = $1 AND "ID" = $2 FOR NO KEY UPDATE'
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%promotions t%'"
)


async def test_promotions_with_limits_are_locked_first(api: Api) -> None:
    """Reliability F21: a submit holds those with limits from its beginning and comes to the others at its end. Who adds both
    at once waits for the first kind before it holds one of the second: in the other order each waits for the other.
    """
    shop = await open_sale(api)
    await shop.promotion("A", "1", AutoApply=True)
    await shop.promotion("Z", "1", RedemptionLimit=10, AutoApply=True)
    database = api.server.database
    async with database.acquire() as submit:
        async with submit.transaction():
            await submit.execute(LOCK_ONE, api.marketplace_id, "Z")
            adding = asyncio.create_task(shop.http.post(f"{ORDER}/applypromotions"))
            while not await database.fetchval(WAITING):
                await asyncio.sleep(0.01)
            await submit.execute(f"{LOCK_ONE} NOWAIT", api.marketplace_id, "A")
        assert (await adding).status_code == 201
    assert (await shop.order())["PromotionDiscount"] == 2


async def test_what_is_counted_at_once_is_locked_so_at_once(api: Api) -> None:
    """Reliability F21: of two that share a lock neither could make it a stronger one. An order that waits for approval counts
    what is added; while somebody else shares the promotion, the unit waits with its first lock and not with a later one.
    """
    shop = await open_sale(api)
    await shop.promotion("P", "1")
    approver, _ = await shop.shopper()
    await shop.put("buyers/B/usergroups/G")
    await shop.post("buyers/B/usergroups/assignments", UserID=approver.id, UserGroupID="G")
    await shop.put("buyers/B/approvalrules/R", ApprovingGroupID="G", RuleExpression="true")
    assert (await checked(shop.http.post(f"{ORDER}/submit"), 201)).json()["Status"] == "AwaitingApproval"
    database = api.server.database
    async with database.acquire() as sharer, sharer.transaction():
        await sharer.execute(LOCK_ONE.replace("FOR NO KEY UPDATE", "FOR SHARE"), api.marketplace_id, "P")
        adding = asyncio.create_task(shop.seller.post("/v1/orders/Incoming/O/promotions/P"))
        while not await database.fetchval(WAITING):
            await asyncio.sleep(0.01)
        assert "UPDATE promotions" not in await database.fetchval(WAITING.replace("count(*)", "query"))
    assert (await adding).status_code == 201
    assert await shop.count("P") == 1
