"""GitHub, which speaks OAuth 2 with endpoints and answers of its own, and no OpenID Connect."""

from __future__ import annotations

import re

from entrepot.domain.identity.id_token import Identity
from entrepot.domain.identity.login_urls import authorization_url
from entrepot.domain.portal.elsewhere import Application, Elsewhere, github_api, github_identity
from entrepot.engine.call import Call
from entrepot.features.people.elsewhere import errand as errands
from entrepot.features.people.elsewhere.asking import asked
from entrepot.features.people.elsewhere.errand import Errand
from entrepot.features.people.openid import state as states
from entrepot.kernel.errors import AuthorityTokenError, ProviderUnreachedError

SCOPE = "read:user user:email"
READABLE = re.compile(r"[!-~]{1,1024}")
"""What a header can carry."""
VERSION = ("X-GitHub-Api-Version", "2022-11-28")


async def question(call: Call, application: Application, errand: Errand) -> str:
    """The page where somebody agrees."""
    parameters = {
        "client_id": application.client_id,
        "redirect_uri": errands.redirect_uri(call, Elsewhere.GITHUB),
        "scope": SCOPE,
        "state": errands.sealed(call, errand),
        "code_challenge": states.challenge(errand.verifier),
        "code_challenge_method": "S256",
    }
    return authorization_url(f"{application.place}/login/oauth/authorize", parameters, ())


async def identify(call: Call, application: Application, errand: Errand, code: str) -> Identity:
    """Whose code it is; three calls, after which the token is forgotten. Raises AuthorityTokenError, ProviderUnreachedError."""
    form = {
        "client_id": application.client_id,
        "client_secret": application.secret,
        "code": code,
        "redirect_uri": errands.redirect_uri(call, Elsewhere.GITHUB),
        "code_verifier": errand.verifier,
    }
    given = await asked(call, "POST", f"{application.place}/login/oauth/access_token", form)
    # A code that is wrong is told with the status 200.
    token = given.get("access_token") if isinstance(given, dict) else None
    if not isinstance(token, str) or not READABLE.fullmatch(token):
        raise AuthorityTokenError
    headers = (("Authorization", f"Bearer {token}"), VERSION)
    api = github_api(application.place)
    user = await asked(call, "GET", f"{api}/user", headers=headers)
    emails = await asked(call, "GET", f"{api}/user/emails?per_page=100", headers=headers)
    identity = github_identity(application.place, user, emails)
    if identity is None:
        raise ProviderUnreachedError
    return identity
