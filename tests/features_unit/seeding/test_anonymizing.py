"""What is left of records that are anonymized (ADR 0047)."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.features.seeding.remote.anonymizing import Anonymizer

NOTE = "Ring at Wilhelmina's"
CALCULATION: dict[str, Any] = {
    "LineItemOverrides": [{"LineItemID": "one", "UnitPrice": 9.5, "xp": {"note": NOTE}}],
    "xp": {"to": {"note": [NOTE]}, "days": 2},
    "HttpStatusCode": 200,
}


@pytest.mark.parametrize("keeps_xp", [False, True])
def test_xp_of_what_integrations_have_answered_for_an_order_is_the_buyers(keeps_xp: bool) -> None:
    """In whatever depth it stands; numbers stay."""
    record = {"Home": {"orderID": "o"}, "Item": {"OrderCalculateResponse": CALCULATION}}
    changed = Anonymizer(b"key", lambda _: False, keeps_xp=keeps_xp).record("OrderWorksheets", record)
    found = changed["Item"]["OrderCalculateResponse"]
    assert (NOTE in str(found)) is keeps_xp
    assert found["LineItemOverrides"][0] | {"xp": None} == CALCULATION["LineItemOverrides"][0] | {"xp": None}
    assert (found["xp"]["days"], found["HttpStatusCode"]) == (2, 200)


def test_xp_of_the_product_of_a_line_is_the_products() -> None:
    item = {"ID": "one", "Product": {"ID": "lamp", "xp": {"color": "blue"}}, "xp": {"note": NOTE}}
    changed = Anonymizer(b"key", lambda _: False).record("LineItems", {"Home": {}, "Item": item})["Item"]
    assert changed["Product"]["xp"] == {"color": "blue"}
    assert NOTE not in str(changed)
