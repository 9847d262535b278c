"""Asking webhooks before a request is carried out, whether it may be (WH-7 to WH-10).

Nothing but a clear yes lets it pass: whoever does not answer, or not clearly, has blocked it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from msgspec import Raw

from entrepot.domain.faults.abroad import PRE_WEBHOOK
from entrepot.domain.integrations.headers import DELIVERY
from entrepot.domain.webhooks import payload, verdict
from entrepot.domain.webhooks.verdict import Verdict
from entrepot.engine.call import Call
from entrepot.engine.wire.json import encode
from entrepot.features.people.credentials.claims import AccessClaims
from entrepot.features.people.deliveries.listeners import Hook
from entrepot.features.people.faults import abroad as faults
from entrepot.features.people.integrations.signing import read_credentials
from entrepot.features.people.integrations.webhooks import WEBHOOK
from entrepot.features.people.outgoing.answers import Answer, cut_tokens
from entrepot.features.people.services import services
from entrepot.features.people.webhooks import messages
from entrepot.features.people.webhooks.user_tokens import callers_claims, user_token
from entrepot.kernel.errors import InvalidBodyError, WebhookBlockedError

TOGETHER = 1.5
"""All webhooks of one request may take so much of what one may: callers wait for a minute at most."""
LONGEST_ANSWER = 64 * 1024
"""Bytes; callers get a part of it."""

log = structlog.get_logger("entrepot.webhooks")


async def ask_all(call: Call, hooks: Sequence[Hook], asked: set[str]) -> None:
    """Ask them one after another; those that agree join `asked`. To be called outside of transactions only.

    Raises WebhookBlockedError at the first that does not agree.
    """
    told, claims = messages.before(call), callers_claims(call)
    clock = asyncio.get_running_loop().time
    limit = services(call).webhook_timeout
    end = clock() + TOGETHER * limit
    for hook in hooks:
        left = min(limit, end - clock())
        said = (
            await _ask(call, hook, told, claims, left)
            if left > 0
            else Verdict(False, flaw="No time is left.")
        )
        if not said.proceeds:
            if said.flaw is not None:
                log.warning(
                    "request blocked without a clear answer",
                    marketplace=call.principal.marketplace,
                    webhook=hook.id,
                    operation=call.operation.id,
                    reason=said.flaw,
                )
            # As text: up to tens of thousands of values, which nobody has to walk through.
            raise WebhookBlockedError({"WebhookName": hook.name, "body": Raw(encode(said.body))})
        asked.add(hook.id)


async def _ask(
    call: Call, hook: Hook, told: dict[str, Any], claims: AccessClaims | None, limit: float
) -> Verdict:
    token = user_token(call, claims, hook)
    body = encode(payload.payload(told, token, hook.config_data))
    credentials = read_credentials(call, WEBHOOK.table, WEBHOOK.model, hook.row)
    url = hook.url or ""
    send = partial(
        services(call).outgoing.post,
        call.marketplace_id,
        url,
        body,
        [*credentials.headers(body), (DELIVERY, call.request_id)],
        secrets=credentials.secrets(token),
        time_limit=limit,
        longest=LONGEST_ANSWER,
    )
    return _said(await faults.asked(call, PRE_WEBHOOK, url, send))


def _said(answer: Answer) -> Verdict:
    if answer.status is None:
        return Verdict(False, flaw=answer.failure)
    text = cut_tokens(answer.text)
    if not answer.succeeded:
        return Verdict(False, text, f"The status is {answer.status}.")
    try:
        value = answer.content.value
    except InvalidBodyError:
        value = ...
    return verdict.read(value, text)
