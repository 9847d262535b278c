"""What of a marketplace listens is read once and remembered; whoever changes it is heard at once."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.dispatching import opened, own_call
from tests.api.marketplace import Api
from tests.api.test_catalog_plans import recorded

from entrepot.app.registry import registry
from entrepot.features.people.deliveries.listeners import Listeners
from entrepot.features.people.deliveries.listening import listeners

HTTP: dict[str, Any] = {"Endpoint": "https://there.example", "Secret": "s"}
CONFIG = {"ID": "c", "Name": "C", "Enabled": True, "DeliveryTargets": {"Http": HTTP}}
ENTITIES = {"SyncEntityChanged": True, "SyncEntityDeleted": False, "DeliveryConfigID": "c"}


async def put(api: Api, path: str, **values: Any) -> None:
    answer = await api.seller.put(f"/v1/{path}", json=values)
    assert answer.status_code in {200, 201}, answer.text


def hook(api: Api, hook_id: str, **values: Any) -> dict[str, Any]:
    usual = {
        "Name": hook_id,
        "Url": "https://there.example",
        "HashKey": "k",
        "ApiClientIDs": [api.client_id],
        "WebhookRoutes": [{"Route": "v1/buyers/{buyerID}", "Verb": "patch"}],
        "BeforeProcessRequest": False,
    }
    return {**usual, **values}


async def test_wh_1_wh_2_listeners_are_read_once_and_heard_at_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WH-1, WH-2, MS-1, SYNC-2, TRK-1, INV-1, ERR-1, DC-4: who listens to what; no statement where it is known, one where not."""
    patch, put_buyer = (registry().operations[f"Buyers.{verb}"] for verb in ("Patch", "Save"))
    async with opened(api) as backend:

        async def found(*, statements: int) -> Listeners:
            call = await own_call(api, backend)
            with recorded(monkeypatch) as sent:
                known = await listeners(call)
            assert len(sent) == statements
            return known

        nothing = await found(statements=1)
        assert (nothing.hooks(api.client_id, patch), nothing.senders("OrderSubmitted")) == ((), ())
        assert (nothing.inventory, nothing.error_config, nothing.syncs("Buyers")) == (None, None, None)
        await put(api, "integrations/deliveryconfig/c", **CONFIG)
        await put(api, "webhooks/b", **hook(api, "b", BeforeProcessRequest=True))
        await put(api, "webhooks/a", **hook(api, "a", Url=None, HashKey=None, DeliveryConfigID="c"))
        await put(api, "webhooks/other", **hook(api, "other", ApiClientIDs=[]))
        sender = {"Name": "S", "MessageTypes": ["OrderSubmitted"], "DeliveryConfigID": "c"}
        await put(api, "messagesenders/s", **sender)
        await put(api, "integrations/entitysync/buyers", **ENTITIES)
        await put(
            api,
            "integrations/productsync",
            SyncProductChanged=True,
            SyncProductDeleted=True,
            DeliveryConfigID="c",
        )
        await put(api, "integrations/OrderSync", DeliveryConfigID="c", ConfigData={"x": 1})
        await put(api, "integrations/inventory", DeliveryConfigID="c", LimitNotifications=True)
        await put(api, "integrations/ErrorConfig", DeliveryConfigID="c")
        tracking = {
            "EventType": "OrderSubmitted",
            "ClientID": api.client_id,
            "Name": "T",
            "DeliveryConfigID": "c",
        }
        await put(api, "integrations/trackingEvents/t", **tracking)
        known = await found(statements=1)
        assert await found(statements=0) is known
        assert [each.id for each in known.hooks(api.client_id.upper(), patch)] == ["a", "b"]
        assert known.hooks(api.client_id, put_buyer) == known.hooks("another", patch) == ()
        assert [each.id for each in known.senders("OrderSubmitted")] == ["s"]
        buyers, orders = known.syncs("Buyers"), known.syncs("OrderSync")
        assert buyers is not None
        assert (buyers.changed, buyers.deleted, buyers.paused) == (True, False, False)
        assert orders is not None
        assert orders.config_data == {"x": 1}
        assert known.inventory is not None
        assert known.inventory.limited
        tracked = known.tracks(api.client_id, "OrderSubmitted")
        assert known.error_config == "c"
        assert tracked is not None
        assert tracked.id == "t"
        config = known.config("C")
        assert config is not None
        assert config.targets == ("Http",)
        await put(api, "integrations/deliveryconfig/c", **{**CONFIG, "Enabled": False})
        silent = await found(statements=1)
        assert [each.id for each in silent.hooks(api.client_id, patch)] == ["b"]
        assert silent.senders("OrderSubmitted") == ()
        assert (silent.syncs("Buyers"), silent.syncs("ProductSync"), silent.inventory) == (None, None, None)
        assert (silent.error_config, silent.tracks(api.client_id, "OrderSubmitted")) == (None, None)
