"""The way to whichever place, and what is brought back."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.domain.identity.id_token import Identity
from entrepot.domain.portal.elsewhere import Application, Elsewhere
from entrepot.engine.call import Call
from entrepot.features.people.elsewhere import errand as errands
from entrepot.features.people.elsewhere import github, google
from entrepot.features.people.elsewhere.errand import Errand
from entrepot.features.people.openid import state as states
from entrepot.features.people.openid.answers import code_of
from entrepot.features.people.services import services
from entrepot.kernel.errors import AuthorizationMethodUnavailableError, NotFoundError


def method_of(name: str) -> Elsewhere:
    """By its name in any case. Raises NotFoundError."""
    for each in Elsewhere:
        if each.value.lower() == name.lower():
            return each
    raise NotFoundError("AuthorizationMethod", name)


def application_of(call: Call, method: Elsewhere) -> Application:
    """Raises AuthorizationMethodUnavailableError where the settings have none."""
    found = services(call).elsewhere.get(method)
    if found is None:
        raise AuthorizationMethodUnavailableError
    return found


async def begin(
    call: Call, method: Elsewhere, *, account: int = 0, session: int = 0
) -> tuple[str, tuple[str, str]]:
    """The page elsewhere to go to, and the header by which the browser is known when it comes back. Nothing is stored. Raises
    AuthorizationMethodUnavailableError, ProviderUnreachedError, LoginAddressError.
    """
    application = application_of(call, method)
    browser = states.browser_of(call) or states.random_text()
    errand = errands.begun(call, method, browser, account=account, session=session)
    ask = github.question if method is Elsewhere.GITHUB else google.question
    return await ask(call, application, errand), states.cookie(call, browser)


async def brought_back(call: Call, method: Elsewhere, answer: Mapping[str, str]) -> tuple[Errand, Identity]:
    """What was gone for, and who somebody is. Raises LoginStateError, AuthorityRefusedError, LoginParameterError, AuthorityTokenError,
    ProviderUnreachedError, AuthorizationMethodUnavailableError.
    """
    application = application_of(call, method)
    errand = await errands.take(call, method, answer.get("state", ""))
    code = code_of(answer)
    if method is Elsewhere.GITHUB:
        return errand, await github.identify(call, application, errand, code)
    await google.require_issuer(call, application, answer.get("iss", ""))
    return errand, await google.identify(call, application, errand, code)
