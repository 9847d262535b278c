"""GET /ocrplogin: a login begins, and the browser goes on to the identity provider (OIDC-1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from entrepot.declare.operation import QueryParameter, Reply, Unit, operation
from entrepot.domain.identity.login_urls import authorization_url
from entrepot.engine.attempts import Of
from entrepot.engine.call import Call
from entrepot.features.people.openid import state as states
from entrepot.features.people.openid.configs import Login, find_login, require_web_address
from entrepot.features.people.openid.exchange import redirect_uri
from entrepot.features.people.openid.pages import FOUND, led_to, refused
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    ApiError,
    GrantClientInactiveError,
    GrantSellerInactiveError,
    LoginAddressError,
    LoginNotConfiguredError,
    LoginParameterError,
    TooManyAttemptsError,
)

SCOPES = ("openid", "profile", "email")
LONGEST_QUERY = 16_384
LONGEST_PATH = 2_000
LONGEST_ROLES = 4_000
MOST_CUSTOM = 20
LONGEST_ID = 100
SEPARATOR = re.compile(r"&|\s+(?=[A-Za-z0-9_.-]+=)")
RESPONSE_MODES = frozenset({"query", "form_post"})
"""The ways by which an answer comes that the server can read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the application's link says."""

    config_id: str
    client_id: str
    roles: str
    path: str
    custom: tuple[tuple[str, str], ...]


@operation(
    "OpenIdConnects.Login",
    "GET",
    "/ocrplogin",
    tag="Open Id Connects",
    summary="Log in through an identity provider",
    description="For browsers, not for programs: leads to the identity provider, and from there by way of /ocrpcode back to "
    "the AppStartUrl of the configuration.",
    public=True,
    status=FOUND,
    for_browsers=True,
    query=(
        QueryParameter("id", required=True, description="ID of the OpenIdConnect."),
        QueryParameter("cid", required=True, description="ID of its API client."),
        QueryParameter(
            "roles", description="Roles for the token, with spaces between; without it, all of the user's."
        ),
        QueryParameter("appstartpath", description="What {2} of AppStartUrl stands for."),
        QueryParameter(
            "customParams", description="`name=value` for the identity provider; several are joined by `&`."
        ),
    ),
    unit=Unit.OWN,
    errors=(
        LoginParameterError,
        LoginNotConfiguredError,
        LoginAddressError,
        GrantClientInactiveError,
        GrantSellerInactiveError,
        TooManyAttemptsError,
    ),
)
async def log_in(call: Call) -> Reply:
    """The state goes along sealed; the browser keeps a cookie without which nobody can come back with it."""
    login: Login | None = None
    try:
        with services(call).attempts.guess((Of.ADDRESS, call.peer.counted)):
            asked = read(call.query)
            login = await find_login(call, asked.config_id, asked.client_id)
            return await _led_away(call, login, asked)
    except ApiError as refusal:
        return refused(refusal, login)


async def _led_away(call: Call, login: Login, asked: Asked) -> Reply:
    endpoint = require_web_address(call, login["AuthorizationEndpoint"])
    provider = await services(call).providers.find(
        services(call).outgoing, login.call.marketplace_id, endpoint, login["TokenEndpoint"]
    )
    browser = states.browser_of(call) or states.random_text()
    state = states.begun(
        config_id=login.shown["ID"],
        client_id=login.client.id,
        roles=asked.roles,
        path=asked.path,
        browser=browser,
        pkce=provider is not None and provider.pkce,
        now=call.server_clock(),
    )
    scopes = (scope for scope in login["AdditionalIdpScopes"] or () if scope and scope not in SCOPES)
    question = {
        "response_type": "code",
        "client_id": login["ConnectClientID"],
        "redirect_uri": redirect_uri(login),
        "scope": " ".join((*SCOPES, *scopes)),
        "state": states.sealed(call, state),
        "nonce": state.nonce,
    }
    if state.verifier:
        question |= {"code_challenge": states.challenge(state.verifier), "code_challenge_method": "S256"}
    return led_to(authorization_url(endpoint, question, asked.custom), states.cookie(call, browser))


def read(query: str) -> Asked:
    """The link's parameters; names in any case, of a repeated one the first counts. Raises LoginParameterError."""
    if len(query) > LONGEST_QUERY:
        raise LoginParameterError
    values: dict[str, str] = {}
    custom: list[tuple[str, str]] = []
    for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
        if name.lower() == "customparams":
            custom += _pairs(value)
        else:
            values.setdefault(name.lower(), value)
    config_id, client_id = values.get("id", "").strip(), values.get("cid", "").strip()
    roles, path = values.get("roles", ""), values.get("appstartpath", "")
    too_long = len(path) > LONGEST_PATH or len(roles) > LONGEST_ROLES or len(custom) > MOST_CUSTOM
    named = all(0 < len(each) <= LONGEST_ID and "\0" not in each for each in (config_id, client_id))
    readable = all(value in RESPONSE_MODES for name, value in custom if name.lower() == "response_mode")
    if too_long or not named or not readable:
        raise LoginParameterError
    return Asked(config_id, client_id, roles, path, tuple(custom))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """`a=b&c=d e=f`: what the link has encoded as one value, and may have encoded once more within it."""
    for part in SEPARATOR.split(text):
        name, _, value = part.strip().partition("=")
        if name:
            yield name, unquote(value)
