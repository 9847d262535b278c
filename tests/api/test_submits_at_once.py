"""Many submits at the same moment: nothing is taken twice (ST-2, INV-1, INV-2, PAY-6)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.marketplace import Api, codes
from tests.api.shop import line_of, open_shop, order_of
from tests.api.submits import STOCK, account, balance, kept, left, pay, placed, sized, submit


async def test_two_submits_of_one_order(api: Api) -> None:
    """ST-2: one of them opens it; stock and account are drawn on once."""
    shop, user, http = await placed(api, 3, Inventory=STOCK)
    await account(shop, user, 100)
    await pay(http, None)
    answers = await asyncio.gather(*(submit(http) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[400] * 5]
    assert {tuple(codes(answer)) for answer in answers if answer.status_code == 400} == {
        ("Order.CannotSubmitBadStatus",)
    }
    assert (await left(api), await balance(api)) == (7, 70)


@pytest.mark.parametrize("level", ["product", "variant", "record"])
async def test_the_last_pieces(api: Api, level: str) -> None:
    """INV-1, INV-2: of 40 shoppers who want one of the last ten, exactly ten get it."""
    shop = await open_shop(api)
    line: dict[str, Any] = {}
    shown, stock = "/v1/products/P", "Inventory"
    if level == "product":
        await shop.product("P", (1, 10), Inventory=STOCK)
    elif level == "variant":
        await sized(shop, "P", 10)
        line = {"Specs": [{"SpecID": "size", "OptionID": "L"}]}
        shown = "/v1/products/P/variants/P-L"
    else:
        await kept(shop, "P", 10)
        line = {"InventoryRecordID": "R"}
        shown, stock = "/v1/products/P/inventoryrecords/R", ""
    shoppers = [await shop.shopper() for _ in range(40)]
    for number, (_, http) in enumerate(shoppers):
        await order_of(http, ID=f"O{number}")
        await line_of(http, f"O{number}", "P", **line)
    answers = await asyncio.gather(*(submit(http, f"O{n}") for n, (_, http) in enumerate(shoppers)))
    assert sorted(answer.status_code for answer in answers) == [*[201] * 10, *[400] * 30]
    refused = {tuple(codes(answer)) for answer in answers if answer.status_code == 400}
    assert refused == {("Inventory.Insufficient",)}
    found = (await api.seller.get(shown)).json()
    assert (found[stock] if stock else found)["QuantityAvailable"] == 0
    opened = await api.value("SELECT count(*) FROM orders WHERE marketplace_id = $1 AND \"Status\" = 'Open'")
    assert opened == 10


async def test_an_account_is_never_overdrawn(api: Api) -> None:
    """PAY-6: twenty orders of 10 from two accounts that have 45 and 25; six are paid."""
    shop = await open_shop(api)
    await shop.product("P", (1, 10))
    user, http = await shop.shopper()
    await account(shop, user, 45)
    await account(shop, user, 25, "X")
    for number in range(20):
        await order_of(http, ID=f"O{number}")
        await line_of(http, f"O{number}", "P")
        # In either order of the accounts: whoever charges both must not wait in a circle.
        for account_id in ("A", "X")[:: 1 if number % 2 else -1]:
            await pay(http, 5, account_id, f"O{number}")
    answers = await asyncio.gather(*(submit(http, f"O{number}") for number in range(20)))
    assert sorted(answer.status_code for answer in answers) == [*[201] * 5, *[400] * 15]
    assert (await balance(api), await balance(api, "X")) == (20, 0)
