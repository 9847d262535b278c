"""Questions of the server's own elsewhere, which are no marketplace's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import structlog

from entrepot.engine.call import Call
from entrepot.features.people.services import services
from entrepot.kernel.errors import AuthorityTokenError, InvalidBodyError, ProviderUnreachedError

NOBODYS = 0
"""In place of a marketplace."""
TIME_LIMIT = 10.0
"""Seconds: somebody waits at a blank page."""
LONGEST = 256 * 1024
FORM = ("Content-Type", "application/x-www-form-urlencoded")

log = structlog.get_logger("entrepot.portal")


async def asked(
    call: Call,
    verb: str,
    url: str,
    form: dict[str, str] | None = None,
    headers: Sequence[tuple[str, str]] = (),
) -> Any:
    """The JSON of a good answer. Raises AuthorityTokenError for one that refuses, ProviderUnreachedError where there is none, or none
    that can be read.
    """
    body = b"" if form is None else urlencode(form).encode()
    sent = headers if form is None else (FORM, *headers)
    answer = await services(call).outgoing.call(
        NOBODYS, verb, url, body, sent, time_limit=TIME_LIMIT, longest=LONGEST
    )
    if answer.succeeded:
        try:
            return answer.content.value
        except InvalidBodyError:
            pass
    # What it says may be a token.
    log.warning("sign-in elsewhere failed", url=url, status=answer.status, failure=answer.failure)
    if answer.status is not None and 400 <= answer.status < 500:
        raise AuthorityTokenError
    raise ProviderUnreachedError
