"""The wire contract as data: what the published sources say, read from contract/*.json."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).parent / "contract"


@cache
def load(name: str) -> Any:
    """The parsed content of `contract/{name}.json`."""
    return json.loads((CONTRACT / f"{name}.json").read_text("utf-8"))


@cache
def operations() -> dict[str, dict[str, Any]]:
    """The contract's operations by id."""
    return {operation["id"]: operation for operation in load("operations")}


TYPE_ALIASES = {"PartialAdHocProduct": "AdHocProduct", "_Order": "Order"}
"""Types that a published source spells in its own language's way."""
NAMED_ONLY = frozenset({"ApiError"})
"""Models of which the contract has the name, as the type of a property, and nothing else."""


def field_type(entry: dict[str, Any]) -> str:
    text: str = entry["type"]
    return TYPE_ALIASES.get(text, text)


def limits(entry: dict[str, Any]) -> tuple[int | None, int | None]:
    """The least and the greatest value of a field; all that the contract has are whole numbers."""
    low, high = entry.get("between", (entry.get("minimum"), entry.get("maximum")))
    return None if low is None else int(low), None if high is None else int(high)


def tells_types_only(model: str) -> bool:
    """Whether a model comes from the newest source alone, which knows names and types, and dates as strings."""
    return "since" in load("models")[model]


@cache
def required_fields(model: str) -> frozenset[str]:
    """Required properties of a model: as the model says, or as an operation that takes it whole says."""
    fields = load("models")[model]["fields"]
    found = {name for name, entry in fields.items() if entry.get("required")}
    for operation in operations().values():
        if operation.get("body", {}).get("model") == model:
            found |= set(operation.get("required", ()))
    return frozenset(found)


ACTIONS_WITH_200 = frozenset(
    {
        "Cart.Calculate",
        "Cart.EstimateShipping",
        "Cart.RefreshPromotions",
        "Cart.SelectShipMethods",
        "GroupOrders.GetToken",
        "IntegrationEvents.Calculate",
        "IntegrationEvents.EstimateShipping",
        "IntegrationEvents.SelectShipmethods",
        "Orders.Forward",
        "Orders.RefreshPromotions",
        "Orders.Split",
        "Shipments.SaveItem",
        "Users.GetAccessToken",
    }
)
"""POST operations that answer 200 with an object, where the others answer 201 (CONV-1, AUTO-3)."""

EMPTY_WITH_200 = frozenset({"ForgottenCredentials.RetrieveUsername"})
"""Answers 200 without a body, where the others answer 204 (AUTH-67)."""


def success_status(operation: dict[str, Any]) -> int:
    """The one success code of an operation (conventions section 1, CONV-1)."""
    if operation["returns"] is None:
        return 200 if operation["id"] in EMPTY_WITH_200 else 204
    creates = operation["verb"] == "POST" and operation["id"] not in ACTIONS_WITH_200
    return 201 if creates else 200


def returned(operation: dict[str, Any]) -> tuple[str | None, str | None]:
    """The returned model and the kind of page: (`Buyer`, `ListPage`), (`Buyer`, None), (None, None)."""
    text: str | None = operation["returns"]
    if text is None or not text.endswith(">"):
        return text, None
    page, _, model = text.removesuffix(">").partition("<")
    return model, page
