"""Public keys and identity tokens (AUTH-23, AUTH-24)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from entrepot.declare.operation import Reply, Returns, operation
from entrepot.declare.types import Int, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.identity.clients import expires_in
from entrepot.engine.call import Call
from entrepot.engine.wire.json import load
from entrepot.features.people.credentials.claims import NOT_BEFORE_SECONDS
from entrepot.features.people.credentials.default_users import FIRST_NAME, LAST_NAME
from entrepot.features.people.credentials.tokens import sign
from entrepot.features.people.identity.computed import AVAILABLE_ROLES, LOCALE
from entrepot.features.people.oauth.tokens import NOT_CACHED
from entrepot.features.people.services import services
from entrepot.kernel.errors import NotFoundError, UserGoneError
from entrepot.kernel.sql import Sql

IDENTITY_LIFETIME = timedelta(hours=1)

PERSON = Sql(f"""
SELECT t."FirstName", t."LastName", t."Email", ({AVAILABLE_ROLES}) AS roles,
       ({LOCALE}) AS locale,
       ARRAY(SELECT g."ID"::text FROM user_group_members m
             JOIN user_groups g ON g.marketplace_id = :marketplace_id AND g.key = m.group_key
             WHERE m.marketplace_id = :marketplace_id AND m.user_key = t.key ORDER BY g."ID") AS groups
FROM users t WHERE t.marketplace_id = :marketplace_id AND t.key = :user_key
""").bound("marketplace_id", "user_key")

DEFAULT_USER: Mapping[str, Any] = {
    "FirstName": FIRST_NAME,
    "LastName": LAST_NAME,
    "Email": None,
    "roles": [],
    "locale": None,
    "groups": [],
}


class PublicKey(Wire):
    """A JSON Web Key that verifies access tokens."""

    kty: Text = column()
    n: Text = column()
    e: Text = column()
    alg: Text = column()
    use: Text = column()
    kid: Text = column()


class PublicKeys(Wire):
    """A JSON Web Key Set."""

    keys: list[PublicKey] = column()


class IdentityToken(Wire):
    """A JWT that tells who the caller is."""

    identity_token: Text = column(confidential=True)
    expires_in: Int = column()


@operation(
    "Certs.List",
    "GET",
    "/oauth/certs",
    tag="Certs",
    summary="List the public keys that verify access tokens",
    public=True,
    returns=Returns(PublicKeys),
)
async def list_keys(call: Call) -> Reply:
    """Retired keys too: tokens that they signed may still hold."""
    return Reply({"keys": list(services(call).signing_keys.jwks())})


@operation(
    "Certs.Get",
    "GET",
    "/oauth/certs/{ID}",
    tag="Certs",
    summary="Get the public key that a token's kid names",
    public=True,
    returns=Returns(PublicKey),
    errors=(NotFoundError,),
)
async def get_key(call: Call) -> Reply:
    """A key that another process made a moment ago is learned first."""
    kid, keys = call.path["ID"], services(call).signing_keys
    if not await keys.learn(kid):
        raise NotFoundError("Cert", kid)
    return Reply(keys.ring.published[kid].jwk)


@operation(
    "UserInfo.Get",
    "GET",
    "/oauth/userinfo",
    tag="User Info",
    summary="Get an identity token of the caller",
    returns=Returns(IdentityToken),
)
async def get_user_info(call: Call) -> Reply:
    """The API does not accept this token."""
    caller = call.principal
    person = DEFAULT_USER if caller.is_default_user else await _person(call)
    issued = int(call.server_clock().timestamp())
    claims = {
        "sub": caller.username,
        "companyID": caller.company_id,
        "marketplaceID": caller.marketplace,
        "groups": person["groups"],
        "availableroles": person["roles"],
        "preferred_username": caller.username,
        "email": person["Email"],
        "given_name": person["FirstName"],
        "family_name": person["LastName"],
        "iat": issued,
        "nbf": issued - NOT_BEFORE_SECONDS,
        "exp": issued + int(IDENTITY_LIFETIME.total_seconds()),
        "iss": call.base_url,
        "aud": call.base_url,
    }
    if person["locale"] is not None:
        claims["currency"] = load(person["locale"])["Currency"]
    token = sign(services(call).signing_keys.ring.current, claims)
    return Reply({"identity_token": token, "expires_in": expires_in(IDENTITY_LIFETIME)}, headers=NOT_CACHED)


async def _person(call: Call) -> Mapping[str, Any]:
    person = await call.db.fetchrow(PERSON, call.marketplace_id, call.principal.user_key)
    if person is None:
        raise UserGoneError
    return dict(person)


post_user_info = replace(
    get_user_info, id="UserInfo.Post", verb="POST", summary="Get an identity token of the caller by POST"
)
"""The same, as some clients ask for it (AUTH-24)."""
