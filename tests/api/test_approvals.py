"""Approval rules at work: rounds, who approves, what the last approval does (APR-1 to APR-6)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from tests.api.marketplace import Api, User, codes
from tests.api.outbox import told
from tests.api.shop import Shop, get_order, line_of, open_shop, order_of
from tests.api.uniform.subjects import checked

OUT = "/v1/orders/Outgoing"
STOCK = {"Enabled": True, "QuantityAvailable": 100}


class Office:
    """A buyer with a shopper, and approvers in groups."""

    def __init__(self, shop: Shop, shopper: User, http: httpx.AsyncClient) -> None:
        self.shop = shop
        self.api = shop.api
        self.shopper = shopper
        self.http = http

    async def group(self, name: str) -> tuple[User, httpx.AsyncClient]:
        """A group with one member."""
        await self.shop.put(f"buyers/B/usergroups/{name}")
        return await self.shop.shopper(name)

    async def rule(self, name: str, expression: str, group: str) -> None:
        await self.shop.put(
            f"buyers/B/approvalrules/{name}", ApprovingGroupID=group, RuleExpression=expression
        )

    async def order(self, total: int, order_id: str = "O") -> httpx.Response:
        """Submit an order of this total."""
        await order_of(self.http, ID=order_id)
        await line_of(self.http, order_id, "P", total)
        return await self.http.post(f"{OUT}/{order_id}/submit")

    async def approvals(self, order_id: str = "O") -> list[tuple[str, str]]:
        listed = (await self.http.get(f"{OUT}/{order_id}/approvals?sortBy=DateCreated,ApprovalRuleID")).json()
        return [(each["ApprovalRuleID"], each["Status"]) for each in listed["Items"]]

    async def messages(self) -> list[tuple[str, str]]:
        """Since the last time: type and recipient."""
        return await told(self.api)


async def open_office(api: Api) -> Office:
    shop = await open_shop(api)
    await shop.product("P", (1, 1), Inventory=STOCK)
    return Office(shop, *await shop.shopper())


async def approve(http: httpx.AsyncClient, order: str = "O", **body: Any) -> httpx.Response:
    return await http.post(f"{OUT}/{order}/approve", json=body)


async def decline(http: httpx.AsyncClient, order: str = "O", **body: Any) -> httpx.Response:
    return await http.post(f"{OUT}/{order}/decline", json=body)


async def left(office: Office) -> int:
    product = (await office.api.seller.get("/v1/products/P")).json()
    found: int = product["Inventory"]["QuantityAvailable"]
    return found


async def test_a_sequence(api: Api) -> None:
    """APR-2's example: A over 100, B over 500 once A is approved, Total 600."""
    office = await open_office(api)
    (first, one), (second, two) = await office.group("G1"), await office.group("G2")
    await office.rule("A", "order.Total > 100", "G1")
    await office.rule("B", "order.Total > 500 and order.approved('A')", "G2")
    await office.shop.put("products/P", Inventory={**STOCK, "QuantityAvailable": 1000})
    await checked(api.seller.patch("/v1/products/P", json={"DefaultPriceScheduleID": "P"}), 200)
    submitted = await office.order(600)
    order = submitted.json()
    assert (submitted.status_code, order["Status"], order["IsSubmitted"]) == (201, "AwaitingApproval", False)
    assert order["DateSubmitted"] is None
    assert await office.approvals() == [("A", "Pending")]
    assert await left(office) == 1000
    assert await office.messages() == [
        ("OrderSubmittedForApproval", office.shopper.id),
        ("OrderSubmittedForYourApproval", first.id),
    ]
    assert codes(await approve(two)) == ["NotFound"], "the order is not in sight before its turn"
    answer = await approve(one, Comments="fine")
    assert (answer.status_code, answer.json()["Status"]) == (201, "AwaitingApproval")
    assert await office.approvals() == [("A", "Approved"), ("B", "Pending")]
    assert await office.messages() == [
        ("OrderSubmittedForYourApprovalHasBeenApproved", first.id),
        ("OrderSubmittedForYourApproval", second.id),
    ]
    assert codes(await approve(one)) == ["Order.NotEligibleToApprove"]
    opened = (await approve(two)).json()
    assert (opened["Status"], opened["IsSubmitted"]) == ("Open", True)
    assert opened["DateApproved"] == opened["DateSubmitted"]
    assert await left(office) == 400
    assert await office.messages() == [
        ("OrderApproved", office.shopper.id),
        ("OrderSubmittedForYourApprovalHasBeenApproved", second.id),
    ]
    approval = (await one.get(f"{OUT}/O/approvals?ApprovalRuleID=A")).json()["Items"][0]
    assert (approval["Approver"]["ID"], approval["Comments"], approval["ApprovingGroupID"]) == (
        first.id,
        "fine",
        "G1",
    )
    assert approval["DateCompleted"] is not None
    # tools F4, behaviour C3: in copies that were stored before, too.
    kept = """UPDATE order_approvals SET "Approver" = ("Approver"::jsonb - 'FailedLoginAttempts' || $2::jsonb)::json
              WHERE marketplace_id = $1"""
    await api.execute(kept, '{"AvailableRoles": null, "FailedLoginAttempts": null}')
    for each in (approval, (await one.get(f"{OUT}/O/approvals?ApprovalRuleID=A")).json()["Items"][0]):
        assert (each["Approver"]["FailedLoginAttempts"], each["Approver"]["AvailableRoles"]) == (0, [])
    assert codes(await approve(two)) == ["Order.MustBeAwaitingApproval"]


