"""Approvals of returns by the rules of sellers, and who is told what (RET-5, RET-6, RET-8, APR-7)."""

from __future__ import annotations

from tests.api.marketplace import Api, codes
from tests.api.outbox import messages
from tests.api.returning import RETURNS, open_returning
from tests.api.shop import line_of, order_of, submitted
from tests.api.uniform.subjects import checked


async def test_approval(api: Api) -> None:
    """RET-5, RET-6, APR-7: rules of the marketplace owner, one after the other; who is told (RET-8)."""
    shop = await open_returning(api)
    (first, one), (second, two) = await shop.approvers("G1"), await shop.approvers("G2")
    await shop.rule("A", "OrderReturn.ItemsToReturn.LineItemID = 'x' or Order.Total > 100", "G1")
    await shop.rule("B", "orderReturn.approved('A') and Order.Total > 110", "G2")
    await shop.rule("C", "Order.DateCompleted < now(-30)", "G2")
    await shop.make("L1")
    waiting = (await checked(shop.do("submit", http=shop.http), 201)).json()
    assert (waiting["Status"], waiting["DateSubmitted"]) == ("AwaitingApproval", None)
    assert await shop.approvals() == [("A", "Pending")]
    assert await shop.messages() == [
        ("OrderReturnSubmittedForApproval", shop.user.id),
        ("OrderReturnSubmittedForYourApproval", first.id),
    ]
    for http, seen in ((one, ["R"]), (two, []), (api.seller, [])):
        assert [each["ID"] for each in (await http.get(f"{RETURNS}?approvable=true")).json()["Items"]] == seen
    assert codes(await shop.do("approve", {}, http=two)) == ["OrderReturn.NotEligibleToApproveOrDecline"]
    eligible = (await api.seller.get(f"{RETURNS}/R/eligibleapprovers")).json()["Items"]
    assert [(each["ID"], each["CompanyID"]) for each in eligible] == [(first.id, api.marketplace)]
    still = (await checked(shop.do("approve", {"Comments": "fine"}, http=one), 201)).json()
    assert (still["Status"], still["DateApproved"]) == ("AwaitingApproval", None)
    assert await shop.approvals() == [("A", "Approved"), ("B", "Pending")]
    assert await shop.messages() == [
        ("OrderReturnSubmittedForYourApprovalHasBeenApproved", first.id),
        ("OrderReturnSubmittedForYourApproval", second.id),
    ]
    opened = (await checked(shop.do("approve", {}, http=two), 201)).json()
    assert opened["Status"] == "Open"
    assert opened["DateApproved"] == opened["DateSubmitted"]
    assert await shop.messages() == [
        ("OrderReturnApproved", shop.user.id),
        ("OrderReturnSubmittedForYourApprovalHasBeenApproved", second.id),
    ]
    found = (await shop.http.get(f"{RETURNS}/R/approvals?search={first.id}&searchOn=Approver")).json()[
        "Items"
    ]
    assert [(each["ApprovalRuleID"], each["OrderReturnID"], each["Comments"]) for each in found] == [
        ("A", "R", "fine")
    ]
    approver = found[0]["Approver"]
    assert (approver["ID"], approver["FailedLoginAttempts"], approver["AvailableRoles"]) == (first.id, 0, [])
    sorted_ = (
        await shop.http.get(f"{RETURNS}/R/approvals?sortBy=!Approver,ApprovalRuleID&Status=Approved")
    ).json()
    assert sorted_["Meta"]["TotalCount"] == 2
    assert (await one.get(f"{RETURNS}?approvable=true")).json()["Items"] == []
    assert (await api.seller.get(f"{RETURNS}/R/eligibleapprovers")).json()["Items"] == []
    listed = (await one.get(f"{RETURNS}?approvable=false")).json()["Items"]
    assert [each["ID"] for each in listed] == ["R"]


async def test_what_messages_say(api: Api) -> None:
    """RET-8, MS-3: the return beside its order; the approvals are the return's. Whoever is not active hears nothing."""
    shop = await open_returning(api)
    approver, _ = await shop.approvers("G")
    await shop.rule("A", "true", "G")
    await shop.make(("L2", 2))
    await checked(shop.do("submit", http=shop.http), 201)
    body = (await messages(api))[-1].body
    assert list(body) == ["Order", "Approvals", "LineItems", "Products", "OrderReturn"]
    assert (body["Order"]["ID"], body["OrderReturn"]["ID"]) == ("O", "R")
    assert (body["OrderReturn"]["Status"], body["OrderReturn"]["ItemsToReturn"][0]["Quantity"]) == (
        "AwaitingApproval",
        2,
    )
    (approval,) = body["Approvals"]
    assert (approval["OrderReturnID"], approval["ApprovalRuleID"], approval["Status"]) == (
        "R",
        "A",
        "Pending",
    )
    assert sorted(each["ID"] for each in body["Products"]) == ["gift", "shoes", "socks"]
    await shop.messages()
    await shop.make("L1", ID="R2")
    await api.deactivate(shop.user.key)
    await checked(shop.do("submit", name="R2"), 201)
    assert await shop.messages() == [("OrderReturnSubmittedForYourApproval", approver.id)]


