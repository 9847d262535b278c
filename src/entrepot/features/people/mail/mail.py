"""Mail of our own, as the settings have it: None of it without a server that takes mail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from entrepot.domain.mail.headers import MailAddress
from entrepot.features.people.mail.composing import compose, envelope
from entrepot.features.people.mail.letters import Letter, Rendered, RenderingError
from entrepot.features.people.mail.posted import Posted
from entrepot.features.people.mail.rendering import Renderer

if TYPE_CHECKING:
    from entrepot.features.people.mail.posting import PostOffice


@dataclass(frozen=True, slots=True)
class Mail:
    """sender: whom mail comes from."""

    sender: MailAddress
    renderer: Renderer
    office: PostOffice

    async def send(
        self, marketplace: str, body: Mapping[str, Any], *, delivery_id: str, date: datetime
    ) -> Posted:
        """Send a message (MS-5: Recipient, CCList, MessageType, EventBody) from the marketplace of this wire ID."""
        try:
            addressed = envelope(body)
            rendered = await rendering(self.renderer, marketplace, self.sender.name, body)
            mail = await asyncio.to_thread(
                compose, rendered, self.sender, addressed, delivery_id=delivery_id, date=date
            )
        except (ValueError, RenderingError) as error:
            return Posted(None, str(error), lasting=True)
        return await self.office.post(mail, self.sender.address, addressed.recipients)


async def rendering(renderer: Renderer, marketplace: str, shop: str, body: Mapping[str, Any]) -> Rendered:
    """What a message says. shop: its name for people, else the marketplace's ID. Raises RenderingError."""
    letter = Letter(
        message_type=str(body.get("MessageType") or ""),
        marketplace=marketplace,
        shop=shop or marketplace,
        body=body,
    )
    return await asyncio.to_thread(renderer.render, letter)
