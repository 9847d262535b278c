"""ContentHub: a product has an entity in the hub, made where there is none yet; what becomes of it there is the hub's (DC-1)."""

from __future__ import annotations

from entrepot.domain.deliveries.content_hub import hub_identifier, hub_properties
from entrepot.domain.deliveries.search_documents import identity
from entrepot.domain.integrations.headers import is_value
from entrepot.features.people.deliveries.targets.envelopes import payload
from entrepot.features.people.deliveries.targets.outcomes import delivered, refused
from entrepot.features.people.deliveries.targets.services_abroad import ServiceTarget, base, called, segment
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.outgoing.answers import Answer

PRODUCT = "sitecore.ordercloud.messages.product."


class ContentHubTarget(ServiceTarget):
    """Looks for the entity, then PUT or POST."""

    async def tell(self, sending: Sending) -> Answer:
        product = await payload(sending.body)
        name = identity(product)
        if name is None or not (sending.type or "").startswith(PRODUCT):
            return refused("A content hub takes messages of products only.")
        if sending.type == f"{PRODUCT}deleted":
            return delivered()
        config = sending.config
        key, schema, url = str(config["ApiKey"]), str(config["TargetSchemaName"]), base(config["Endpoint"])
        identifier = hub_identifier(schema, name)
        headers = [("X-Auth-Token", key)] if is_value(key) else []
        place = f"{url}/api/entities/identifier/{segment(identifier)}"
        entity = {"identifier": identifier, "properties": hub_properties(product, config.get("ConfigData"))}
        found = await called(sending, "GET", place, headers=headers, secrets=[key])
        if found.succeeded:
            return await called(sending, "PUT", place, entity, headers=headers, secrets=[key])
        if found.status != 404:
            return found
        definition = {"entitydefinition": {"href": f"{url}/api/entitydefinitions/{segment(schema)}"}}
        return await called(
            sending, "POST", f"{url}/api/entities", definition | entity, headers=headers, secrets=[key]
        )