async def test_a_decline(api: Api) -> None:
    """RET-5: one decline is final; canceled it can be."""
    shop = await open_returning(api)
    (first, one), (second, _) = await shop.approvers("G1"), await shop.approvers("G2")
    await shop.rule("A", "true", "G1")
    await shop.rule("B", "true", "G2")
    await shop.make(("L2", 4))
    await checked(shop.do("submit", http=shop.http), 201)
    await shop.messages()
    declined = (await checked(shop.do("decline", {"Comments": "no"}, http=one), 201)).json()
    assert declined["Status"] == "Declined"
    assert declined["DateDeclined"] is not None
    assert await shop.approvals() == [("A", "Declined"), ("B", "Pending")]
    told = await shop.messages()
    assert told[0] == ("OrderReturnDeclined", shop.user.id)
    assert sorted(told[1:]) == sorted(
        ("OrderReturnSubmittedForYourApprovalHasBeenDeclined", user.id) for user in (first, second)
    )
    assert codes(await shop.do("approve", {}, http=one)) == ["OrderReturn.NotEligibleToApproveOrDecline"]
    await shop.make(("L2", 4), ID="R2")
    await checked(shop.do("cancel", http=shop.http), 201)


async def test_who_submits_answers_nothing(api: Api) -> None:
    """APR-2, APR-3: what its own group is asked is approved at once, and it hears of none of it; as with orders."""
    shop = await open_returning(api)
    (own, submitter), (other, approver) = await shop.approvers("G1"), await shop.approvers("G2")
    await shop.rule("A", "true", "G1")
    await shop.rule("B", "true", "G2")
    await shop.make("L1")
    await checked(shop.do("submit", http=submitter), 201)
    assert await shop.approvals() == [("A", "Approved"), ("B", "Pending")]
    await checked(shop.do("decline", {}, http=approver), 201)
    told = await shop.messages()
    assert own.id not in {recipient for _, recipient in told}
    assert [kind for kind, recipient in told if recipient == other.id] == [
        "OrderReturnSubmittedForYourApproval",
        "OrderReturnSubmittedForYourApprovalHasBeenDeclined",
    ]


async def test_an_inactive_supplier(api: Api) -> None:
    """MS-3: its members hear nothing, though its rules count."""
    shop = await open_returning(api)
    await shop.put("suppliers/s", AllBuyersCanOrder=True)
    await shop.put("products/socks", DefaultSupplierID="s", Returnable=True, DefaultPriceScheduleID="socks")
    _, http = await shop.approvers("G", "s")
    approver, _ = await shop.approvers("G2")
    await shop.rule("S", "true", "G", OwnerID="s")
    await shop.rule("M", "true", "G2")
    await order_of(shop.http, ID="D", ToCompanyID="s")
    await line_of(shop.http, "D", "socks", ID="L1")
    await submitted(shop.http, "D")
    await checked(http.post("/v1/orders/Incoming/D/complete"), 201)
    await shop.make("L1", ID="RD", OrderID="D")
    await shop.put("suppliers/s", Active=False)
    await shop.messages()
    await checked(shop.do("submit", http=shop.http, name="RD"), 201)
    approvals = (await api.seller.get(f"{RETURNS}/RD/approvals?sortBy=ApprovalRuleID")).json()["Items"]
    assert [(each["ApprovalRuleID"], each["Status"]) for each in approvals] == [
        ("M", "Pending"),
        ("S", "Pending"),
    ]
    assert await shop.messages() == [
        ("OrderReturnSubmittedForApproval", shop.user.id),
        ("OrderReturnSubmittedForYourApproval", approver.id),
    ]


async def test_rules_of_suppliers(api: Api) -> None:
    """RET-6: of ToCompanyID's rules and the marketplace owner's; other suppliers' rules count for nothing. A submitter
    in the group has approved at once.
    """
    shop = await open_returning(api)
    for supplier in ("s", "s2"):
        await shop.put(f"suppliers/{supplier}", AllBuyersCanOrder=True)
    await shop.put("products/socks", DefaultSupplierID="s", Returnable=True, DefaultPriceScheduleID="socks")
    member, http = await shop.approvers("G", "s")
    await shop.approvers("G2", "s2")
    _, third = await shop.approvers("G3")
    await shop.rule("S", "true", "G", OwnerID="s")
    await shop.rule("S2", "true", "G2", OwnerID="s2")
    await shop.rule("M", "Order.ToCompanyID = 's'", "G3")
    await shop.make("L1")
    assert (await shop.do("submit", http=shop.http)).json()["Status"] == "Open"
    await order_of(shop.http, ID="D", ToCompanyID="s")
    await line_of(shop.http, "D", "socks", ID="L1")
    await submitted(shop.http, "D")
    await checked(http.post("/v1/orders/Incoming/D/complete"), 201)
    await shop.make("L1", ID="RD", OrderID="D")
    await checked(shop.do("submit", http=shop.http, name="RD"), 201)
    eligible = (await http.get(f"{RETURNS}/RD/eligibleapprovers?sortBy=ID&search={member.id}")).json()[
        "Items"
    ]
    assert [(each["ID"], each["CompanyID"]) for each in eligible] == [(member.id, "s")]
    assert [each["ID"] for each in (await http.get(f"{RETURNS}?approvable=true")).json()["Items"]] == ["RD"]
    assert (await shop.do("approve", {}, http=http, name="RD")).json()["Status"] == "AwaitingApproval"
    assert codes(await api.seller.delete("/v1/approvalrules/M")) == ["ApprovalRule.CannotDeleteIfPending"]
    assert (await shop.do("approve", {}, http=third, name="RD")).json()["Status"] == "Open"
    await checked(api.seller.delete("/v1/approvalrules/M"), 204)
    await shop.make(http=http, ID="RE", OrderID="D")
    own = (await checked(shop.do("submit", http=http, name="RE"), 201)).json()
    assert own["Status"] == "Open"
    approvals = (await http.get(f"{RETURNS}/RE/approvals")).json()["Items"]
    assert [(each["Status"], each["Approver"]["ID"]) for each in approvals] == [("Approved", member.id)]
