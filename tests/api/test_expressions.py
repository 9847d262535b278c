"""Expressions while they are written: what is checked is what saving checks, what is tried is what would happen."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.api.marketplace import Api, Server, codes
from tests.api.promoting import Sale, open_sale
from tests.api.returning import open_returning
from tests.api.shop import order_of
from tests.api.test_approvals import open_office
from tests.api.test_explained_promotions import BY_LINE, CONDITIONS, VALUES
from tests.api.uniform.subjects import checked
from tests.domain.expressions.test_properties import SAMPLES, WORDS
from tests.domain.expressions.vectors import APPROVAL, SELLER_APPROVAL

from entrepot.kernel.errors import NoPromotionIntegrationError

ROOT = "/entrepot/v1/expressions"
PROMOTIONS = ("OrderPromotion", "LineItemPromotion")
KINDS = (*PROMOTIONS, "ApprovalRule", "SellerApprovalRule")
texts = st.one_of(
    st.sampled_from(SAMPLES),
    st.sampled_from([*CONDITIONS, *BY_LINE]),
    st.lists(st.sampled_from([word for word in WORDS if "\0" not in word]), max_size=8).map(" ".join),
    st.sampled_from([None, "", "  ", "1" + " " * 399, "1" + " " * 400, "1" + " " * 999, "1" + " " * 1000]),
)
limits = st.sampled_from([None, None, None, 0, 2])


async def ask(http: httpx.AsyncClient, what: str, **draft: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await checked(http.post(f"{ROOT}/{what}", json=draft), 200)).json()
    return answer


async def tried(shop: Sale, order: str = "O", **draft: Any) -> dict[str, Any]:
    found: dict[str, Any] = await ask(shop.seller, f"orders/{order}/try", **draft)
    return found


@st.composite
def drafts(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    if kind not in PROMOTIONS:
        return {"Kind": kind, "RuleExpression": draw(texts)}
    by_integration = draw(st.sampled_from([False, False, False, True]))
    return {
        "Kind": kind,
        "EligibleExpression": draw(texts),
        "ValueExpression": draw(st.none() | texts if by_integration else texts),
        "UseIntegration": by_integration,
        "QuantityLimitPerOrder": draw(limits),
        "ItemLimitPerOrder": draw(limits),
        "ItemSortBy": draw(st.sampled_from([None, None, "Quantity", "Colour"])),
    }


async def saved(api: Api, draft: dict[str, Any]) -> httpx.Response:
    """The draft, put into what it is for."""
    kind = draft["Kind"]
    body = {name: value for name, value in draft.items() if name != "Kind"}
    if kind in PROMOTIONS:
        body |= {"Code": "P", "LineItemLevel": kind == "LineItemPromotion"}
        return await api.seller.put("/v1/promotions/P", json=body)
    if kind == "ApprovalRule":
        return await api.seller.put("/v1/buyers/B/approvalrules/R", json={**body, "ApprovingGroupID": "G"})
    body |= {"ApprovingGroupID": "G", "ApprovalType": "OrderReturn"}
    return await api.seller.put("/v1/approvalrules/R", json=body)


@settings(max_examples=20)
@given(some=st.lists(drafts(), min_size=8, max_size=8))
async def test_check_accepts_exactly_what_saving_accepts(server: Server, some: list[dict[str, Any]]) -> None:
    """EXPR-1, EXPR-2, EXPR-28, PROMO-4: and every error of saving is among the faults, with the same code and words."""
    async with Api.create(server) as api:
        await checked(api.seller.put("/v1/buyers/B", json={"Name": "B", "Active": True}), 200)
        await checked(api.seller.put("/v1/buyers/B/usergroups/G", json={"Name": "G"}), 200)
        await checked(api.seller.put("/v1/usergroups/G", json={"Name": "G"}), 200)
        for draft in some:
            told = await ask(api.seller, "check", **draft)
            answer = await saved(api, draft)
            refused = [] if answer.is_success else answer.json()["Errors"]
            # No integration values promotions here, which is nothing that an expression says.
            refused = [each for each in refused if each["Message"] != NoPromotionIntegrationError.message]
            assert told["IsValid"] is (refused == []), (draft, told, answer.text)
            assert told["IsValid"] is (told["Faults"] == [])
            faults = [(each["ErrorCode"], each["Message"]) for each in told["Faults"]]
            for each in refused:
                assert (each["ErrorCode"], each["Message"]) in faults, (draft, told, answer.text)
            named = [each["Property"] for each in told["Faults"] if each["Property"]]
            assert len(named) == len(set(named)), "one of each"
            for each in told["Faults"]:
                if each["Position"] is not None:
                    text = draft[each["Property"]]
                    assert 0 <= each["Position"] <= each["Position"] + each["Length"] <= len(text)


@st.composite
def terms(draw: st.DrawFn) -> dict[str, Any]:
    """The expressions of a promotion, with what else decides about its amounts."""
    by_line = draw(st.booleans())
    found: dict[str, Any] = {
        "Kind": "LineItemPromotion" if by_line else "OrderPromotion",
        "EligibleExpression": draw(st.sampled_from(BY_LINE if by_line else CONDITIONS)),
        "ValueExpression": draw(st.sampled_from((*VALUES, "item.LineSubtotal / 3") if by_line else VALUES)),
    }
    limit = draw(st.sampled_from([None, "ItemLimitPerOrder", "QuantityLimitPerOrder"])) if by_line else None
    if limit:
        found |= {
            limit: draw(st.sampled_from([1, 2, 4])),
            "ItemSortBy": draw(st.sampled_from([None, "!UnitPrice"])),
        }
    return found


@settings(max_examples=15)
@given(some=st.lists(terms(), min_size=5, max_size=5))
async def test_what_is_tried_is_what_is_applied(server: Server, some: list[dict[str, Any]]) -> None:
    """ADD-1, AMT-1 to AMT-6, LIM-2: a draft takes off what the promotion does when it is saved and added, from each line; and once
    it is there, a trial of it leaves its own discount aside.
    """
    async with Api.create(server) as api:
        shop = await open_sale(api)
        for number, draft in enumerate(some):
            name = f"P{number}"
            told = (await tried(shop, **draft))["Promotion"]
            facts = {key: value for key, value in draft.items() if key not in ("Kind", "EligibleExpression")}
            value = facts.pop("ValueExpression")
            facts["LineItemLevel"] = draft["Kind"] == "LineItemPromotion"
            await shop.promotion(name, value, draft["EligibleExpression"], **facts)
            added = await shop.add(name)
            assert added.is_success is told["IsEligible"], (draft, told, added.text)
            if not added.is_success:
                assert codes(added) == ["Promotion.NotEligible"]
                assert told["Amount"] == 0
                if draft["Kind"] == "OrderPromotion":
                    assert any(each["Fails"] for each in told["Eligible"])
                continue
            rows = (await shop.http.get("/v1/orders/Outgoing/O/promotions?pageSize=100")).json()["Items"]
            own = {each["LineItemID"]: each["Amount"] for each in rows if each["ID"] == name}
            assert round(sum(own.values()), 2) == told["Amount"], (draft, told, own)
            if facts["LineItemLevel"]:
                taken = {
                    each["LineItemID"]: each["Amount"] for each in told["Lines"] if each["LineItemID"] in own
                }
                assert taken == own, (draft, told)
                assert {each["LineItemID"] for each in told["Lines"] if each["IsEligible"]} >= set(own)
            else:
                assert set(own) == {None}
            again = (await tried(shop, **draft, ID=name))["Promotion"]
            others = round(sum(each["Amount"] for each in rows if each["ID"] != name), 2)
            assert (again["Before"], again["Amount"]) == (others, told["Amount"])


async def test_a_line_is_told_of(api: Api) -> None:
    """LIM-2: which lines are eligible, what each would lose, and what it loses."""
    shop = await open_sale(api)
    draft: dict[str, Any] = {
        "EligibleExpression": "item.UnitPrice < 25",
        "ValueExpression": "item.UnitPrice * 2",
    }
    answer = await tried(
        shop, Kind="LineItemPromotion", **draft, QuantityLimitPerOrder=4, ItemSortBy="UnitPrice"
    )
    assert (answer["OrderID"], answer["Status"], answer["Subtotal"], answer["Rule"]) == (
        "O",
        "Unsubmitted",
        100,
        None,
    )
    told = answer["Promotion"]
    lines = [
        (each["LineItemID"], each["IsEligible"], each["Value"], each["Amount"]) for each in told["Lines"]
    ]
    assert lines == [("A", True, 60, 30), ("B", True, 40, 40), ("C", False, None, 0)]
    assert (told["Value"], told["Amount"], told["MoreLines"]) == (100, 70, 0)
    clauses = [(each["LineItemID"], each["Holds"], each["Values"]) for each in told["Eligible"]]
    assert clauses[2] == ("C", False, [{"Part": "item.UnitPrice", "Value": "30"}])
    assert told["Parts"] == [{"Part": "item.UnitPrice", "Value": "10"}]


async def test_promotions_that_an_integration_values(api: Api) -> None:
    """INT-1: they have a condition alone."""
    shop = await open_sale(api)
    draft: dict[str, Any] = {
        "Kind": "OrderPromotion",
        "EligibleExpression": "order.Total > 100",
        "UseIntegration": True,
    }
    told = (await tried(shop, **draft))["Promotion"]
    assert (told["IsEligible"], told["Value"], told["Amount"], told["Parts"]) == (True, None, 0, [])


@pytest.mark.parametrize("at_once", [False, True])
async def test_what_is_tried_of_rules_is_what_submitting_asks(api: Api, at_once: bool) -> None:
    """APR-2, APR-3: beside the buyer's rules, of which the submitter can approve `mgr` itself or cannot."""
    office = await open_office(api)
    await office.group("managers")
    if at_once:
        member = {"UserID": office.shopper.id, "UserGroupID": "managers"}
        await office.shop.post("buyers/B/usergroups/assignments", **member)
    await office.group("others")
    await office.rule("mgr", "order.Total > 10", "managers")
    expressions = (
        "order.Total > 20",
        "order.Total > 500",
        "order.approved('mgr')",
        "not order.approved('mgr')",
    )
    for number, expression in enumerate(expressions):
        order = f"O{number}"
        await order_of(office.http, ID=order)
        line = {"ProductID": "P", "Quantity": 50}
        await checked(office.http.post(f"/v1/orders/Outgoing/{order}/lineitems", json=line), 201)
        draft = {"Kind": "ApprovalRule", "RuleExpression": expression}
        told = (await ask(api.seller, f"orders/{order}/try", **draft))["Rule"]
        assert told["ApprovedRules"] == (["mgr"] if at_once else [])
        await office.rule("tried", expression, "others")
        assert (await ask(api.seller, f"orders/{order}/try", **draft, ID="tried"))["Rule"] == told
        submitted = await checked(office.http.post(f"/v1/orders/Outgoing/{order}/submit"), 201)
        asked = dict(await office.approvals(order))
        assert (asked.get("tried") == "Pending") is told["RequiresApproval"], (expression, told, asked)
        waits = any(each == "Pending" for each in asked.values())
        assert submitted.json()["Status"] == ("AwaitingApproval" if waits else "Open")
        later = (await ask(api.seller, f"orders/{order}/try", **draft, ID="TRIED"))["Rule"]
        # Once somebody has approved, a rule that wants nobody to have is not asked again.
        if not (at_once and expression.startswith("not")):
            assert later["RequiresApproval"] is told["RequiresApproval"], expression
        assert (await api.seller.delete("/v1/buyers/B/approvalrules/tried")).status_code in (204, 400)