async def test_rules_in_parallel(api: Api) -> None:
    """APR-2, APR-3: all must be satisfied; one approval does for all rules of the caller's groups."""
    office = await open_office(api)
    member, one = await office.group("G1")
    _, two = await office.group("G2")
    await office.rule("A", "true", "G1")
    await office.rule("B", "items.quantity() > 5 & order.Comments <> 'b'", "G1")
    await office.rule("C", "order.Total > 5", "G2")
    await office.rule("D", "order.Total > 50", "G2")
    assert (await office.order(6)).json()["Status"] == "AwaitingApproval"
    assert await office.approvals() == [("A", "Pending"), ("B", "Pending"), ("C", "Pending")]
    assert (await approve(one)).json()["Status"] == "AwaitingApproval"
    assert await office.approvals() == [("A", "Approved"), ("B", "Approved"), ("C", "Pending")]
    assert (await approve(two)).json()["Status"] == "Open"
    found = (await one.get(f"{OUT}/O/approvals?search={member.id}&searchOn=Approver")).json()
    assert found["Meta"]["TotalCount"] == 2


async def test_the_submitter_approves_at_once(api: Api) -> None:
    """APR-2: a rule whose group the submitter is in is approved by its submit, and counts for order.approved."""
    office = await open_office(api)
    await office.group("G1")
    _, two = await office.group("G2")
    await office.shop.post("buyers/B/usergroups/assignments", UserID=office.shopper.id, UserGroupID="G1")
    await office.rule("A", "order.Total > 5", "G1")
    assert (await office.order(6)).json()["Status"] == "Open"
    assert await office.approvals() == [("A", "Approved")]
    await office.rule("B", "order.approved('a')", "G2")
    assert (await office.order(6, "O2")).json()["Status"] == "AwaitingApproval"
    assert await office.approvals("O2") == [("A", "Approved"), ("B", "Pending")]
    assert (await approve(office.http, "O2")).status_code == 403
    assert (await approve(two, "O2")).json()["Status"] == "Open"


async def test_who_may_approve(api: Api) -> None:
    """APR-3, APR-5: members of pending groups but the submitter; others 403, or 404 where they see nothing."""
    office = await open_office(api)
    shop, shopper = office.shop, office.shopper
    member, one = await office.group("G1")
    second, two = await shop.shopper("G1")
    stranger, _ = await shop.shopper()
    await office.rule("A", "true", "G1")
    await office.order(1)
    await shop.post("buyers/B/usergroups/assignments", UserID=shopper.id, UserGroupID="G1")
    assert codes(await approve(office.http)) == ["Order.NotEligibleToApprove"]
    assert (await approve(api.as_(stranger, roles=["Shopper"]))).status_code == 404
    admin = await approve(api.as_(stranger, roles=["FullAccess"]))
    assert (admin.status_code, codes(admin)) == (403, ["Order.NotEligibleToApprove"])
    eligible = (await office.http.get(f"{OUT}/O/eligibleapprovers?sortBy=ID")).json()
    assert [user["ID"] for user in eligible["Items"]] == sorted([member.id, second.id])
    for http, seen in ((one, ["O"]), (two, ["O"]), (office.http, [])):
        listed = (await http.get("/v1/me/orders/approvable")).json()
        assert [order["ID"] for order in listed["Items"]] == seen
    tomorrow = (await one.get("/v1/me/orders/approvable?from=1/1/2999")).json()
    assert tomorrow["Items"] == []
    assert codes(await one.get("/v1/me/orders/approvable?from=soon")) == ["List.InvalidType"]
    found = (await one.get("/v1/me/orders/approvable?search=o&FromUser.ID=" + shopper.id)).json()
    assert found["Meta"]["TotalCount"] == 1
    assert found["Items"][0]["FromUser"]["ID"] == shopper.id
    await approve(one)
    for http in (one, two):
        assert (await http.get("/v1/me/orders/approvable")).json()["Items"] == []
    assert (await office.http.get(f"{OUT}/O/eligibleapprovers")).json()["Items"] == []
    assert (await one.get(f"{OUT}/O")).status_code == 200, "whoever approved sees it ever after"


