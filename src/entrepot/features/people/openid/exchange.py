"""The identity provider's code in exchange for its tokens, and what the identity token says (OIDC-2)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import structlog

from entrepot.domain.faults.abroad import OPEN_ID
from entrepot.domain.identity.discovery import Provider
from entrepot.domain.identity.id_token import TENANT, Identity
from entrepot.engine.wire.json import encode
from entrepot.features.people.faults import abroad as faults
from entrepot.features.people.openid.configs import Login
from entrepot.features.people.openid.proving import LONGEST_TOKEN, claims_of, identity_in
from entrepot.features.people.openid.state import LoginState
from entrepot.features.people.services import services
from entrepot.kernel.errors import AuthorityTokenError, InvalidBodyError

FORM = "application/x-www-form-urlencoded"

log = structlog.get_logger("entrepot.openid")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the identity provider has given."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


async def require_issuer(login: Login, named: str) -> None:
    """A provider that names itself in its answer must be the one that was asked: another one's code is not given away (RFC 9207).
    Raises AuthorityTokenError.
    """
    found = await _provider(login, None) if named else None
    if found is not None and TENANT not in found.issuer and named != found.issuer:
        _log(login, "the answer is of another provider")
        raise AuthorityTokenError


async def exchange(login: Login, state: LoginState, code: str) -> Tokens:
    """POST to the token endpoint. Raises AuthorityTokenError for a code, a client or a secret that is wrong, too."""
    values = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri(login),
        **({"code_verifier": state.verifier} if state.verifier else {}),
    }
    client_id, secret = login["ConnectClientID"], login.secret
    if login["UrlEncoded"]:
        body = urlencode({**values, "client_id": client_id, "client_secret": secret}).encode()
        headers = [("Content-Type", FORM)]
    else:
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        body = encode(values)
        basic = base64.b64encode(pair.encode()).decode()
        headers = [("Content-Type", "application/json"), ("Authorization", f"Basic {basic}")]
    call = login.call
    endpoint = login["TokenEndpoint"]
    send = partial(services(call).outgoing.post, call.marketplace_id, endpoint, body, headers)
    answer = await faults.asked(call, OPEN_ID, endpoint, send)
    try:
        found = answer.content.value if answer.succeeded else None
    except InvalidBodyError:
        found = None
    given = found if isinstance(found, dict) else {}
    tokens = Tokens(_token(given, "id_token"), _token(given, "access_token"))
    if not tokens.id_token or not tokens.access_token:
        _log(login, "no tokens", status=answer.status, failure=answer.failure)
        raise AuthorityTokenError
    return tokens


async def identify(login: Login, state: LoginState, tokens: Tokens) -> Identity:
    """Who the identity token is of: signed by a key of the provider that the endpoints belong to, for this client, now, in answer
    to this login. Raises AuthorityTokenError.
    """
    call, token = login.call, tokens.id_token
    claims = claims_of(token)
    provider = await _provider(login, claims.get("iss"))
    if provider is None:
        _log(login, "no description of the provider")
        raise AuthorityTokenError
    return await identity_in(
        call,
        call.marketplace_id,
        provider,
        token,
        client_id=login["ConnectClientID"],
        nonce=state.nonce,
        facts=_facts(login),
    )


def redirect_uri(login: Login) -> str:
    return f"{login.call.base_url}/ocrpcode"


def _token(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) and len(value) <= LONGEST_TOKEN else ""


async def _provider(login: Login, issuer: object) -> Provider | None:
    call, providers = login.call, services(login.call).providers
    place = (
        services(call).outgoing,
        call.marketplace_id,
        login["AuthorizationEndpoint"],
        login["TokenEndpoint"],
    )
    found = await providers.find(*place)
    if found is not None or not isinstance(issuer, str):
        return found
    outgoing, marketplace_id, *endpoints = place
    return await providers.find_issuer(outgoing, marketplace_id, issuer, *endpoints)


def _log(login: Login, reason: str, **facts: object) -> None:
    log.warning("login refused", reason=reason, **_facts(login), **facts)


def _facts(login: Login) -> dict[str, object]:
    return {"marketplace": login.client.marketplace, "config": login.shown["ID"]}
