"""Promotions: settings, expressions, codes, owners, and what shoppers see (PROMO, EXPR-1, EXPR-2, INT-1, GEN-1)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from tests.api.company import company
from tests.api.marketplace import Api, codes
from tests.api.shop import ids
from tests.api.uniform.subjects import checked

from entrepot.kernel.ids import new_id

PATH = "/v1/promotions"
LEAST = {"Code": "CODE", "EligibleExpression": "true", "ValueExpression": "5"}
BY_LINE = {"LineItemLevel": True, "EligibleExpression": "item.Quantity > 1"}
INTEGRATION = {"Url": "https://example.com/promotions", "HashKey": "key"}
GENERATED = {"Code": None, "GeneratedCodeCount": 3, "GeneratedCodeLength": 6, "GeneratedCodePrefix": "VIP"}

# Changes to LEAST, and what they are refused with.
REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"Code": None}, ["ValidationFailure"]),
    ({"Code": "  "}, ["ValidationFailure"]),
    ({"EligibleExpression": None}, ["ValidationFailure"]),
    ({"EligibleExpression": "  "}, ["ValidationFailure"]),
    ({"EligibleExpression": "(" * 401}, ["ValidationFailure"]),
    ({"ValueExpression": "  "}, ["ValidationFailure"]),
    ({"ValueExpression": "1" + " " * 1000}, ["ValidationFailure"]),
    ({"RedemptionLimit": 0, "RedemptionLimitPerUser": -1}, ["ValidationFailure"] * 2),
    ({**BY_LINE, "ItemLimitPerOrder": 0}, ["ValidationFailure"]),
    ({**BY_LINE, "QuantityLimitPerOrder": 0}, ["ValidationFailure"]),
    ({**BY_LINE, "ItemLimitPerOrder": 1, "ItemSortBy": "Quantity,!Colour"}, ["ValidationFailure"]),
    ({**BY_LINE, "ItemLimitPerOrder": 1, "ItemSortBy": "xp." + "a" * 198}, ["ValidationFailure"]),
    ({"StartDate": "2026-01-02", "ExpirationDate": "2026-01-01"}, ["Promotion.ExpirationPrecedsStart"]),
    ({"ItemLimitPerOrder": 1}, ["Promotion.CannotSetItemLimitPerOrder"]),
    ({"QuantityLimitPerOrder": 1}, ["Promotion.CannotSetQuantityLimitPerOrder"]),
    (
        {**BY_LINE, "ItemLimitPerOrder": 1, "QuantityLimitPerOrder": 1},
        ["Promotion.CannotSetQuantityAndItemLimitPerOrder"],
    ),
    ({**BY_LINE, "ItemSortBy": "Quantity"}, ["Promotion.CannotSetItemSortBy"]),
    ({"ItemSortBy": "Quantity"}, ["Promotion.CannotSetItemSortBy"]),
    ({"ValueExpression": None}, ["Promotion.ValueExpressionCanBeNullIfUseIntegration"]),
    ({"UseIntegration": True}, ["Promotion.UseIntegrationMustBeFalse"]),
    ({"UseIntegration": True, "ValueExpression": None}, ["Promotion.ValueExpressionCannotBeNull"]),
    ({"EligibleExpression": "order.Total >"}, ["Expression.InvalidSyntax"]),
    ({"EligibleExpression": "order.Subtotl > 5"}, ["Expression.InvalidToken"]),
    ({"EligibleExpression": "order.approved('r')"}, ["Expression.InvalidFunction"]),
    ({"EligibleExpression": "item.Quantity > 1"}, ["Expression.ItemNotAllowed"]),
    ({"EligibleExpression": "orderHistory.count() = 0"}, ["Expression.OrderHistoryCannotBeUsed"]),
    ({"ValueExpression": "min(1)"}, ["Expression.InvalidArguments"]),
    ({"ValueExpression": "item.Quantity"}, ["Expression.ItemNotAllowed"]),
    ({"LineItemLevel": True}, ["Expression.ItemRequired"]),
    (
        {"EligibleExpression": "user.ID = 'x'", "ValueExpression": "sum(1)"},
        ["Expression.InvalidToken", "Expression.InvalidFunction"],
    ),
    ({**GENERATED, "Code": "X"}, ["ValidationFailure"]),
    ({**GENERATED, "GeneratedCodeLength": None}, ["ValidationFailure"]),
    ({**GENERATED, "GeneratedCodeLength": 4}, ["ValidationFailure"]),
    ({**GENERATED, "GeneratedCodeCount": 10_001}, ["ValidationFailure"]),
    ({**GENERATED, "GeneratedCodeCount": -1, "GeneratedCodeLength": 51}, ["ValidationFailure"] * 2),
    ({**GENERATED, "GeneratedCodePrefix": "a/b"}, ["ValidationFailure"]),
    ({**GENERATED, "GeneratedCodePrefix": "a" * 41}, ["ValidationFailure"]),
]
ALLOWED: list[dict[str, Any]] = [
    {"StartDate": "2026-01-02T00:00:00+00:00", "ExpirationDate": "2026-01-02T00:00:00+00:00"},
    {"ExpirationDate": "2020-01-01T00:00:00+00:00"},
    {**BY_LINE, "ItemLimitPerOrder": 1, "ItemSortBy": "!UnitPrice, product.xp.Rank"},
    {**BY_LINE, "QuantityLimitPerOrder": 1, "ItemSortBy": "Quantity"},
    {**BY_LINE, "ValueExpression": "item.UnitPrice * .5"},
    {"ValueExpression": "1" + " " * 999},
    {"EligibleExpression": "  order.Total  >\t'100' & items.any( product.incategory('A') )"},
]


@pytest.mark.parametrize(("changes", "expected"), REFUSED)
async def test_refused(changes: dict[str, Any], expected: list[str], api: Api) -> None:
    """PROMO-2 to PROMO-6, EXPR-1, EXPR-2, EXPR-28, GEN-1: by every verb, and nothing is saved."""
    http = api.seller
    made = (await checked(http.put(f"{PATH}/p", json=LEAST), 200)).json()
    for verb, url, body in (
        ("POST", "", {**LEAST, "Code": "OTHER", **changes}),
        ("PUT", "/new", {**LEAST, "Code": "OTHER", **changes}),
        ("PUT", "/p", {**LEAST, **changes}),
        ("PATCH", "/p", changes),
    ):
        refused = await checked(http.request(verb, PATH + url, json=body), 400)
        assert codes(refused) == expected
    assert (await checked(http.get(f"{PATH}/p"), 200)).json() == made
    await checked(http.get(f"{PATH}/new"), 404)


async def test_fault_is_shown(api: Api) -> None:
    """EXPR-29: the property and the token in Data, the place in the message; both expressions at once."""
    body = {**LEAST, "EligibleExpression": "true and order.Subtotl > 5", "ValueExpression": "1 +"}
    refused = await checked(api.seller.post(PATH, json=body), 400)
    assert refused.json()["Errors"] == [
        {
            "ErrorCode": "Expression.InvalidToken",
            "Message": "The expression names something that it cannot know. (At character 10.)",
            "Data": {"Field": "EligibleExpression", "Token": "order.Subtotl"},
        },
        {
            "ErrorCode": "Expression.InvalidSyntax",
            "Message": "The expression ends too early. (At character 4.)",
            "Data": {"Field": "ValueExpression", "Token": ""},
        },
    ]


@pytest.mark.parametrize("body", ALLOWED)
async def test_allowed(body: dict[str, Any], api: Api) -> None:
    """PROMO-3, PROMO-4; EXPR-2: the text comes back as it was."""
    made = (await checked(api.seller.post(PATH, json={**LEAST, **body}), 201)).json()
    assert {name: made[name] for name in body} == body
    await checked(api.seller.put(f"{PATH}/p", json={**LEAST, "Code": "P"}), 200)
    patched = (await checked(api.seller.patch(f"{PATH}/p", json=body), 200)).json()
    assert {name: patched[name] for name in body} == body


async def test_defaults(api: Api) -> None:
    """PROMO-1, PROMO-7"""
    made = (await checked(api.seller.post(PATH, json={**LEAST, "RedemptionCount": 7}), 201)).json()
    assert made.pop("ID")
    empty = {name: None for name in made if name not in LEAST}
    false = ("LineItemLevel", "CanCombine", "AllowAllBuyers", "AutoApply", "UseIntegration")
    numbers = ("RedemptionCount", "GeneratedCodeCount", "GeneratedCodeLength")
    assert made == LEAST | empty | dict.fromkeys(false, False) | dict.fromkeys(numbers, 0) | {
        "Active": True,
        "OwnerID": api.marketplace,
    }


async def test_line_item_level_alone(api: Api) -> None:
    """EXPR-2: a PATCH of it checks both expressions again."""
    http = api.seller
    await checked(http.put(f"{PATH}/p", json={**LEAST, **BY_LINE, "ValueExpression": "item.UnitPrice"}), 200)
    refused = await checked(http.patch(f"{PATH}/p", json={"LineItemLevel": False}), 400)
    assert codes(refused) == ["Expression.ItemNotAllowed"] * 2


async def test_codes(api: Api) -> None:
    """PROMO-2: unique in the marketplace, whatever the case and the owner; as stored; a promotion keeps its own."""
    http, supplier = api.seller, api.as_(await api.user(supplier=await api.supplier("S")), ["PromotionAdmin"])
    await checked(http.put(f"{PATH}/a", json={**LEAST, "Code": "Spring-1"}), 200)
    await checked(http.put(f"{PATH}/b", json={**LEAST, "Code": "b"}), 200)
    for answer in (
        http.post(PATH, json={**LEAST, "Code": "SPRING-1"}),
        http.put(f"{PATH}/b", json={**LEAST, "Code": "spring-1"}),
        http.patch(f"{PATH}/b", json={"Code": "Spring-1"}),
        supplier.post(PATH, json={**LEAST, "Code": "spring-1"}),
    ):
        assert codes(await checked(answer, 409)) == ["Promotion.CodeInUse"]
    assert (await checked(http.patch(f"{PATH}/a", json={"Code": "sprinG-1"}), 200)).json()[
        "Code"
    ] == "sprinG-1"
    raced = await asyncio.gather(*(http.post(PATH, json={**LEAST, "Code": "raced"}) for _ in range(4)))
    assert sorted(answer.status_code for answer in raced) == [201, 409, 409, 409]


async def test_integration(api: Api) -> None:
    """PROMO-5, INT-1: a promotion without a value needs the integration, which it keeps from being deleted."""
    http, url = api.seller, "/v1/integrations/promotion"
    await checked(http.put(url, json=INTEGRATION), 200)
    body = {**LEAST, "ValueExpression": None, "UseIntegration": True}
    made = (await checked(http.put(f"{PATH}/p", json=body), 200)).json()
    assert made["ValueExpression"] is None
    refused = await checked(http.delete(url), 400)
    assert codes(refused) == ["PromotionIntegration.CannotDeletePromotionIntegration"]
    await checked(http.patch(f"{PATH}/p", json={"ValueExpression": "5", "UseIntegration": False}), 200)
    await checked(http.delete(url), 204)
    refused = await checked(http.post(PATH, json={**body, "Code": "q"}), 400)
    assert codes(refused) == ["Promotion.ValueExpressionCannotBeNull"]


async def test_owners(api: Api) -> None:
    """PROMO-7, ORG-3: suppliers make their own ones and know of no others; nobody changes an owner."""
    own, theirs = await api.supplier("own"), await api.supplier("theirs")
    seller, supplier = api.seller, api.as_(await api.user(supplier=own), ["PromotionAdmin"])
    await api.buyer("b")
    for name, owner in (("sellers", None), ("theirs", theirs)):
        body = {**LEAST, "ID": name, "Code": name, "OwnerID": owner}
        made = (await checked(seller.post(PATH, json=body), 201)).json()
        assert made["OwnerID"] == (owner or api.marketplace)
        await checked(seller.post(f"{PATH}/assignments", json={"PromotionID": name, "BuyerID": "b"}), 204)
    made = (await checked(supplier.put(f"{PATH}/own", json={**LEAST, "OwnerID": theirs}), 200)).json()
    assert made["OwnerID"] == own
    shown = await checked(supplier.patch(f"{PATH}/own", json={"OwnerID": theirs, "Name": "N"}), 200)
    assert shown.json() == made | {"Name": "N"}
    await checked(supplier.post(f"{PATH}/assignments", json={"PromotionID": "own", "BuyerID": "b"}), 204)

    assert await ids(supplier, PATH) == ["own"]
    assert await ids(seller, f"{PATH}?sortBy=ID") == ["own", "sellers", "theirs"]
    page = (await checked(supplier.get(f"{PATH}/assignments"), 200)).json()
    assert [row["PromotionID"] for row in page["Items"]] == ["own"]
    for name in ("sellers", "theirs"):
        given = {"PromotionID": name, "BuyerID": "b"}
        for verb, url, json in (
            ("GET", f"/{name}", None),
            ("PATCH", f"/{name}", {"Name": "X"}),
            ("DELETE", f"/{name}", None),
            ("GET", f"/{name}/codes", None),
            ("POST", "/assignments", given),
            ("DELETE", f"/{name}/assignments?buyerID=b", None),
        ):
            refused = await checked(supplier.request(verb, PATH + url, json=json), 404)
            assert refused.json()["Errors"][0]["Data"] == {"ObjectType": "Promotion", "ObjectID": name}
        taken = await checked(supplier.put(f"{PATH}/{name}", json={**LEAST, "Code": "new"}), 409)
        assert codes(taken) == ["IdExists"]
    await checked(seller.delete("/v1/suppliers/theirs"), 204)
    assert (await checked(seller.get(f"{PATH}/theirs"), 200)).json()["OwnerID"] == api.marketplace


async def test_assignments(api: Api) -> None:
    """PROMO-8: buyer or group, again and again the same row; never a user."""
    b = await company(api)
    await checked(b.seller.put(f"{PATH}/p", json=LEAST), 200)
    url = f"{PATH}/assignments"
    rows = [{"PromotionID": "p", "BuyerID": "b", "UserGroupID": group} for group in (None, "g1")]
    for row in (*rows, *rows):
        await checked(b.seller.post(url, json=row), 204)
    assert (await checked(b.seller.get(url), 200)).json()["Items"] == rows
    for query, found in (("level=Group", rows[1:]), ("level=Company", rows[:1]), ("buyerID=b2", [])):
        assert (await checked(b.seller.get(f"{url}?{query}"), 200)).json()["Items"] == found
    for changes, kind in (
        ({"PromotionID": "nope"}, "Promotion"),
        ({"BuyerID": "nope"}, "Buyer"),
        ({"UserGroupID": "nope"}, "UserGroup"),
    ):
        refused = await checked(b.seller.post(url, json=rows[1] | changes), 404)
        assert refused.json()["Errors"][0]["Data"] == {"ObjectType": kind, "ObjectID": "nope"}
    refused = await checked(b.seller.delete(f"{PATH}/p/assignments?buyerID=b&userID=ann"), 400)
    assert codes(refused) == ["PartyAssignment.UserLevelNotAllowed"]
    await checked(b.seller.delete(f"{PATH}/p/assignments?buyerID=b"), 204)
    assert (await checked(b.seller.get(url), 200)).json()["Items"] == rows[1:]
    await checked(b.seller.delete(f"{PATH}/p"), 204)
    assert (await checked(b.seller.get(url), 200)).json()["Items"] == []


async def test_shoppers(api: Api) -> None:
    """PROMO-9, PROMO-10: of all buyers, of the buyer, of the user's groups; active ones, whatever their dates."""
    b = await company(api)
    given: dict[str, tuple[dict[str, Any], list[dict[str, str]]]] = {
        "all": ({"AllowAllBuyers": True}, []),
        "buyers": ({}, [{"BuyerID": "b"}, {"BuyerID": "b", "UserGroupID": "g1"}]),
        "g1": ({"ExpirationDate": "2020-01-01"}, [{"BuyerID": "b", "UserGroupID": "g1"}]),
        "g2": ({"StartDate": "2099-01-01"}, [{"BuyerID": "b", "UserGroupID": "g2"}]),
        "idle": ({"AllowAllBuyers": True, "Active": False}, [{"BuyerID": "b"}]),
        "nobodys": ({}, []),
        "others": ({}, [{"BuyerID": "b2"}, {"BuyerID": "b2", "UserGroupID": "g1"}]),
    }
    for name, (facts, parties) in given.items():
        await checked(b.seller.put(f"{PATH}/{name}", json={**LEAST, "Code": name, **facts}), 200)
        for party in parties:
            await checked(b.seller.post(f"{PATH}/assignments", json={"PromotionID": name, **party}), 204)
    guest = api.as_(b.ann, ["Shopper"], order_id=new_id())
    for http, seen in (
        (b.me(b.ann), ["all", "buyers", "g1"]),
        (guest, ["all", "buyers", "g1"]),
        (b.me(b.bob), ["all", "buyers", "g2"]),
    ):
        assert await ids(http, "/v1/me/promotions") == seen
        for name in given:
            found = await checked(http.get(f"/v1/me/promotions/{name}"), 200 if name in seen else 404)
            if name in seen:
                assert found.json() == (await checked(b.seller.get(f"{PATH}/{name}"), 200)).json()
    assert await ids(b.me(b.ann), "/v1/me/promotions?search=ALL&searchOn=Code&Active=true") == ["all"]
    assert await ids(b.me(b.ann), "/v1/me/promotions?sortBy=!Code&xp.a=!b") == ["g1", "buyers", "all"]
    seller = api.as_(api.admin, ["Shopper"])
    assert codes(await checked(seller.get("/v1/me/promotions"), 403)) == ["Auth.UserNotAuthorizedToAdmin"]


