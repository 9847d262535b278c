"""The grants of POST /oauth/token, each in the order of AUTH-13."""

from __future__ import annotations

from datetime import timedelta

from entrepot.declare.operation import Reply
from entrepot.domain.identity.password_policy import is_expired, requirement_data, unmet_requirements
from entrepot.domain.identity.roles import RoleSet, grant, parse_scope, regrant
from entrepot.engine.call import Call
from entrepot.engine.recording import Recording
from entrepot.engine.units import unit_of
from entrepot.features.people.credentials.one_time_passwords import one_time_password_digest
from entrepot.features.people.credentials.secrets import token_digest
from entrepot.features.people.oauth import login_state, subjects
from entrepot.features.people.oauth.grant_client import GrantClient
from entrepot.features.people.oauth.subjects import Subject
from entrepot.features.people.oauth.token_request import TokenRequest
from entrepot.features.people.oauth.tokens import access_claims, sign, store_refresh_token, token_reply
from entrepot.features.people.services import services
from entrepot.features.people.tracking.logins import tell_login
from entrepot.kernel.errors import (
    AnonymousUserIdError,
    ClientNotForUserError,
    DefaultContextUserRequiredError,
    InsecurePasswordGrantError,
    InvalidRefreshTokenError,
    MissingCredentialsError,
    PasswordExpiredError,
)
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType

MAX_ANONYMOUS_ID = 200
"""Characters of anonuserid, which goes into the token (AUTH-22)."""

FIND_REFRESHABLE = """
SELECT user_key, "ApiClientID", roles, generation, expires_at, ahead FROM refresh_tokens
WHERE marketplace_id = $1 AND token_hash = $2
"""


async def by_password(call: Call, request: TokenRequest, client: GrantClient) -> Reply:
    """A person logs in, with the password or with a one-time password."""
    if not request.username or not request.password:
        raise MissingCredentialsError
    # Locks and codes go by the server's clock: one that was set back would keep a user locked for years.
    now, hasher = call.server_clock(), services(call).passwords
    subject = await subjects.by_username(call.pool, client, request.username, now)
    one_time = subject is not None and subject.holds_one_time_password(
        one_time_password_digest(
            services(call).box, client.marketplace_id, subject.key, client.id, request.password
        )
    )
    # No transaction and no connection is held while the slow hash runs; a name that nobody has costs one as well.
    known = None if subject is None else subject.password_hash
    matches = one_time or await hasher.verify(known, request.password, share=client.marketplace_id)
    # A lock is told after the hash, too, and by the same statements as a wrong password.
    if subject is not None:
        call.sender.note_for(subject.seen_through(client))
    if subject is None or not matches or subject.login.is_locked(now):
        name = login_state.name_digest(services(call).box, request.username)
        await login_state.record_failure(call.pool, client, subject, name, now)
    assert subject is not None
    subjects.require_standing(subject, client)
    if not one_time:
        require_password_in_force(subject, request.password, call)
    roles = grant(parse_scope(request.scope), subject.available, client.limits)
    rehashed = None
    if not one_time and known is not None and hasher.needs_rehash(known):
        rehashed = await hasher.hash(request.password, share=client.marketplace_id)
    async with unit_of(call, client.marketplace_id) as connection:
        if one_time:
            await login_state.use_one_time_password(connection, client, subject)
        await login_state.record_login(connection, client, subject, now, call.clock(), rehashed)
        refresh_token = await store_refresh_token(call, connection, client, subject, roles)
        await tell_of(call, connection, client, subject, request.anonuserid)
    return access_reply(call, client, subject, roles, refresh_token)


async def by_client(call: Call, request: TokenRequest, client: GrantClient) -> Reply:
    """A program logs in as the client's default user, or a guest as a copy of it (AUTH-9, AUTH-33)."""
    now = call.clock()
    subject = None
    if client.default_user is not None:
        subject = await subjects.by_key(call.pool, client, client.default_user, now)
    if subject is None:
        raise DefaultContextUserRequiredError
    call.sender.note_for(subject.seen_through(client))
    subjects.require_standing(subject, client)
    roles = grant(parse_scope(request.scope), subject.available, client.limits)
    if client.is_anonymous:
        return guest_reply(call, request, client, subject, roles)
    async with unit_of(call, client.marketplace_id) as connection:
        await login_state.record_visit(connection, client, subject, now)
        refresh_token = await store_refresh_token(call, connection, client, subject, roles)
        await tell_of(call, connection, client, subject)
    return access_reply(call, client, subject, roles, refresh_token)


async def by_refresh_token(call: Call, request: TokenRequest, client: GrantClient) -> Reply:
    """A session goes on (AUTH-8). The refresh token stays the same until it ends, since clients keep the first one."""
    now = call.clock()
    stored = await call.pool.fetchrow(
        FIND_REFRESHABLE, client.marketplace_id, token_digest(request.refresh_token)
    )
    if (
        stored is None
        or stored["ApiClientID"].lower() != client.id.lower()
        or stored["expires_at"] <= call.server_clock() + timedelta(seconds=call.aged(stored["ahead"]))
    ):
        raise InvalidRefreshTokenError
    subject = await subjects.by_key(call.pool, client, stored["user_key"], now)
    if subject is None or subject.generation != stored["generation"]:
        raise InvalidRefreshTokenError
    call.sender.note_for(subject.seen_through(client))
    subjects.require_standing(subject, client)
    roles = regrant(RoleSet.named(stored["roles"]), request.scope, subject.available, client.limits)
    await login_state.record_visit(call.pool, client, subject, now)
    return access_reply(call, client, subject, roles, request.refresh_token)


async def tell_of(
    call: Call, connection: Recording, client: GrantClient, subject: Subject, anonymous_user_id: str = ""
) -> None:
    """The tracking event of a login, within its unit (AUTH-13). anonymous_user_id: what the shopper was called before (TRK-3)."""
    acting = client.acting(call)
    acting.connection = connection
    known = anonymous_user_id[:MAX_ANONYMOUS_ID] or None
    await tell_login(acting, client.id, subject.key, subject.id, known)


def require_password_in_force(subject: Subject, password: str, call: Call) -> None:
    """The right password may be too old (E10) or too weak for the present rules (E11)."""
    if is_expired(subject.policy, subject.password_set, call.clock()):
        raise PasswordExpiredError
    if unmet_requirements(subject.policy, password):
        raise InsecurePasswordGrantError(requirement_data(subject.policy))


def access_reply(
    call: Call, client: GrantClient, subject: Subject, roles: RoleSet, refresh_token: str | None
) -> Reply:
    """A session of a user."""
    lifetime = client.durations.access_lifetime(is_anonymous=False)
    return token_reply(
        sign(call, access_claims(call, client, subject, roles, lifetime)), lifetime, refresh_token
    )


def guest_reply(
    call: Call, request: TokenRequest, client: GrantClient, template: Subject, roles: RoleSet
) -> Reply:
    """A guest: the template's name and roles, an order ID of its own, no refresh token."""
    if template.user_type is not UserType.BUYER:
        raise ClientNotForUserError
    if len(request.anonuserid) > MAX_ANONYMOUS_ID:
        raise AnonymousUserIdError
    lifetime = client.durations.access_lifetime(is_anonymous=True)
    guest = {"order_id": new_id(), "anonymous_user_id": request.anonuserid or None}
    return token_reply(sign(call, access_claims(call, client, template, roles, lifetime, **guest)), lifetime)
