"""Work that people of the portal ask for in their marketplaces: subscriptions, synchronizations, the webhook of restores
(SUB-6, SYNC-7, PORT-9).
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.marketplace import Api, codes
from tests.api.portal import ROOT, Portal, owner_of
from tests.api.receiver import HASH_KEY, Receiver
from tests.api.synchronizing import synchronizing
from tests.api.test_subscription_runs import Scene, scene
from tests.api.uniform.subjects import checked

from entrepot.features.trade.synchronization import runs

__all__ = ["scene"]

BROKEN: tuple[tuple[str, Any], ...] = (
    ("synchronizecatalog", {}),
    ("synchronizecatalog", {"CatalogID": ""}),
    ("synchronizeorders", {"StartDate": "yesterday"}),
    ("synchronizeorders", {"EndDate": 5}),
)


async def test_sub_6_subscriptions_are_processed_at_once(scene: Scene, portal: Portal) -> None:
    """What is due, as the round does it, five times an hour; by the newer path as well."""
    owner = await owner_of(scene.api, portal)
    path = f"{ROOT}/organizations/{scene.api.marketplace}/processsubscriptions"
    newer = f"/api/v2/processsubscriptions?marketplaceID={scene.api.marketplace}"
    assert await scene.orders() == []
    body = {"Recaptcha": {"Token": "x"}}
    assert (await checked(owner.http.post(path, json=body), 200)).json() == {"HourlyJobsRemaining": 4}
    [order] = await scene.orders()
    assert order["SubscriptionID"] == "S"
    left = [(await checked(owner.http.post(each), 200)).json() for each in (newer, path, path, path)]
    assert [each["HourlyJobsRemaining"] for each in left] == [3, 2, 1, 0]
    refused = await owner.http.post(path, json=body)
    assert (refused.status_code, codes(refused)) == (400, ["SubscriptionIntegration.ExceedsSelfServiceLimit"])
    assert len(await scene.orders()) == 1
    scene.api.server.clock.advance(hours=1)
    again = await portal.sign_in(owner.username)
    http = await portal.calls(again.json()["access_token"])
    assert (await checked(http.post(path), 200)).json() == {"HourlyJobsRemaining": 4}


async def test_sync_7_full_runs(api: Api, portal: Portal, receiver: Receiver) -> None:
    """Of a catalog's products, of orders; one of a kind at a time, and only what is synchronized."""
    owner = await owner_of(api, portal)
    path = f"{ROOT}/organizations/{api.marketplace}"
    body = {"CatalogID": "c", "Recaptcha": None}
    for what, given, code in (
        ("synchronizecatalog", body, "Synchronize.ProductSyncNotEnabled"),
        ("synchronizeorders", {}, "Synchronize.OrderSyncNotEnabled"),
    ):
        answer = await owner.http.post(f"{path}/{what}", json=given)
        assert (answer.status_code, codes(answer)) == (400, [code])
    async with synchronizing(api, receiver) as world:
        for name in ("c", "d"):
            await world.write("PUT", f"catalogs/{name}", {"Name": name, "Active": True})
            await world.write("PUT", f"products/of-{name}", {"Name": name, "Active": True})
            row = {"CatalogID": name, "ProductID": f"of-{name}"}
            await world.write("POST", "catalogs/productassignments", row)
        await world.sent()
        for what, given in BROKEN:
            answer = await owner.http.post(f"{path}/{what}", json=given)
            assert (answer.status_code, codes(answer)) == (400, ["ValidationFailure"]), (what, given)
        dates = {"StartDate": "2026-02-01", "EndDate": "2026-01-01"}
        answer = await owner.http.post(f"{path}/synchronizeorders", json=dates)
        assert codes(answer) == ["OrderSync.InvalidDateRangeForSyncOperation"]
        await checked(owner.http.post(f"{path}/synchronizecatalog", json=body), 204)
        answer = await owner.http.post(
            f"/api/v2/synchronizecatalog?marketplaceID={api.marketplace}", json=body
        )
        assert codes(answer) == ["FullSyncStatus.FullSyncAlreadyRunning"]
        await checked(owner.http.post(f"{path}/synchronizeorders"), 204)
        while await runs.advance_of(world.post.backend, api.marketplace_id):
            pass
        assert await world.told() == ["product.updated of-c"]
        begun = (await api.seller.get("/entrepot/v1/synchronize")).json()["Items"]
        assert sorted(each["Entity"] for each in begun) == ["OrderSync", "ProductSync"]


