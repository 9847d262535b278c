"""How accounts sign in (PORT-3): by a password, and by accounts of theirs elsewhere, which are linked and removed here."""

from __future__ import annotations

from entrepot.declare.operation import Counted, Reply, Returns, Unit
from entrepot.declare.types import Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.engine.units import unit_of
from entrepot.features.people.credentials import default_users
from entrepot.features.people.elsewhere.visiting import begin, method_of
from entrepot.features.people.oauth.tokens import NOT_CACHED
from entrepot.features.people.portal import identities, sessions
from entrepot.features.people.portal.declaring import newer, portal_operation
from entrepot.features.people.portal.identities import PASSWORD
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    AuthorizationMethodUnavailableError,
    LastAuthorizationMethodError,
    LoginAddressError,
    NotFoundError,
    ProviderUnreachedError,
    TooManyAttemptsError,
)


class AuthorizationMethod(Wire):
    """A way in which accounts sign in."""

    Name: Text = column(read_only=True)


class VisitElsewhere(Wire):
    """Where a browser goes on: the page elsewhere at which its owner agrees."""

    RedirectUrl: Text = column(read_only=True, confidential=True)


@portal_operation(
    "ListSignIns",
    "GET",
    "/authorizationmethods",
    summary="List how accounts of this server may sign in",
    public=True,
    returns=Returns(AuthorizationMethod),
)
async def list_sign_ins(call: Call) -> Reply:
    """A list without pages: what the settings offer. No statement."""
    return _named([PASSWORD, *(each.value for each in services(call).elsewhere)])


@portal_operation(
    "SignInElsewhere",
    "POST",
    "/authorizationmethods/{name}/signin",
    summary="Begin to sign in by an account elsewhere",
    description="For pages of this server: the answer sets a cookie, without which nobody comes back.",
    public=True,
    returns=Returns(VisitElsewhere),
    errors=(
        AuthorizationMethodUnavailableError,
        NotFoundError,
        ProviderUnreachedError,
        LoginAddressError,
        TooManyAttemptsError,
    ),
    # What is asked elsewhere on the way must not be asked within a transaction.
    unit=Unit.OWN,
    counted=Counted.CALLS,
)
async def sign_in_elsewhere(call: Call) -> Reply:
    """No link of another site leads here, and what another site asks for it cannot read: nobody is sent away who has not asked for it."""
    return _led_away(await begin(call, method_of(call.path["name"])))


@portal_operation(
    "ListAuthorizationMethods",
    "GET",
    "/me/authorizationmethods",
    summary="List how the signed-in account signs in",
    returns=Returns(AuthorizationMethod),
)
async def list_authorization_methods(call: Call) -> Reply:
    """A list without pages. One statement."""
    return _named(await identities.methods(call.db, call.account.key))


@portal_operation(
    "RemoveAuthorizationMethod",
    "DELETE",
    "/me/authorizationmethods/{name}",
    summary="Remove a way in which the signed-in account signs in",
    status=204,
    errors=(LastAuthorizationMethodError, NotFoundError),
    unit=Unit.OWN,
)
async def remove_authorization_method(call: Call) -> Reply:
    """One that this server offers has to remain. All other sessions end, and all tokens of marketplaces."""
    name, key = call.path["name"], call.account.key
    offered = {PASSWORD, *services(call).elsewhere}
    async with unit_of(call, None) as connection:
        held = await identities.held_methods(connection, key)
        method = next((each for each in held if each.lower() == name.lower()), None)
        if method is None:
            raise NotFoundError("AuthorizationMethod", name)
        if not any(each in offered for each in held if each != method):
            raise LastAuthorizationMethodError
        await identities.remove(connection, key, method)
        await sessions.end_others(connection, call.account, "")
        await default_users.end_everywhere(connection, key)
    return Reply()


@portal_operation(
    "LinkAuthorizationMethod",
    "POST",
    "/me/authorizationmethods/{name}/link",
    summary="Link an account elsewhere, to sign in with it",
    description="For pages of this server: the answer sets a cookie, without which nobody comes back.",
    returns=Returns(VisitElsewhere),
    errors=(AuthorizationMethodUnavailableError, NotFoundError, ProviderUnreachedError, LoginAddressError),
    unit=Unit.OWN,
)
async def link_authorization_method(call: Call) -> Reply:
    """It is linked when the browser comes back, if the session has not ended by then."""
    account = call.account
    method = method_of(call.path["name"])
    return _led_away(await begin(call, method, account=account.key, session=account.session))


def _named(names: list[str]) -> Reply:
    return Reply([{"Name": each} for each in names])


def _led_away(visit: tuple[str, tuple[str, str]]) -> Reply:
    url, cookie = visit
    return Reply({"RedirectUrl": url}, headers=(*NOT_CACHED, cookie))


OWN = (list_authorization_methods, remove_authorization_method, link_authorization_method)
OPERATIONS = (list_sign_ins, sign_in_elsewhere, *OWN, *map(newer, OWN))
