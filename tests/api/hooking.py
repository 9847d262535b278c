"""Webhooks of a test at its receiver."""

from __future__ import annotations

from typing import Any

from tests.api.marketplace import Api
from tests.api.receiver import HASH_KEY, Received, Receiver

PATCH_BUYER = {"Route": "v1/buyers/{buyerID}", "Verb": "PATCH"}


async def put_hook(api: Api, receiver: Receiver, hook_id: str, **values: Any) -> dict[str, Any]:
    """A webhook at the receiver's path of its ID, by default asked before PATCH of a buyer by the test's own client."""
    body = {
        "Name": f"Hook {hook_id}",
        "Url": f"{receiver.url}/{hook_id}",
        "HashKey": HASH_KEY,
        "ApiClientIDs": [api.client_id],
        "WebhookRoutes": [PATCH_BUYER],
        "BeforeProcessRequest": True,
        **values,
    }
    answer = await api.seller.put(f"/v1/webhooks/{hook_id}", json=body)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


def at(receiver: Receiver, hook_id: str) -> list[Received]:
    """What one webhook has received."""
    return [request for request in receiver.received if request.path == f"/{hook_id}"]
