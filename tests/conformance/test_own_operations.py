"""The operations of the server itself: exactly these, outside of the contract, declared as all others are."""

from __future__ import annotations

from tests.conformance.contract_data import load, operations

from entrepot.declare.registry import Registry
from entrepot.http.openapi import document
from entrepot.http.openapi.sections import SECTIONS
from entrepot.http.routing import mounted
from entrepot.kernel.user_types import UserType

OWN = {
    "Batches.Create": "POST /entrepot/v1/batch",
    "Clock.Advance": "POST /entrepot/v1/clock/advance",
    "Clock.Delete": "DELETE /entrepot/v1/clock",
    "Clock.Get": "GET /entrepot/v1/clock",
    "Clock.Save": "PUT /entrepot/v1/clock",
    "Catchers.Create": "POST /entrepot/v1/catchers",
    "Catchers.Delete": "DELETE /entrepot/v1/catchers/{catcherID}",
    "Catchers.DeleteRequest": "DELETE /entrepot/v1/catchers/{catcherID}/requests/{requestID}",
    "Catchers.DeleteRequests": "DELETE /entrepot/v1/catchers/{catcherID}/requests",
    "Catchers.Get": "GET /entrepot/v1/catchers/{catcherID}",
    "Catchers.GetRequest": "GET /entrepot/v1/catchers/{catcherID}/requests/{requestID}",
    "Catchers.List": "GET /entrepot/v1/catchers",
    "Catchers.ListRequests": "GET /entrepot/v1/catchers/{catcherID}/requests",
    "Dashboards.Carts": "GET /entrepot/v1/dashboards/carts",
    "Dashboards.Deliveries": "GET /entrepot/v1/dashboards/deliveries",
    "Dashboards.Orders": "GET /entrepot/v1/dashboards/orders",
    "Dashboards.Products": "GET /entrepot/v1/dashboards/products",
    "Dashboards.Traffic": "GET /entrepot/v1/dashboards/traffic",
    "Deliveries.Cancel": "POST /entrepot/v1/deliveries/{deliveryID}/cancel",
    "Deliveries.Get": "GET /entrepot/v1/deliveries/{deliveryID}",
    "Deliveries.List": "GET /entrepot/v1/deliveries",
    "Deliveries.Replay": "POST /entrepot/v1/deliveries/{deliveryID}/replay",
    "DeliveryTargets.List": "GET /entrepot/v1/deliverytargets",
    "DeliveryTargets.Pause": "POST /entrepot/v1/deliverytargets/{deliveryTargetID}/pause",
    "DeliveryTargets.Resume": "POST /entrepot/v1/deliverytargets/{deliveryTargetID}/resume",
    "Explanations.Request": "GET /entrepot/v1/explain/requests",
    "Explanations.Promotions": "GET /entrepot/v1/explain/orders/{orderID}/promotions",
    "Explanations.Product": "GET /entrepot/v1/explain/buyers/{buyerID}/users/{userID}/products/{productID}",
    "Events.Listen": "GET /entrepot/v1/events",
    "Faults.Create": "POST /entrepot/v1/faults",
    "Faults.Delete": "DELETE /entrepot/v1/faults/{faultID}",
    "Faults.Get": "GET /entrepot/v1/faults/{faultID}",
    "Faults.List": "GET /entrepot/v1/faults",
    "Faults.Patch": "PATCH /entrepot/v1/faults/{faultID}",
    "Faults.Save": "PUT /entrepot/v1/faults/{faultID}",
    "Expressions.Check": "POST /entrepot/v1/expressions/check",
    "Expressions.GetVocabulary": "GET /entrepot/v1/expressions/vocabulary",
    "Expressions.ListOrderPaths": "GET /entrepot/v1/expressions/orders/{orderID}/paths",
    "Expressions.ListReturnPaths": "GET /entrepot/v1/expressions/orderreturns/{returnID}/paths",
    "Expressions.TryOnOrder": "POST /entrepot/v1/expressions/orders/{orderID}/try",
    "Expressions.TryOnReturn": "POST /entrepot/v1/expressions/orderreturns/{returnID}/try",
    "FullSynchronization.Cancel": "POST /entrepot/v1/synchronize/runs/{runID}/cancel",
    "FullSynchronization.Get": "GET /entrepot/v1/synchronize/runs/{runID}",
    "FullSynchronization.List": "GET /entrepot/v1/synchronize",
    "FullSynchronization.Start": "POST /entrepot/v1/synchronize/{entity}",
    "Mailbox.Delete": "DELETE /entrepot/v1/mailbox/{messageID}",
    "Mailbox.Get": "GET /entrepot/v1/mailbox/{messageID}",
    "Mailbox.List": "GET /entrepot/v1/mailbox",
    "Recordings.Create": "POST /entrepot/v1/recordings",
    "Recordings.Delete": "DELETE /entrepot/v1/recordings/{recordingID}",
    "Recordings.Get": "GET /entrepot/v1/recordings/{recordingID}",
    "Recordings.List": "GET /entrepot/v1/recordings",
    "Recordings.ListRequests": "GET /entrepot/v1/recordings/{recordingID}/requests",
    "Recordings.Stop": "POST /entrepot/v1/recordings/{recordingID}/stop",
    "Requests.Get": "GET /entrepot/v1/requests/{requestID}",
    "Requests.List": "GET /entrepot/v1/requests",
    "Snapshots.Create": "POST /entrepot/v1/snapshots",
    "Snapshots.Delete": "DELETE /entrepot/v1/snapshots/{snapshotID}",
    "Snapshots.Export": "GET /entrepot/v1/snapshots/{snapshotID}/file",
    "Snapshots.Import": "POST /entrepot/v1/snapshots/import",
    "Snapshots.Get": "GET /entrepot/v1/snapshots/{snapshotID}",
    "Snapshots.List": "GET /entrepot/v1/snapshots",
    "Snapshots.Restore": "POST /entrepot/v1/snapshots/{snapshotID}/restore",
    "TestMarketplaces.Create": "POST /entrepot/v1/marketplaces",
    "TestMarketplaces.Delete": "DELETE /entrepot/v1/marketplaces/{marketplaceID}",
    "TestMarketplaces.Get": "GET /entrepot/v1/marketplaces/{marketplaceID}",
    "TestMarketplaces.List": "GET /entrepot/v1/marketplaces",
}


def test_they_are_these(registry: Registry) -> None:
    own = [each for each in registry.operations.values() if each.is_own]
    assert {each.id: f"{each.verb} {mounted(each.path)}" for each in own} == OWN
    assert not OWN.keys() & operations().keys()
    for each in own:
        assert not each.public
        assert each.summary
        if each.id == "Batches.Create":
            # Any token's, whose rights each of its requests needs.
            assert not each.roles
            continue
        assert each.roles[0] == "FullAccess"
        assert each.user_types == {UserType.SELLER}
    models = {each.returns.model.__name__ for each in own if each.returns is not None}
    assert not models & load("models").keys(), "a model of the contract is the contract's"


def test_they_stand_in_a_section_of_their_own(registry: Registry) -> None:
    tags = {each.tag for each in registry.operations.values() if each.is_own}
    section = SECTIONS[-1]
    assert (section.id, set(section.resources)) == ("Entrepot", tags)
    described = document(registry, "http://shop.example")
    assert {
        f"{verb.upper()} {path}"
        for path, verbs in described["paths"].items()
        for verb, one in verbs.items()
        if one["tags"][0] in tags
    } == set(OWN.values())
