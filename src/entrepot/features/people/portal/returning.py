"""The browser comes back from elsewhere, and goes on to the console: an account is linked, or somebody is let in (PORT-3).

Who somebody is, by the rules of it, in this order:
1. the account that the identity is linked with;
2. the account of the identity's address, if the provider vouches for it, the account has confirmed it and its owner has not removed
   this way to sign in: it is linked;
3. nobody yet: where sign-up is open, whoever has an address that the provider vouches for goes on as with a code that was mailed to it.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import structlog

from entrepot.declare.operation import QueryParameter, Reply, Unit
from entrepot.domain.identity.id_token import Identity
from entrepot.engine.attempts import Of
from entrepot.engine.call import Call, Database
from entrepot.engine.principal import Account
from entrepot.engine.units import unit_of
from entrepot.features.people.elsewhere.errand import Errand
from entrepot.features.people.elsewhere.visiting import brought_back, method_of
from entrepot.features.people.openid import state as states
from entrepot.features.people.openid.answers import read
from entrepot.features.people.openid.pages import FOUND, led_to, refused
from entrepot.features.people.portal import accounts, codes, identities, sessions
from entrepot.features.people.portal.codes import Purpose
from entrepot.features.people.portal.declaring import portal_operation
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    ApiError,
    AuthorityRefusedError,
    AuthorityTokenError,
    AuthorizationMethodLinkedError,
    AuthorizationMethodUnavailableError,
    IdentityTakenError,
    IdentityUnknownError,
    InvalidCredentialsError,
    LoginParameterError,
    LoginStateError,
    NotFoundError,
    ProviderUnreachedError,
    TooManyAttemptsError,
)

CODE_LIFETIME = timedelta(minutes=2)
"""For the console to ask for a token."""

log = structlog.get_logger("entrepot.portal")


@portal_operation(
    "ReturnFromElsewhere",
    "GET",
    "/authorizationmethods/{name}/return",
    summary="Return from an account elsewhere",
    description="The redirect URI of visits that began at SignInElsewhere or LinkAuthorizationMethod. Nobody calls it but browsers, led"
    " from there.",
    public=True,
    status=FOUND,
    for_browsers=True,
    query=(
        QueryParameter(
            "code", description="What tells who somebody is, to whoever asks for it.", confidential=True
        ),
        QueryParameter("state", description="What was given along.", confidential=True),
        QueryParameter("error", description="Why there is no code."),
    ),
    unit=Unit.OWN,
    errors=(
        NotFoundError,
        AuthorizationMethodUnavailableError,
        AuthorizationMethodLinkedError,
        IdentityTakenError,
        IdentityUnknownError,
        ProviderUnreachedError,
        LoginParameterError,
        LoginStateError,
        AuthorityRefusedError,
        AuthorityTokenError,
        TooManyAttemptsError,
    ),
)
async def come_back(call: Call) -> Reply:
    """To a page of the console, always: what the address says chooses none."""
    try:
        with services(call).attempts.guess((Of.ADDRESS, call.peer.counted)):
            method = method_of(call.path["name"])
            errand, identity = await brought_back(call, method, read(call.query))
            proven = identities.stands_for(method, identity)
            if errand.account:
                return await _linked(call, errand, proven)
            return await _let_in(call, identity, proven)
    except ApiError as refusal:
        log.info("sign-in elsewhere refused", reason=type(refusal).__name__, peer=call.peer.address)
        return refused(refusal, None, back=f"{call.base_url}/#/account")


async def _linked(call: Call, errand: Errand, proven: str) -> Reply:
    """With the account that has asked for it. Raises LoginStateError where its session has ended meanwhile."""
    async with unit_of(call, None) as connection:
        person = await accounts.by_key(connection, errand.account)
        if person is None:
            raise LoginStateError
        account = Account(key=person.key, username=person.username, session=errand.session)
        if not await sessions.goes_on(connection, account, call.clock()):
            raise LoginStateError
        await identities.want_again(connection, person.key, proven)
        await identities.link_and_tell(call, connection, proven, person)
    return led_to(f"{call.base_url}/#/account")


async def _let_in(call: Call, identity: Identity, proven: str) -> Reply:
    """With a code that this browser alone gives a session for, or one to sign up with."""
    box, now, email = services(call).box, call.clock(), _address(identity)
    async with unit_of(call, None) as connection:
        is_known = await identities.owner(connection, proven) is not None
        if not is_known and not await _found(call, connection, email, proven):
            if not services(call).sign_up or email is None:
                raise IdentityUnknownError
            code = await codes.issue(connection, box, Purpose.SIGN_UP, email, now, proven)
            return led_to(f"{call.base_url}/#/sign-up?{urlencode({'email': email, 'code': code})}")
        holder = states.digest(states.browser_of(call))
        code = await codes.issue(connection, box, Purpose.SIGN_IN, holder, now, proven, CODE_LIFETIME)
    return led_to(f"{call.base_url}/#/signed-in?{urlencode({'code': code})}")


async def _found(call: Call, connection: Database, email: str | None, proven: str) -> bool:
    """Whether the account of the identity's address is linked with it now. Raises IdentityUnknownError where it has an address that
    nobody has confirmed, since whoever wrote it there may be somebody else, and where the account's owner has removed this way.
    """
    person = None if email is None else await accounts.by_email(connection, email)
    if person is None:
        return False
    if not person.verified or await identities.was_removed(connection, person.key, proven):
        raise IdentityUnknownError
    await identities.link_and_tell(call, connection, proven, person)
    return True


def _address(identity: Identity) -> str | None:
    """The identity's address as accounts have theirs; None without one, or with one that is not certain to be nobody else's: letters beyond
    ASCII are told apart by who made the mailbox, and may be the same for the database.
    """
    try:
        address = None if identity.email is None else accounts.checked_email(identity.email)
    except ApiError:
        return None
    return address if address is None or address.isascii() else None


async def sign_in_by_code(call: Call, code: str) -> tuple[Account, str]:
    """A session for the browser that has come back, and its refresh token; four statements. Raises InvalidCredentialsError."""
    holder = states.digest(states.browser_of(call))
    async with unit_of(call, None) as connection:
        used = await codes.use(connection, services(call).box, (Purpose.SIGN_IN,), holder, code, call.clock())
        # Whoever removes the identity ends the sessions that there are, and waits for it: none begins by it afterwards.
        owner = None if used is None else await identities.owner(connection, used["value"])
        if owner is None:
            raise InvalidCredentialsError
        return await sessions.start(connection, *owner, call.clock())


OPERATIONS = (come_back,)