async def test_who_submits_may_approve_at_once(api: Api) -> None:
    office = await open_office(api)
    await office.group("managers")
    await office.rule("mgr", "order.Total > 10", "managers")
    member = {"UserID": office.shopper.id, "UserGroupID": "managers"}
    await office.shop.post("buyers/B/usergroups/assignments", **member)
    await order_of(office.http, ID="O")
    draft = {"Kind": "ApprovalRule", "RuleExpression": "order.LineItemCount = 0 and items.count() < 1"}
    told = (await ask(api.seller, "orders/O/try", **draft, ID="mgr"))["Rule"]
    assert (told["Holds"], told["RequiresApproval"], told["ApprovedAtOnce"]) == (True, False, True)
    told = (await ask(api.seller, "orders/O/try", **draft))["Rule"]
    assert (told["Holds"], told["RequiresApproval"], told["ApprovedAtOnce"]) == (True, True, False)
    assert [each["Clause"] for each in told["Clauses"]] == ["order.LineItemCount = 0", "items.count() < 1"]


async def test_what_is_tried_of_returns_is_what_submitting_asks(api: Api) -> None:
    """APR-5, APR-7: the rules of the seller, over the return and its order."""
    shop = await open_returning(api)
    await shop.make("L1", ("L2", 2))
    await shop.approvers("G")
    for number, expression in enumerate(
        (
            "orderReturn.ItemsToReturn.count() > 1",
            "orderReturn.ItemsToReturn.count() > 2",
            "order.Total > 100",
        )
    ):
        draft = {"Kind": "SellerApprovalRule", "RuleExpression": expression}
        answer = await ask(api.seller, "orderreturns/R/try", **draft)
        assert (answer["OrderID"], answer["OrderReturnID"], answer["Status"]) == ("O", "R", "Unsubmitted")
        told = answer["Rule"]
        assert told["RequiresApproval"] is (number != 1)
        await shop.rule(f"rule{number}", expression, "G")
    await checked(shop.do("submit", http=shop.http), 201)
    assert await shop.approvals() == [("rule0", "Pending"), ("rule2", "Pending")]
    found = (await checked(api.seller.get(f"{ROOT}/orderreturns/R/paths"), 200)).json()
    assert (found["OrderID"], found["OrderReturnID"]) == ("O", "R")
    assert [each["Of"] for each in found["Records"]] == ["Order", "LineItem", "OrderReturn"]


