"""GET and POST /ocrpcode: the browser comes back from the identity provider, and goes on to the application (OIDC-2 to OIDC-4)."""

from __future__ import annotations

from typing import Any

import structlog

from entrepot.declare.operation import QueryParameter, Reply, Unit, operation
from entrepot.domain.identity.login_urls import start_url
from entrepot.domain.identity.roles import grant, parse_scope
from entrepot.engine.attempts import Of
from entrepot.engine.call import Call
from entrepot.engine.units import unit_of
from entrepot.features.people.oauth import login_state, subjects
from entrepot.features.people.oauth.grants import tell_of
from entrepot.features.people.oauth.subjects import Subject
from entrepot.features.people.oauth.tokens import access_claims, sign, store_refresh_token
from entrepot.features.people.openid import resources
from entrepot.features.people.openid import state as states
from entrepot.features.people.openid.answers import code_of, read
from entrepot.features.people.openid.configs import Login, find_login
from entrepot.features.people.openid.exchange import exchange, identify, require_issuer
from entrepot.features.people.openid.pages import FOUND, led_to, refused
from entrepot.features.people.openid.state import LoginState
from entrepot.features.people.openid.users import Person, find_user
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    ApiError,
    AuthorityRefusedError,
    AuthorityTokenError,
    ClientNotForUserError,
    GrantClientInactiveError,
    GrantCompanyInactiveError,
    GrantSellerInactiveError,
    GrantUserInactiveError,
    LoginAddressError,
    LoginEndedError,
    LoginEventError,
    LoginNotConfiguredError,
    LoginParameterError,
    LoginStateError,
    LoginUserUnknownError,
    MinimumRolesError,
    TooManyAttemptsError,
)

log = structlog.get_logger("entrepot.openid")

FACTS: dict[str, Any] = {
    "tag": "Open Id Connects",
    "public": True,
    "status": FOUND,
    "for_browsers": True,
    # What is asked abroad on the way must not be asked within a transaction.
    "unit": Unit.OWN,
    "errors": (
        LoginParameterError,
        LoginStateError,
        LoginNotConfiguredError,
        LoginAddressError,
        AuthorityRefusedError,
        AuthorityTokenError,
        LoginUserUnknownError,
        LoginEventError,
        LoginEndedError,
        GrantClientInactiveError,
        GrantSellerInactiveError,
        GrantUserInactiveError,
        GrantCompanyInactiveError,
        ClientNotForUserError,
        MinimumRolesError,
        TooManyAttemptsError,
    ),
}


@operation(
    "OpenIdConnects.TakeCode",
    "GET",
    "/ocrpcode",
    summary="Return from an identity provider",
    description="The redirect URI of logins that began at /ocrplogin. Nobody calls it but browsers, led by the identity provider.",
    query=(
        QueryParameter(
            "code", description="What the identity provider gives a token for.", confidential=True
        ),
        QueryParameter("state", description="What /ocrplogin gave along.", confidential=True),
        QueryParameter("error", description="Why the identity provider refuses."),
    ),
    **FACTS,
)
async def take_query(call: Call) -> Reply:
    """response_mode=query"""
    return await _end(call, call.query)


@operation(
    "OpenIdConnects.TakeCodeForm",
    "POST",
    "/ocrpcode",
    summary="Return from an identity provider by a form",
    description="The same for response_mode=form_post: a form with code and state, or error.",
    **FACTS,
)
async def take_form(call: Call) -> Reply:
    """response_mode=form_post"""
    return await _end(call, call.content.raw.decode("utf-8", "replace"))


async def _end(call: Call, form: str) -> Reply:
    attempts, login = services(call).attempts, None
    try:
        with attempts.guess((Of.ADDRESS, call.peer.counted)):
            answer = read(form)
            state = states.opened(call, answer.get("state", ""), LoginState)
            states.require_current(call, state, states.browser_of(call))
            login = await find_login(call, state.config_id, state.client_id)
            marketplace_id = login.client.marketplace_id
            with attempts.guess((Of.CLIENT, (marketplace_id, login.client.id))):
                await states.use(call, marketplace_id, state)
                return await _let_in(call, login, state, answer)
    except ApiError as refusal:
        log.info("login by identity provider refused", reason=type(refusal).__name__, peer=call.peer.address)
        return refused(refusal, login)


async def _let_in(call: Call, login: Login, state: LoginState, answer: dict[str, str]) -> Reply:
    """Code, tokens, identity, user, session; as with every other grant from the user on (AUTH-13)."""
    code = code_of(answer)
    await require_issuer(login, answer.get("iss", ""))
    tokens = await exchange(login, state, code)
    person = Person(await identify(login, state, tokens), tokens)
    subject = await find_user(login, person)
    token, refresh_token = await _session(call, login, state, person, subject)
    url = start_url(
        login["AppStartUrl"],
        token=token,
        idp_token=tokens.access_token,
        path=state.path,
        refresh_token=refresh_token or "",
    )
    return led_to(url)


async def _session(
    call: Call, login: Login, state: LoginState, person: Person, subject: Subject
) -> tuple[str, str | None]:
    """An access token, and a refresh token where the client gives one (AUTH-7). The identity is the user's from now on."""
    client, now = login.client, login.call.clock()
    subjects.require_standing(subject, client)
    roles = grant(parse_scope(state.roles), subject.available, client.limits)
    async with unit_of(call, client.marketplace_id) as connection:
        await connection.execute(
            resources.KEEP,
            client.marketplace_id,
            login.shown["ID"],
            resources.key_of(person.identity),
            subject.key,
            now,
        )
        await login_state.record_visit(connection, client, subject, now)
        refresh_token = await store_refresh_token(call, connection, client, subject, roles)
        await tell_of(call, connection, client, subject)
    lifetime = client.durations.access_lifetime(is_anonymous=False)
    return sign(call, access_claims(call, client, subject, roles, lifetime)), refresh_token
