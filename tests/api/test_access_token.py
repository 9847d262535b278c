"""Callers and their standing (AUTH-26 to AUTH-29)."""

from tests.api.marketplace import Api


async def test_seller_calls(api: Api) -> None:
    made = await api.seller.post("/v1/incrementors", json={"ID": "i", "LastNumber": 1, "LeftPaddingCount": 2})
    assert made.status_code == 201, made.text
    got = await api.seller.get("/v1/incrementors/I")
    assert got.json() == {"ID": "i", "Name": None, "LastNumber": 1, "LeftPaddingCount": 2}
