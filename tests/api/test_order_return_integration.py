"""What an integration says that a return refunds (RET-4, IE-12)."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.api.checkout import set_event
from tests.api.marketplace import Api, codes
from tests.api.receiver import Received, receiving
from tests.api.returning import RETURNS, open_returning

COMMENT = 'UPDATE order_returns SET "Comments" = $3 WHERE marketplace_id = $1 AND "ID" = $2'


async def test_the_integration(api: Api) -> None:
    """RET-4, IE-12: shoes 80.54 and one of four socks 10.75 -> 91.29; numbers as texts; not asked where an administrator
    has given all amounts; a failure is IntegrationEvent.BadRequest and changes nothing.
    """
    shop = await open_returning(api)

    def calculate(request: Received) -> Any:
        amounts = {"L1": 80.54, "L2": "10.75"}
        items = request.body["OrderReturn"]["ItemsToReturn"]
        calcs = [
            {"LineItemID": each["LineItemID"], "RefundAmount": amounts[each["LineItemID"]]} for each in items
        ]
        return {"RefundAmount": "1000", "ItemsToReturnCalcs": calcs}

    with receiving() as receiver:
        path = "/calculateorderreturn"
        receiver.answers[path] = calculate
        await set_event(api, receiver.url, "OrderReturn")
        made = await shop.make("L1", "L2")
        assert made["RefundAmount"] == 91.29
        assert [each["RefundAmount"] for each in made["ItemsToReturn"]] == [80.54, 10.75]
        (request,) = receiver.received
        assert (request.path, request.is_signed) == (path, True)
        assert request.body["OrderReturn"]["ID"] == "R"
        assert request.body["OrderReturn"]["OrderID"] == "O"
        assert request.body["OrderWorksheet"]["Order"]["Total"] == 120
        assert [each["ID"] for each in request.body["OrderWorksheet"]["LineItems"]] == ["L1", "L2", "L3"]
        patched = (
            await shop.http.patch(f"{RETURNS}/R", json={"ItemsToReturn": [{"LineItemID": "L2"}]})
        ).json()
        assert (patched["RefundAmount"], len(receiver.received)) == (10.75, 2)
        given = {
            "ItemsToReturn": [
                {"LineItemID": "L1", "RefundAmount": 1},
                {"LineItemID": "L2", "RefundAmount": 2},
            ]
        }
        put = (await api.seller.put(f"{RETURNS}/R", json={"OrderID": "O", **given})).json()
        assert (put["RefundAmount"], len(receiver.received)) == (3, 2)
        some = {"ItemsToReturn": [{"LineItemID": "L1", "RefundAmount": 1}, {"LineItemID": "L2"}]}
        patched = (await api.seller.patch(f"{RETURNS}/R", json=some)).json()
        assert (patched["RefundAmount"], len(receiver.received)) == (11.75, 3)
        whole = {"ID": "W", "OrderID": "O", "RefundAmount": 5}
        assert (await api.seller.post(RETURNS, json=whole)).json()["RefundAmount"] == 5
        assert len(receiver.received) == 3
        assert (await shop.http.post(RETURNS, json={**whole, "ID": "V"})).json()["RefundAmount"] == 1000
        assert codes(await shop.http.post(RETURNS, json={"OrderID": "none"})) == ["NotFound"]
        assert len(receiver.received) == 4, "nothing is asked about what is refused anyway"
        for answer in ((500, {"message": "down"}), b"no json", {"RefundAmount": -1}, {"RefundAmount": "x"}):
            receiver.answers[path] = answer
            refused = await shop.http.patch(f"{RETURNS}/R", json={"Comments": "never"})
            assert codes(refused) == ["IntegrationEvent.BadRequest"], answer
    assert (await shop.get())["Comments"] is None
    assert (await shop.get())["RefundAmount"] == 11.75


async def test_a_return_that_changes_while_the_integration_calculates(api: Api) -> None:
    """RET-4: what was asked about is no more, so the integration is asked again."""
    shop = await open_returning(api)
    await shop.make("L1")
    loop = asyncio.get_running_loop()

    def change(request: Received) -> Any:
        number = len(receiver.received)
        if number < 3:
            meanwhile = api.execute(COMMENT, "R", f"changed {number}")
            asyncio.run_coroutine_threadsafe(meanwhile, loop).result(10)
        return {"ItemsToReturnCalcs": [{"LineItemID": "L1", "RefundAmount": number}]}

    with receiving() as receiver:
        receiver.answers["/calculateorderreturn"] = change
        await set_event(api, receiver.url, "OrderReturn")
        patched = (await shop.http.patch(f"{RETURNS}/R", json={"xp": {"a": 1}})).json()
        assert (patched["RefundAmount"], patched["Comments"]) == (3, "changed 2")
        said = [request.body["OrderReturn"]["Comments"] for request in receiver.received]
    assert said == [None, "changed 1", "changed 2"]
