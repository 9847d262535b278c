"""Google, or whichever provider of OpenID Connect the settings name in its place."""

from __future__ import annotations

from entrepot.domain.identity.discovery import Provider
from entrepot.domain.identity.id_token import Identity
from entrepot.domain.identity.login_urls import authorization_url
from entrepot.domain.portal.elsewhere import Application, Elsewhere
from entrepot.engine.call import Call
from entrepot.features.people.elsewhere import errand as errands
from entrepot.features.people.elsewhere.asking import NOBODYS, asked
from entrepot.features.people.elsewhere.errand import Errand
from entrepot.features.people.openid import state as states
from entrepot.features.people.openid.configs import require_web_address
from entrepot.features.people.openid.proving import LONGEST_TOKEN, identity_in
from entrepot.features.people.services import services
from entrepot.kernel.errors import AuthorityTokenError, ProviderUnreachedError

SCOPE = "openid email profile"


async def question(call: Call, application: Application, errand: Errand) -> str:
    """The page where somebody agrees. Raises ProviderUnreachedError, LoginAddressError."""
    provider = await _provider(call, application)
    parameters = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": errands.redirect_uri(call, Elsewhere.GOOGLE),
        "scope": SCOPE,
        "state": errands.sealed(call, errand),
        "nonce": errand.nonce,
        "code_challenge": states.challenge(errand.verifier),
        "code_challenge_method": "S256",
    }
    return authorization_url(require_web_address(call, provider.authorization_endpoint), parameters, ())


async def identify(call: Call, application: Application, errand: Errand, code: str) -> Identity:
    """Whose code it is, by the identity token. Raises AuthorityTokenError, ProviderUnreachedError."""
    provider = await _provider(call, application)
    form = {
        "grant_type": "authorization_code",
        "client_id": application.client_id,
        "client_secret": application.secret,
        "code": code,
        "redirect_uri": errands.redirect_uri(call, Elsewhere.GOOGLE),
        "code_verifier": errand.verifier,
    }
    given = await asked(call, "POST", provider.token_endpoint, form)
    token = given.get("id_token") if isinstance(given, dict) else None
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN:
        raise AuthorityTokenError
    return await identity_in(
        call,
        NOBODYS,
        provider,
        token,
        client_id=application.client_id,
        nonce=errand.nonce,
        facts={"method": Elsewhere.GOOGLE.value},
    )


async def require_issuer(call: Call, application: Application, named: str) -> None:
    """As in a login to a marketplace (RFC 9207). Raises AuthorityTokenError, ProviderUnreachedError."""
    if named and named != (await _provider(call, application)).issuer:
        raise AuthorityTokenError


async def _provider(call: Call, application: Application) -> Provider:
    own = services(call)
    found = await own.providers.of_issuer(own.outgoing, NOBODYS, application.place)
    if found is None:
        raise ProviderUnreachedError
    return found
