"""Expressions of one request share a budget, and long ones hold up nobody (security 5)."""

from __future__ import annotations

import asyncio

import pytest
from tests.api.marketplace import Api
from tests.api.promoting import ORDER, Sale, open_sale
from tests.api.uniform.subjects import checked

from entrepot.domain.expressions.budget import AT_ONCE, MAX_STEPS
from entrepot.features.trade.orders.computing import SPENT

NUMBERS = 2_500
HEAVY = f"order.xp.Many.count(item > 0) = {NUMBERS}"
STEPS = 4 * NUMBERS


@pytest.fixture
async def shop(api: Api) -> Sale:
    """An order about which HEAVY is true."""
    opened = await open_sale(api)
    await checked(opened.http.patch(ORDER, json={"xp": {"Many": [1] * NUMBERS}}), 200)
    return opened


def stopped() -> float:
    (metric,) = SPENT.collect()
    return metric.samples[0].value


async def test_long_work_is_done_elsewhere(shop: Sale) -> None:
    """It decides as short work does, wherever it is asked for, while others are answered."""
    assert STEPS > AT_ONCE
    before = stopped()
    for code in ("P", "A"):
        await shop.promotion(code, "3", HEAVY, AutoApply=code == "A")
    eligible = await checked(shop.http.get(f"{ORDER}/eligiblepromotions"), 200)
    assert {each["ID"]: each["Amount"] for each in eligible.json()["Items"]} == {"P": 3, "A": 3}
    await shop.added("P")
    done: list[str] = []

    async def note(name: str, path: str, verb: str = "GET", status: int = 200) -> None:
        await checked(shop.http.request(verb, path), status)
        done.append(name)

    await asyncio.gather(
        note("apply", f"{ORDER}/applypromotions", "POST", 201), *(note("me", "/v1/me") for _ in range(3))
    )
    assert done[0] == "me", "nobody was answered meanwhile"
    assert await shop.rows() == "P 3.00, A 3.00"
    await shop.put("buyers/B/usergroups/G")
    await shop.put("buyers/B/approvalrules/R", ApprovingGroupID="G", RuleExpression=HEAVY)
    await checked(shop.http.post(f"{ORDER}/refreshpromotions"), 200)
    submitted = await checked(shop.http.post(f"{ORDER}/submit"), 201)
    assert submitted.json()["Status"] == "AwaitingApproval"
    assert stopped() == before


async def test_all_expressions_of_a_request_share_one_budget(shop: Sale) -> None:
    """What comes after its end does not apply, and an operator can see that."""
    many = 2 * MAX_STEPS // STEPS
    for number in range(many):
        await shop.promotion(f"P{number:02}", "0.01", HEAVY, AutoApply=True)
    before = stopped()
    await checked(shop.http.post(f"{ORDER}/applypromotions"), 201)
    applied = (await shop.rows()).split(", ")
    assert many // 4 <= len(applied) <= many // 2
    assert stopped() == before + 1