async def test_inactive_approvers(api: Api) -> None:
    """SUB-5, APR-5: whoever is not active is neither asked nor eligible."""
    office = await open_office(api)
    member, _ = await office.group("G1")
    gone, _ = await office.shop.shopper("G1")
    await office.rule("A", "true", "G1")
    await checked(api.seller.patch(f"/v1/buyers/B/users/{gone.id}", json={"Active": False}), 200)
    await office.order(1)
    eligible = (await office.http.get(f"{OUT}/O/eligibleapprovers")).json()["Items"]
    assert [user["ID"] for user in eligible] == [member.id]
    assert [to for kind, to in await office.messages() if kind == "OrderSubmittedForYourApproval"] == [
        member.id
    ]


async def test_a_decline(api: Api) -> None:
    """APR-4, ST-5: one decline ends it, whoever else is asked; nothing can be approved or submitted again."""
    office = await open_office(api)
    member, one = await office.group("G1")
    other, two = await office.group("G2")
    await office.rule("A", "true", "G1")
    await office.rule("B", "true", "G2")
    await office.order(1)
    await office.messages()
    order = (await decline(one, Comments="no")).json()
    assert (order["Status"], order["IsSubmitted"]) == ("Declined", False)
    assert order["DateDeclined"] is not None
    assert await office.approvals() == [("A", "Declined"), ("B", "Pending")]
    assert await office.messages() == [
        ("OrderDeclined", office.shopper.id),
        ("OrderSubmittedForYourApprovalHasBeenDeclined", member.id),
        ("OrderSubmittedForYourApprovalHasBeenDeclined", other.id),
    ]
    assert (await approve(two)).status_code == 404
    assert codes(await decline(one)) == ["Order.MustBeAwaitingApproval"]
    assert codes(await office.http.post(f"{OUT}/O/submit")) == ["Order.CannotSubmitBadStatus"]
    assert (await two.get("/v1/me/orders/approvable")).json()["Items"] == []


async def test_a_resubmission(api: Api) -> None:
    """APR-4, ST-6: fresh approvals, the old ones stay listed; only the new round counts."""
    office = await open_office(api)
    member, one = await office.group("G1")
    _, two = await office.group("G2")
    await office.rule("A", "true", "G1")
    await office.rule("B", "order.Comments = 'b'", "G2")
    await order_of(office.http, ID="O", Comments="b")
    await line_of(office.http, "O", "P", 1)
    await office.http.post(f"{OUT}/O/submit")
    order = (await decline(one, AllowResubmit=True)).json()
    assert (order["Status"], order["DateSubmitted"]) == ("Unsubmitted", None)
    assert order["DateDeclined"] is not None
    await checked(office.http.patch(f"{OUT}/O", json={"Comments": "c"}), 200)
    assert (await office.http.post(f"{OUT}/O/submit")).json()["Status"] == "AwaitingApproval"
    assert await office.approvals() == [("A", "Declined"), ("B", "Pending"), ("A", "Pending")]
    assert (await two.get("/v1/me/orders/approvable")).json()["Items"] == []
    eligible = (await office.http.get(f"{OUT}/O/eligibleapprovers")).json()["Items"]
    assert [user["ID"] for user in eligible] == [member.id]
    assert (await approve(one)).json()["Status"] == "Open"


