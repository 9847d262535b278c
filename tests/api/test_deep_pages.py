"""Pages far from the start of lists whose rows keep their text, and whose totals are kept (LIST-2, LIST-5)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api
from tests.api.test_catalog_plans import recorded

from entrepot.kernel.recent import Recent
from entrepot.storage.listing import compile as compiling

MANY = 23


@pytest.mark.parametrize("query", ["", "sortBy=!LastName", "Active=true", "xp.n=>3&sortBy=!xp.n", "search=k"])
async def test_pages_of_users_go_on_from_the_end(
    api: Api, other: Api, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """All are the one list; nobody else's are among them, and a page far from the start takes a statement more."""
    monkeypatch.setattr(compiling, "DEEP", 1)
    monkeypatch.setattr(compiling, "_known", Recent(2**20))
    for one, company in ((api, "B"), (api, "C"), (other, "B")):
        await one.buyer(company)
    for number in range(MANY):
        body = {
            "Username": f"k{number}-{api.marketplace_id}",
            "FirstName": f"k{number % 5}",
            "LastName": f"L{number % 4}",
            "Email": f"k{number}@example.com",
            "Active": number % 3 > 0,
            "xp": {"n": number},
        }
        for one, company in ((api, "B"), (api, "C"), (other, "B")):
            made = await one.seller.put(
                f"/v1/buyers/{company}/users/k{number}", json=body | {"Username": f"{company}{number}-{one.marketplace_id}"}
            )  # fmt: skip
            assert made.status_code in (200, 201), made.text

    async def page(size: int, number: int) -> dict[str, Any]:
        answer = await api.seller.get(f"/v1/buyers/B/users?{query}&pageSize={size}&page={number}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    whole = await page(100, 1)
    total = whole["Meta"]["TotalCount"]
    assert len(whole["Items"]) == total > 10
    met: list[Any] = []
    for number in range(1, total // 4 + 3):
        with recorded(monkeypatch) as statements:
            found = await page(4, number)
        # Not what the process does beside it of its own.
        own = [sql for sql, *_ in statements if "FROM users" in sql]
        assert 0 < len(own) <= (1 if number == 1 else 2)
        assert found["Meta"]["TotalCount"] == total
        assert bool(found["Meta"]["NextPageKey"]) == (number * 4 < total)
        met += found["Items"]
    assert met == whole["Items"]