async def test_an_expression_for_the_wrong_thing(api: Api) -> None:
    """What is about returns is tried on these, and refused as saving refuses it."""
    shop = await open_returning(api)
    await shop.make("L1")
    draft = {"Kind": "SellerApprovalRule", "RuleExpression": SELLER_APPROVAL["SR-1"][2]}
    assert codes(await api.seller.post(f"{ROOT}/orders/O/try", json=draft)) == ["ValidationFailure"]
    draft = {"Kind": "ApprovalRule", "RuleExpression": APPROVAL["AR-1"][2]}
    assert codes(await api.seller.post(f"{ROOT}/orderreturns/R/try", json=draft)) == ["ValidationFailure"]
    for name, (_, expected, text) in APPROVAL.items():
        if len(expected) > 1:
            draft = {"Kind": "ApprovalRule", "RuleExpression": text}
            answer = await api.seller.post(f"{ROOT}/orders/O/try", json=draft)
            assert codes(answer) == [f"Expression.{expected}"], name
            assert answer.json()["Errors"][0]["Data"]["Field"] == "RuleExpression"


async def test_the_paths_of_an_order(api: Api) -> None:
    """EXPR-13: into xp, too, with what is there; nothing that the database keeps besides."""
    await open_sale(api)
    found = (await checked(api.seller.get(f"{ROOT}/orders/O/paths"), 200)).json()
    order, line = (
        {each["Path"]: (each["Type"], each["Sample"]) for each in record["Paths"]}
        for record in found["Records"]
    )
    assert order["xp.Channel"] == ("String", '"Web"')
    assert order["xp.Nums"] == ("Array", "[1, 23]")
    assert order["FromUser.xp.FirstOrder"] == ("Boolean", "true")
    assert line["Product.xp.OnSale"] == ("Boolean", "true")
    assert not [path for path in (*order, *line) if "_" in path]