async def listed_codes(http: httpx.AsyncClient, query: str = "pageSize=100") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await checked(http.get(f"{PATH}/p/codes?{query}"), 200)).json()["Items"]
    return items


async def test_generated_codes(api: Api) -> None:
    """GEN-1: so many different codes, which nothing else may be called; more on demand, never fewer."""
    http = api.seller
    made = (await checked(http.put(f"{PATH}/p", json={**LEAST, **GENERATED}), 200)).json()
    assert {name: made[name] for name in GENERATED} == GENERATED
    first = await listed_codes(http)
    assert len({each["Code"] for each in first}) == 3
    assert all(len(each["Code"]) == len("VIP-") + 6 and each["Code"].startswith("VIP-") for each in first)
    assert [each["Redeemed"] for each in first] == [False] * 3
    assert first == sorted(first, key=lambda each: str(each["Code"]))
    assert await listed_codes(http, "pageSize=2&page=2") == first[2:]

    taken = {**LEAST, "Code": first[0]["Code"].lower()}
    assert codes(await checked(http.post(PATH, json=taken), 409)) == ["Promotion.CodeInUse"]
    await checked(http.patch(f"{PATH}/p", json={"Name": "Same codes"}), 200)
    assert await listed_codes(http) == first
    await checked(http.patch(f"{PATH}/p", json={"GeneratedCodeCount": 50, "GeneratedCodePrefix": None}), 200)
    more = await listed_codes(http)
    assert len(more) == 50
    assert all(each in more for each in first)
    fewer = await checked(http.patch(f"{PATH}/p", json={"GeneratedCodeCount": 49}), 400)
    assert codes(fewer) == ["ValidationFailure"]
    await checked(http.patch(f"{PATH}/p", json={"ID": "q"}), 200)
    assert codes(await checked(http.get(f"{PATH}/p/codes"), 404)) == ["NotFound"]
    await checked(http.delete(f"{PATH}/q"), 204)
    assert await api.value("SELECT count(*) FROM promotion_codes WHERE marketplace_id = $1") == 0


async def test_promotion_and_deletion_of_the_integration_meet(api: Api) -> None:
    """INT-1: whichever comes first, no promotion is left without the integration that it needs."""
    http, url = api.seller, "/v1/integrations/promotion"
    body = {**LEAST, "ValueExpression": None, "UseIntegration": True}
    for _ in range(6):
        await checked(http.put(url, json=INTEGRATION), 200)
        made, deleted = await asyncio.gather(http.put(f"{PATH}/p", json=body), http.delete(url))
        assert (made.status_code, deleted.status_code) in ((200, 400), (400, 204))
        await http.delete(f"{PATH}/p")
