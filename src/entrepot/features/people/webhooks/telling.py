"""Telling webhooks of a request that was done: an event of its unit, which becomes a delivery to each of them (WH-11, WH-13)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from entrepot.declare.operation import Reply
from entrepot.domain.webhooks import payload
from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode
from entrepot.features.people.deliveries.events import URL, Event, EventKind, Outbound
from entrepot.features.people.deliveries.fanning import fan_out
from entrepot.features.people.deliveries.listeners import Hook
from entrepot.features.people.deliveries.listening import listeners
from entrepot.features.people.deliveries.telling import tell
from entrepot.features.people.webhooks import messages
from entrepot.features.people.webhooks.user_tokens import (
    callers_claims_text,
    told_claims,
    user_token,
)

INTEGRATION = "Webhook"
MESSAGE_TYPE = "sitecore.ordercloud.messages.webhook"
"""In the envelope of delivery configurations; of the original's no source tells."""
MOST_HOOKS = 50
"""Webhooks that hear of one request afterwards, those with the lowest IDs."""
MOST_TOLD = 16 * 2**20
"""Bytes of all deliveries of one request: beyond, they go without bodies."""


async def tell_later(call: Call, reply: Reply) -> Reply:
    """Note what was done, for the webhooks of the caller's API client. The reply with its body as the text that leaves."""
    if (reply.status or call.operation.status) >= HTTPStatus.MULTIPLE_CHOICES:
        return reply
    sent = reply.body if reply.body is None or isinstance(reply.body, bytes) else encode(reply.body)
    await tell(
        call,
        call.marketplace_id,
        INTEGRATION,
        _aggregate(call, reply),
        {"client": call.principal.client_id},
        confidential={"told": messages.after(call, sent), "claims": callers_claims_text(call)},
    )
    return replace(reply, body=sent)


async def _expand(call: Call, event: Event) -> Sequence[Outbound]:
    told: dict[str, Any] = event.confidential["told"]
    heard = (await listeners(call)).heard(event.facts["client"], (told["Verb"], told["Route"].lower()))
    hooks = [hook for hook in heard if not hook.before][:MOST_HOOKS]
    if hooks and len(encode(told)) * len(hooks) > MOST_TOLD:
        nothing: dict[str, Any] = {"Body": {}, "Headers": None}
        told = {**told, "Request": nothing, "Response": nothing}
    found: list[Outbound] = []
    for hook in hooks:
        found += await _deliveries(call, event, told, hook)
        # A signature and up to some megabytes each: others take their turn.
        await asyncio.sleep(0)
    return found


async def _deliveries(call: Call, event: Event, told: dict[str, Any], hook: Hook) -> Sequence[Outbound]:
    token = user_token(call, told_claims(event.confidential["claims"]), hook)
    message = payload.payload(told, token, hook.config_data)
    # Where there is one, it takes the place of the webhook's own URL, which then need not be given (WH-12).
    if hook.config_id is not None:
        return await fan_out(
            call,
            hook.config_id,
            integration=INTEGRATION,
            integration_id=hook.id,
            message_type=MESSAGE_TYPE,
            payload=message,
            aggregate=event.aggregate,
        )
    return [
        Outbound(
            integration=INTEGRATION,
            integration_id=hook.id,
            target=URL,
            body=encode(message),
            aggregate=event.aggregate,
        )
    ]


def _aggregate(call: Call, reply: Reply) -> str:
    """What is told in order: all that was done to one company, product, order, with what it has; of what shoppers have without
    naming it, as a cart, all of one user's.
    """
    parts: list[str] = []
    for part in call.operation.path.strip("/").split("/"):
        name = part[1:-1] if part.startswith("{") else None
        if name is None:
            parts.append(part)
        elif name.endswith("ID"):
            return "/".join((*parts, call.path[name])).lower()
    if reply.created is not None:
        return "/".join((*parts, reply.created.id)).lower()
    return f"user/{call.principal.user_key}"


WEBHOOK_EVENT = EventKind(name=INTEGRATION, expand=_expand)
