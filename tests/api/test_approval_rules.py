"""Approval rules of buyers and sellers: expressions, approving groups, owners (EXPR-1, EXPR-2, APR-1, APR-7)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.company import company
from tests.api.marketplace import Api, codes
from tests.api.shop import ids
from tests.api.uniform.subjects import checked

OF_BUYER = "/v1/buyers/b/approvalrules"
OF_SELLERS = "/v1/approvalrules"
RULE = {"ApprovingGroupID": "g1", "RuleExpression": "order.Total > 100"}
SELLER_RULE = {**RULE, "ApprovalType": "OrderReturn", "RuleExpression": "orderReturn.RefundAmount > 50"}
BODIES = {OF_BUYER: RULE, OF_SELLERS: SELLER_RULE}

# Path, expression, and the refusal: None where it is saved.
EXPRESSIONS: list[tuple[str, str, str | None]] = [
    (OF_BUYER, "true", None),
    (OF_BUYER, " order.approved( 'r1' )  & items.total(CostCenter = 'C') > 5", None),
    (OF_BUYER, "", "ValidationFailure"),
    (OF_BUYER, " \t", "ValidationFailure"),
    (OF_BUYER, "1" * 401, "ValidationFailure"),
    (OF_BUYER, "order.Total >", "Expression.InvalidSyntax"),
    (OF_BUYER, "orderReturn.RefundAmount > 5", "Expression.InvalidToken"),
    (OF_BUYER, "approved('r1')", "Expression.InvalidFunction"),
    (OF_BUYER, "order.approved()", "Expression.InvalidArguments"),
    (OF_BUYER, "item.Quantity > 5", "Expression.ItemNotAllowed"),
    (OF_BUYER, "orderHistory.Total > 5", "Expression.OrderHistoryCannotBeUsed"),
    (OF_SELLERS, "Order.DateCompleted < now(-30) and orderReturn.approved('r')", None),
    (OF_SELLERS, "orderReturn.ItemsToReturn.any(item.Quantity > 1) or items.any()", None),
    (OF_SELLERS, "order.approved('r1')", "Expression.InvalidFunction"),
    (OF_SELLERS, "orderReturn.Refund > 5", "Expression.InvalidToken"),
    (OF_SELLERS, "item.Quantity > 5", "Expression.ItemNotAllowed"),
]


async def groups(api: Api) -> None:
    """Group g1 with the buyer b, with the seller, and with the supplier own."""
    await company(api)
    for home in ("/v1/usergroups", "/v1/suppliers/own/usergroups"):
        if "own" in home:
            await api.supplier("own")
        await checked(api.seller.post(home, json={"ID": "g1", "Name": "G"}), 201)


@pytest.mark.parametrize(("path", "expression", "code"), EXPRESSIONS)
async def test_expressions(path: str, expression: str, code: str | None, api: Api) -> None:
    """EXPR-1, EXPR-2: by every verb; a good one comes back as it was, a bad one saves nothing."""
    await groups(api)
    made = (await checked(api.seller.put(f"{path}/r", json=BODIES[path]), 200)).json()
    changes = {"RuleExpression": expression}
    for verb, url in (("POST", ""), ("PUT", "/new"), ("PUT", "/r"), ("PATCH", "/r")):
        answer = await api.seller.request(verb, path + url, json={**BODIES[path], **changes})
        if code is None:
            assert answer.is_success, answer.text
            assert answer.json()["RuleExpression"] == expression
        else:
            assert (answer.status_code, codes(answer)) == (400, [code])
            field = "Property" if code == "ValidationFailure" else "Field"
            assert answer.json()["Errors"][0]["Data"][field] == "RuleExpression"
    if code is not None:
        assert (await checked(api.seller.get(f"{path}/r"), 200)).json() == made
        assert await ids(api.seller, path) == ["r"]


async def test_group_of_buyer(api: Api) -> None:
    """APR-1: a group of that buyer; it stays where a PATCH does not name it, and follows its new ID."""
    await groups(api)
    http = api.seller
    await checked(http.post("/v1/buyers/b2/usergroups", json={"ID": "there", "Name": "G"}), 201)
    await checked(http.post("/v1/usergroups", json={"ID": "sellers", "Name": "G"}), 201)
    made = (await checked(http.put(f"{OF_BUYER}/r", json={**RULE, "ApprovingGroupID": "G1"}), 200)).json()
    assert made["ApprovingGroupID"] == "g1"
    for group in ("there", "sellers", "nope"):
        for verb, url in (("POST", ""), ("PUT", "/r"), ("PATCH", "/r")):
            body = {**RULE, "ApprovingGroupID": group}
            refused = await checked(http.request(verb, OF_BUYER + url, json=body), 404)
            assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "UserGroup", "ObjectID": group}
    shown = (await checked(http.patch(f"{OF_BUYER}/r", json={"Name": "N"}), 200)).json()
    assert shown == made | {"Name": "N"}
    await checked(http.patch("/v1/buyers/b/usergroups/g1", json={"ID": "renamed"}), 200)
    assert (await checked(http.get(f"{OF_BUYER}/r"), 200)).json()["ApprovingGroupID"] == "renamed"
    moved = await checked(http.patch(f"{OF_BUYER}/r", json={"ApprovingGroupID": "g2"}), 200)
    assert moved.json()["ApprovingGroupID"] == "g2"
    assert await ids(http, f"{OF_BUYER}?ApprovingGroupID=g2") == ["r"]


@pytest.mark.parametrize(
    ("rule", "body", "group"),
    [
        (OF_BUYER, RULE, "/v1/buyers/b/usergroups/g1"),
        (OF_SELLERS, SELLER_RULE, "/v1/usergroups/g1"),
        (OF_SELLERS, {**SELLER_RULE, "OwnerID": "own"}, "/v1/suppliers/own/usergroups/g1"),
    ],
)
async def test_approving_group_stays(rule: str, body: dict[str, Any], group: str, api: Api) -> None:
    """UserGroup.CannotDeleteApprovingGroup, as long as the rule is there."""
    await groups(api)
    await checked(api.seller.put(f"{rule}/r", json=body), 200)
    refused = await checked(api.seller.delete(group), 400)
    assert codes(refused) == ["UserGroup.CannotDeleteApprovingGroup"]
    await checked(api.seller.get(group), 200)
    await checked(api.seller.delete(f"{rule}/r"), 204)
    await checked(api.seller.delete(group), 204)


async def test_companies_take_their_rules_along(api: Api) -> None:
    """ASG-8: a buyer's or supplier's rules go with it and its groups."""
    await groups(api)
    http = api.seller
    await checked(http.put(f"{OF_BUYER}/r", json=RULE), 200)
    for rule, owner in (("own", "own"), ("sellers", None)):
        await checked(http.put(f"{OF_SELLERS}/{rule}", json={**SELLER_RULE, "OwnerID": owner}), 200)
    await checked(http.delete("/v1/suppliers/own"), 204)
    assert await ids(http, OF_SELLERS) == ["sellers"]
    await checked(http.delete("/v1/buyers/b"), 204)
    assert await api.value("SELECT count(*) FROM approval_rules WHERE marketplace_id = $1") == 0


async def test_buyers_know_their_own(api: Api) -> None:
    """ORG-2: a buyer's administrator writes its rules and knows of no other buyer's; a supplier that serves it reads."""
    await groups(api)
    for buyer in ("b", "b2"):
        await checked(api.seller.put(f"/v1/buyers/{buyer}/approvalrules/r", json=RULE), 200)
    mine = api.as_(await api.user(buyer="b"), ["ApprovalRuleAdmin"])
    theirs = "/v1/buyers/b2/approvalrules"
    assert await ids(mine, OF_BUYER) == ["r"]
    await checked(mine.patch(f"{OF_BUYER}/r", json={"Name": "N"}), 200)
    for verb, url in (
        ("GET", ""),
        ("GET", "/r"),
        ("PUT", "/r"),
        ("PATCH", "/r"),
        ("POST", ""),
        ("DELETE", "/r"),
    ):
        await checked(mine.request(verb, theirs + url, json=RULE), 404)
    supplier = api.as_(await api.user(supplier="own"), ["ApprovalRuleAdmin"])
    await checked(supplier.get(theirs), 404)
    await checked(api.seller.put("/v1/suppliers/own/buyers/b2"), 204)
    assert await ids(supplier, theirs) == ["r"]
    await checked(supplier.delete(f"{theirs}/r"), 403)
    reader = api.as_(await api.user(buyer="b"), ["ApprovalRuleReader"])
    await checked(reader.get(f"{OF_BUYER}/r"), 200)
    await checked(reader.delete(f"{OF_BUYER}/r"), 403)


async def test_owners_of_seller_rules(api: Api) -> None:
    """APR-7: the own company, or the one that the marketplace's owner names; the group is the owner's; no buyers."""
    await groups(api)
    await api.supplier("other")
    await checked(api.seller.post("/v1/suppliers/other/usergroups", json={"ID": "g3", "Name": "G"}), 201)
    supplier = api.as_(await api.user(supplier="own"), ["OrderAdmin"])
    for owner, group, status in (
        (None, "g1", 201),
        ("own", "g1", 201),
        ("other", "g3", 201),
        ("other", "g1", 404),
        ("nope", "g1", 404),
    ):
        body = {**SELLER_RULE, "OwnerID": owner, "ApprovingGroupID": group}
        body["ID"] = f"of-{owner or 'seller'}" if status == 201 else "new"
        made = (await checked(api.seller.post(OF_SELLERS, json=body), status)).json()
        assert status == 404 or made["OwnerID"] == (owner or api.marketplace)
    forced = await checked(supplier.put(f"{OF_SELLERS}/mine", json={**SELLER_RULE, "OwnerID": "other"}), 200)
    assert forced.json()["OwnerID"] == "own"
    assert await ids(supplier, OF_SELLERS) == ["mine", "of-own", "of-seller"]
    for rule, status, code in (
        ("mine", 200, None),
        ("of-seller", 403, "ApprovalRule.CannotModify"),
        ("of-other", 404, "NotFound"),
    ):
        answer = await checked(supplier.patch(f"{OF_SELLERS}/{rule}", json={"Name": "N"}), status)
        assert code is None or codes(answer) == [code]
        await checked(supplier.delete(f"{OF_SELLERS}/{rule}"), 204 if code is None else status)
    kept = await checked(api.seller.patch(f"{OF_SELLERS}/of-own", json={"OwnerID": "other"}), 200)
    assert kept.json()["OwnerID"] == "own"
    buyer = api.as_(await api.user(buyer="b"), ["OrderAdmin", "ApprovalRuleReader"])
    for url in (OF_SELLERS, f"{OF_SELLERS}/of-seller"):
        assert codes(await checked(buyer.get(url), 403)) == ["Auth.UserNotAuthorizedToAdmin"]
    for wrong, message in (("Order", "ValidationFailure"), ("Nope", "ValidationFailure")):
        refused = await checked(api.seller.post(OF_SELLERS, json={**SELLER_RULE, "ApprovalType": wrong}), 400)
        assert codes(refused) == [message]


async def test_rule_and_deletion_of_its_group_meet(api: Api) -> None:
    """Whichever comes first: a rule has its group, and a group that is gone has no rule."""
    await groups(api)
    http = api.seller
    for number in range(6):
        group = f"race{number}"
        await checked(http.put(f"/v1/buyers/b/usergroups/{group}", json={"Name": "G"}), 200)
        rule = http.put(f"{OF_BUYER}/{group}", json={**RULE, "ApprovingGroupID": group})
        deletion = http.delete(f"/v1/buyers/b/usergroups/{group}")
        made, deleted = await asyncio.gather(*((rule, deletion) if number % 2 else (deletion, rule)))
        if not number % 2:
            made, deleted = deleted, made
        assert (made.status_code, deleted.status_code) in ((200, 400), (404, 204))