async def test_the_last_approval_checks_again(api: Api) -> None:
    """APR-3: stock and balance as they are then; the order keeps waiting if they do not suffice."""
    office = await open_office(api)
    _, one = await office.group("G1")
    await office.rule("A", "true", "G1")
    shop = office.shop
    await shop.put("buyers/B/spendingaccounts/S", Balance=50, AllowAsPaymentMethod=True)
    await shop.post("buyers/B/spendingaccounts/assignments", SpendingAccountID="S", UserID=office.shopper.id)
    await order_of(office.http, ID="O")
    await line_of(office.http, "O", "P", 30)
    body = {"Type": "SpendingAccount", "SpendingAccountID": "S"}
    await checked(office.http.post(f"{OUT}/O/payments", json=body), 201)
    assert (await office.http.post(f"{OUT}/O/submit")).json()["Status"] == "AwaitingApproval"
    seller = api.seller

    async def account(balance: int) -> None:
        await checked(seller.patch("/v1/buyers/B/spendingaccounts/S", json={"Balance": balance}), 200)

    async def stock(quantity: int) -> None:
        inventory = {"Inventory": {"QuantityAvailable": quantity}}
        await checked(seller.patch("/v1/products/P", json=inventory), 200)

    assert (await seller.get("/v1/buyers/B/spendingaccounts/S")).json()["Balance"] == 50
    await account(29)
    assert codes(await approve(one)) == ["Payment.ExceedsBalance"]
    await account(40)
    await stock(29)
    assert codes(await approve(one)) == ["Inventory.Insufficient"]
    assert await office.approvals() == [("A", "Pending")]
    assert (await get_order(office.http, "O"))["Status"] == "AwaitingApproval"
    await stock(30)
    assert (await approve(one)).json()["Status"] == "Open"
    assert (await seller.get("/v1/buyers/B/spendingaccounts/S")).json()["Balance"] == 10
    assert await left(office) == 0


async def test_what_is_needed_for_approvals_stays(api: Api) -> None:
    """APR-6: a rule with pending approvals is not deleted, nor is its group; afterwards it is."""
    office = await open_office(api)
    _, one = await office.group("G1")
    await office.shop.put("buyers/B/usergroups/G2")
    await office.rule("A", "true", "G1")
    await office.order(1)
    url = "/v1/buyers/B/approvalrules/A"
    refused = await api.seller.delete(url)
    assert (refused.status_code, codes(refused)) == (400, ["ApprovalRule.CannotDeleteIfPending"])
    await office.rule("A", "true", "G2")
    group = await api.seller.delete("/v1/buyers/B/usergroups/G1")
    assert codes(group) == ["UserGroup.CannotDeleteApprovingGroup"]
    assert (await approve(one)).json()["Status"] == "Open"
    assert (await api.seller.delete("/v1/buyers/B/usergroups/G1")).status_code == 204
    assert (await api.seller.delete(url)).status_code == 204


@pytest.mark.parametrize("body", [{"Comments": "x" * 2001}, []])
async def test_bad_bodies(api: Api, body: Any) -> None:
    """APR-3: at most 2,000 characters."""
    office = await open_office(api)
    _, one = await office.group("G1")
    await office.rule("A", "true", "G1")
    await office.order(1)
    assert (await one.post(f"{OUT}/O/approve", json=body)).status_code == 400


async def test_both_members_approve_at_once(api: Api) -> None:
    """ST-4: one of them opens the order, stock goes down once."""
    office = await open_office(api)
    _, one = await office.group("G1")
    _, two = await office.shop.shopper("G1")
    await office.rule("A", "true", "G1")
    await office.order(10)
    answers = await asyncio.gather(*(approve(http) for http in (one, two, one, two)))
    assert sorted(answer.status_code for answer in answers)[:1] == [201]
    assert sum(answer.status_code == 201 for answer in answers) == 1
    assert await left(office) == 90


async def test_other_buyers_rules(api: Api) -> None:
    """APR-1: the rules of the buyer that the order is from, and no others."""
    office = await open_office(api)
    await office.shop.put("buyers/X")
    await office.shop.put("buyers/X/usergroups/G")
    await office.shop.put("buyers/X/approvalrules/A", ApprovingGroupID="G", RuleExpression="true")
    assert (await office.order(1)).json()["Status"] == "Open"
    assert (await office.http.get(f"{OUT}/O/approvals")).json()["Items"] == []


async def test_rules_about_categories(api: Api) -> None:
    """APR-1, EXPR-16: lines are reached by items(...) with the functions of expressions."""
    office = await open_office(api)
    await office.group("G1")
    shop = office.shop
    await shop.put("catalogs/C/categories/top")
    await shop.put("catalogs/C/categories/low", ParentID="top")
    await shop.post("catalogs/C/categories/productassignments", CategoryID="low", ProductID="P")
    for number, (expression, status) in enumerate(
        (
            ("items.any(product.incategory('low'))", "AwaitingApproval"),
            ("items.any(product.incategory('top'))", "Open"),
            ("items.any(product.inparentcategory('top'))", "AwaitingApproval"),
            ("items.all(Product.Inventory.QuantityAvailable > 1000)", "Open"),
        )
    ):
        await office.rule("A", expression, "G1")
        answer = await office.order(1, f"O{number}")
        assert answer.json()["Status"] == status, expression
