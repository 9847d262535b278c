"""Which user an identity is (OIDC-3, AUTH-79): the rules of it, in this order.

1. Whom it was linked to: by an earlier login, through the same configuration, of the same subject of the same issuer.
2. The user whose Username is the identity's e-mail address, in any case, if the provider vouches for the address (inferred).
3. Whomever the integration event names: it creates the user, or finds one.

Whoever is found by 2 or 3 is linked, once he is let in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog

from entrepot.domain.identity.id_token import Identity
from entrepot.features.people.identity.shown import shown_user
from entrepot.features.people.integrations.asking import COLUMNS, SELLER, ask, event_of
from entrepot.features.people.integrations.enums import IntegrationEventType
from entrepot.features.people.oauth import subjects
from entrepot.features.people.oauth.subjects import MAX_USERNAME, Subject
from entrepot.features.people.openid import resources
from entrepot.features.people.openid.configs import Login
from entrepot.features.people.openid.exchange import Tokens
from entrepot.kernel.errors import (
    ElevatedRolesClientError,
    InvalidBodyError,
    LoginEndedError,
    LoginEventError,
    LoginUserUnknownError,
)

Values = dict[str, Any]

EVENT = f"""
SELECT {COLUMNS} FROM integration_events e {SELLER}
WHERE e.marketplace_id = $1 AND e."ID" = $2 AND e."EventType" = '{IntegrationEventType.OPEN_ID_CONNECT.value}'
"""
LONGEST_MESSAGE = 500
"""Characters of an event's ErrorMessage that are told."""

log = structlog.get_logger("entrepot.openid")


@dataclass(frozen=True, slots=True)
class Person:
    """Who logs in: at the identity provider, and what it has given."""

    identity: Identity
    tokens: Tokens


async def find_user(login: Login, person: Person) -> Subject:
    """The user, after the integration event has done its part. Raises LoginUserUnknownError, LoginEndedError,
    LoginEventError, and what `ask` raises.
    """
    known = await _linked(login, person.identity) or await _of_address(login, person.identity)
    if known is None:
        return await _created(login, person)
    if login["CallSyncUserIntegrationEvent"] and login["IntegrationEventID"]:
        await _asked(login, "/syncuser", person, known)
        known = await subjects.by_key(login.call.pool, login.client, known.key, login.call.clock())
    if known is None:
        raise LoginUserUnknownError
    return known


async def _linked(login: Login, identity: Identity) -> Subject | None:
    call = login.call
    key = await call.pool.fetchval(
        resources.FIND, call.marketplace_id, login.shown["ID"], resources.key_of(identity)
    )
    return None if key is None else await subjects.by_key(call.pool, login.client, key, call.clock())


async def _of_address(login: Login, identity: Identity) -> Subject | None:
    if identity.email is None or len(identity.email) > MAX_USERNAME:
        return None
    return await subjects.by_username(login.call.pool, login.client, identity.email, login.call.clock())


async def _created(login: Login, person: Person) -> Subject:
    """Whom the event names. Without an event unknown users fail (OIDC-5)."""
    if not login["IntegrationEventID"]:
        raise LoginUserUnknownError
    username = (await _asked(login, "/createuser", person, None)).get("username")
    if not isinstance(username, str) or not 0 < len(username) <= MAX_USERNAME:
        _log(login, "/createuser", "its answer names no user")
        raise LoginEventError
    subject = await subjects.by_username(login.call.pool, login.client, username, login.call.clock())
    if subject is None:
        _log(login, "/createuser", "there is no user of the name that it answered")
        raise LoginEventError
    return subject


async def _asked(login: Login, suffix: str, person: Person, existing: Subject | None) -> Values:
    """What the event answers, by names in lower case. A text in ErrorMessage ends the login, and so does any failure."""
    call = login.call
    row = await call.pool.fetchrow(EVENT, call.marketplace_id, login["IntegrationEventID"])
    if row is None:
        raise LoginUserUnknownError
    tokens = person.tokens
    payload = {
        "ExistingUser": None if existing is None else await shown_user(call, existing.key),
        "OpenIdConnect": login.shown,
        "TokenResponse": {"id_token": tokens.id_token, "access_token": tokens.access_token},
    }
    try:
        answer = await ask(call, event_of(call, row), suffix, payload)
        value = answer.content.value if answer.succeeded else None
    except ElevatedRolesClientError as error:
        _log(login, suffix, error.text)
        raise LoginEventError from error
    except InvalidBodyError:
        value = None
    if not isinstance(value, dict):
        _log(login, suffix, answer.failure or f"it answered {answer.status}")
        raise LoginEventError
    found = {name.lower(): each for name, each in value.items()}
    text = found.get("errormessage")
    if text is not None and not isinstance(text, str):
        raise LoginEventError
    if text:
        raise LoginEndedError(message=text[:LONGEST_MESSAGE])
    return found


def _log(login: Login, suffix: str, reason: str) -> None:
    log.warning(
        "integration event failed",
        integration=login["IntegrationEventID"],
        suffix=suffix,
        reason=reason,
        marketplace=login.client.marketplace,
    )