async def test_sync_7_metadata(api: Api, portal: Portal) -> None:
    """By name, with routes and attributes."""
    owner = await owner_of(api, portal)
    path = f"{ROOT}/organizations/{api.marketplace}/entitysyncmetadata"
    found = (await checked(owner.http.get(path), 200)).json()
    assert [each["EntityName"] for each in found] == sorted(each["EntityName"] for each in found)
    (users,) = [each for each in found if each["EntityName"] == "BuyerUsers"]
    assert users["Route"] == "buyers/users"
    (email,) = [each for each in users["Attributes"] if each["Name"] == "Email"]
    assert (email["Type"], email["Required"], email["Internal"]) == ("string", True, False)
    newer = await owner.http.get(f"/api/v2/entitysyncmetadata?marketplaceID={api.marketplace}")
    assert newer.json() == found


async def test_port_9_the_webhook_of_restores(api: Api, portal: Portal, receiver: Receiver) -> None:
    """Set, read, tried, deleted; signed with its key, which is kept sealed."""
    owner = await owner_of(api, portal, "Staging")
    path = f"{ROOT}/organizations/{api.marketplace}/stagingrestorewebhook"
    newer = f"/api/v2/stagingrestorewebhook?marketplaceID={api.marketplace}"
    assert codes(await owner.http.get(path)) == codes(await owner.http.post(f"{path}/test")) == ["NotFound"]
    hook = {"URL": f"{receiver.url}/restored", "HashKey": HASH_KEY}
    assert (await checked(owner.http.put(path, json=hook), 200)).json() == hook
    assert (await checked(owner.http.get(newer), 200)).json() == hook
    sealed = await api.value("SELECT hash_key FROM staging_restore_webhooks WHERE marketplace_id = $1")
    assert HASH_KEY.encode() not in sealed
    receiver.answers["/restored"] = {}
    await checked(owner.http.post(f"{path}/test"), 204)
    [request] = receiver.received
    assert request.is_signed
    assert {**request.body, "Date": None, "LogID": None} == {
        "MarketplaceID": api.marketplace,
        "Environment": "Staging",
        "Date": None,
        "LogID": None,
        "Test": True,
    }
    receiver.answers["/restored"] = (503, {"error": "asleep"})
    refused = await owner.http.post(f"{path}/test")
    [error] = refused.json()["Errors"]
    assert (refused.status_code, error["ErrorCode"]) == (400, "Portal.StagingRestoreWebhookFailed")
    assert error["Data"] == {"HttpStatusCode": 503, "ResponseBody": '{"error": "asleep"}'}
    # Without a key nothing is signed (SIG-4).
    unsigned = {"URL": hook["URL"], "HashKey": None}
    assert (await checked(owner.http.put(path, json={"URL": hook["URL"]}), 200)).json() == unsigned
    await owner.http.post(f"{path}/test")
    assert "x-oc-hash" not in receiver.received[-1].headers
    await checked(owner.http.delete(newer), 204)
    assert codes(await owner.http.get(path)) == ["NotFound"]


@pytest.mark.parametrize("url", ["", "ftp://x.example", "http://x.example", "no url", "https://", "x" * 3000])
async def test_port_9_its_address_is_one_of_https(api: Api, portal: Portal, url: str) -> None:
    owner = await owner_of(api, portal, "Staging")
    path = f"{ROOT}/organizations/{api.marketplace}/stagingrestorewebhook"
    answer = await owner.http.put(path, json={"URL": url})
    assert (answer.status_code, codes(answer)) == (400, ["ValidationFailure"])
    assert answer.json()["Errors"][0]["Data"]["Property"] == "URL"


async def test_port_9_only_staging_is_restored(api: Api, portal: Portal) -> None:
    owner = await owner_of(api, portal)
    path = f"{ROOT}/organizations/{api.marketplace}/stagingrestorewebhook"
    for verb, url in (("GET", path), ("PUT", path), ("DELETE", path), ("POST", f"{path}/test")):
        body = {"URL": "https://x.example"} if verb == "PUT" else None
        answer = await owner.http.request(verb, url, json=body)
        assert (answer.status_code, codes(answer)) == (400, ["Portal.NotStaging"])
