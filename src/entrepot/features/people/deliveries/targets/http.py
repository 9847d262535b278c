"""A URL, signed, with a header of its own: of an integration itself, or of a delivery configuration (SIG, DC-3)."""

from __future__ import annotations

from entrepot.domain.integrations.headers import DELIVERY, is_custom, is_value
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.integrations.signing import Credentials
from entrepot.features.people.outgoing.answers import Answer
from entrepot.features.people.services import services


class HttpTarget:
    """POST of the body as it is."""

    async def deliver(self, sending: Sending) -> Answer:
        name, value = (sending.config.get(f"CustomAuthHeader{each}") for each in ("Name", "Value"))
        header = (name, value) if name and value and is_custom(name) and is_value(value) else None
        credentials = Credentials(hash_key=sending.config.get("Secret"), header=header)
        answer = await services(sending.call).outgoing.post(
            sending.marketplace_id,
            str(sending.config["Endpoint"]).strip(),
            sending.body,
            [*credentials.headers(sending.body), (DELIVERY, sending.delivery_id)],
            secrets=credentials.secrets(sending.config.get("Secret")),
        )
        return answer.by_status()

    async def close(self) -> None:
        pass