async def test_the_vocabulary(api: Api) -> None:
    told = (await checked(api.seller.get(f"{ROOT}/vocabulary"), 200)).json()
    assert [each["Kind"] for each in told["Kinds"]] == list(KINDS)
    fields = {
        each["Name"]: (each["MaxLength"], each["IsCondition"]) for each in told["Kinds"][0]["Expressions"]
    }
    assert fields == {"EligibleExpression": (400, True), "ValueExpression": (1000, False)}
    assert [each["Approvable"] for each in told["Kinds"]] == [None, None, "order", "orderReturn"]
    line = {each["Path"]: each["Type"] for record in told["Records"][1:2] for each in record["Paths"]}
    assert (line["Quantity"], line["Product.xp"], line["ShippingAddress.City"]) == (
        "Integer",
        "Object",
        "String",
    )
    assert "Product.Inventory.QuantityAvailable" in line


async def test_whose_roles_suffice(api: Api) -> None:
    """Who may read promotions writes their expressions, not those of rules; what an order has is for those who may see it."""
    shop = await open_sale(api)
    promotion = {"Kind": "OrderPromotion", "EligibleExpression": "true", "ValueExpression": "1"}
    rule = {"Kind": "ApprovalRule", "RuleExpression": "true"}
    reader = api.as_(api.admin, roles=["PromotionReader"])
    assert (await reader.get(f"{ROOT}/vocabulary")).status_code == 200
    assert (await reader.post(f"{ROOT}/check", json=promotion)).json()["IsValid"]
    assert codes(await reader.post(f"{ROOT}/check", json=rule)) == ["Auth.InsufficientRoles"]
    assert codes(await reader.post(f"{ROOT}/orders/O/try", json=rule)) == ["Auth.InsufficientRoles"]
    assert codes(await reader.post(f"{ROOT}/orders/O/try", json=promotion)) == ["NotFound"]
    assert codes(await reader.get(f"{ROOT}/orders/O/paths")) == ["NotFound"]
    both = api.as_(api.admin, roles=["PromotionReader", "UnsubmittedOrderReader", "OrderReader"])
    assert (await both.post(f"{ROOT}/orders/O/try", json=promotion)).status_code == 200
    for what in ("vocabulary", "orders/O/paths"):
        assert (await shop.http.get(f"{ROOT}/{what}")).status_code == 403
        assert (await api.as_(api.admin, roles=["ProductAdmin"]).get(f"{ROOT}/{what}")).status_code == 403


