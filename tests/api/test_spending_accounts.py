"""Spending accounts: balances and validity (SPA-1, SPA-2)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.company import company
from tests.api.marketplace import Api
from tests.api.shop import ids
from tests.api.uniform.subjects import checked

URL = "/v1/buyers/b/spendingaccounts"


@pytest.mark.parametrize(
    ("sent", "stored"), [(2.345, 2.35), (-2.345, -2.35), ("10.00", 10), (0, 0), (1e9 + 0.004, 1e9)]
)
async def test_balances_have_two_decimals(sent: Any, stored: float, api: Api) -> None:
    """SPA-1, BODY-7; RedemptionCode is gone and ignored."""
    await api.buyer("b")
    body = {"ID": "s", "Name": "S", "Balance": sent, "RedemptionCode": "x"}
    made = (await checked(api.seller.post(URL, json=body), 201)).json()
    assert made["Balance"] == stored
    assert "RedemptionCode" not in made
    assert (await checked(api.seller.put(f"{URL}/t", json={**body, "ID": "t"}), 200)).json()[
        "Balance"
    ] == stored
    await checked(api.seller.patch(f"{URL}/s", json={"Balance": 5}), 200)
    assert (await checked(api.seller.patch(f"{URL}/s", json={"Balance": sent}), 200)).json()[
        "Balance"
    ] == stored


async def test_only_current_accounts_show(api: Api) -> None:
    """SPA-2: hidden before StartDate and after EndDate, under /me alone."""
    b = await company(api)
    past, future = "2001-01-01T00:00:00+00:00", "2101-01-01T00:00:00+00:00"
    for account, start, end in (
        ("always", None, None),
        ("now", past, future),
        ("over", None, past),
        ("later", future, None),
    ):
        await b.make("spendingaccounts", account, Name=account, Balance=1, StartDate=start, EndDate=end)
        await b.assign("spendingaccounts", SpendingAccountID=account, AllowExceed=True)
    ann = b.me(b.ann)
    assert await ids(ann, "/v1/me/spendingAccounts") == ["always", "now"]
    for account, status in (("always", 200), ("now", 200), ("over", 404), ("later", 404)):
        await checked(ann.get(f"/v1/me/spendingaccounts/{account}"), status)
    assert len(await ids(api.seller, URL)) == 4
