"""MessageSender: a URL that takes messages to people, signed; the type in lower case stands in it where it asks for it (MS-2)."""

from __future__ import annotations

from entrepot.domain.integrations.headers import DELIVERY
from entrepot.domain.messages.addresses import address
from entrepot.features.people.deliveries.targets.envelopes import payload_bytes
from entrepot.features.people.deliveries.targets.services_abroad import ServiceTarget
from entrepot.features.people.deliveries.targets.target import Sending
from entrepot.features.people.integrations.signing import Credentials
from entrepot.features.people.outgoing.answers import Answer
from entrepot.features.people.services import services

SENDER = "MessageSender"
"""The integration whose messages receivers want without an envelope: their verifiers read the body of MS-5."""


class MessageSenderTarget(ServiceTarget):
    """POST of the message, of others than those to people in their envelope."""

    async def tell(self, sending: Sending) -> Answer:
        secret = str(sending.config.get("Secret") or "") or None
        body = payload_bytes(sending.body) if sending.integration == SENDER else sending.body
        headers = Credentials(hash_key=secret, header=None).headers(body)
        answer = await services(sending.call).outgoing.post(
            sending.marketplace_id,
            address(str(sending.config["Endpoint"]).strip(), sending.type or ""),
            body,
            [*headers, (DELIVERY, sending.delivery_id)],
            secrets=[secret] if secret else (),
        )
        return answer.by_status()