async def test_others_learn_nothing(api: Api, server: Server) -> None:
    shop = await open_returning(api)
    await shop.make("L1")
    promotion = {"Kind": "OrderPromotion", "EligibleExpression": "true", "ValueExpression": "1"}
    rule = {"Kind": "SellerApprovalRule", "RuleExpression": "true"}
    async with Api.create(server) as other:
        for answer in (
            await other.seller.get(f"{ROOT}/orders/O/paths"),
            await other.seller.get(f"{ROOT}/orderreturns/R/paths"),
            await other.seller.post(f"{ROOT}/orders/O/try", json=promotion),
            await other.seller.post(f"{ROOT}/orderreturns/R/try", json=rule),
        ):
            assert codes(answer) == ["NotFound"]


async def test_nothing_is_written(api: Api) -> None:
    shop = await open_sale(api)
    before = await shop.order()
    await tried(shop, Kind="OrderPromotion", EligibleExpression="true", ValueExpression="10", ID="NEW")
    assert await shop.order() == before
    assert (await shop.seller.get("/v1/promotions/NEW")).status_code == 404


async def test_what_takes_too_many_steps(api: Api) -> None:
    """Security 5: as in earnest such a promotion is not eligible, and such a rule holds; both are told so."""
    shop = await open_sale(api)
    await checked(shop.http.patch("/v1/orders/Outgoing/O", json={"xp": {"Many": [1] * 2_500}}), 200)
    endless = "order.xp.Many.any(order.xp.Many.count(item > 0) = 0)"
    draft = {"EligibleExpression": endless, "ValueExpression": "1"}
    told = (await tried(shop, Kind="OrderPromotion", **draft))["Promotion"]
    assert (told["TooManySteps"], told["IsEligible"], told["Amount"]) == (True, False, 0)
    await shop.promotion("P", "1", endless)
    assert codes(await shop.add("P")) == ["Promotion.NotEligible"]
    told = (await tried(shop, Kind="ApprovalRule", RuleExpression=endless))["Rule"]
    assert (told["TooManySteps"], told["Holds"], told["RequiresApproval"]) == (True, True, True)
    await shop.put("buyers/B/usergroups/G")
    await shop.put("buyers/B/approvalrules/R", ApprovingGroupID="G", RuleExpression=endless)
    submitted = await checked(shop.http.post("/v1/orders/Outgoing/O/submit"), 201)
    assert submitted.json()["Status"] == "AwaitingApproval"
