"""ApiClients.CreateSecret: the one moment at which a secret is shown (AUTH-42)."""

from __future__ import annotations

from typing import Any

import asyncpg

from entrepot.declare.operation import Body, Created, Reply, Returns, Unit, operation
from entrepot.declare.roles import SELLERS_ONLY, Right
from entrepot.engine import incrementors
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.granting import require_roles_of
from entrepot.engine.notes import Note
from entrepot.engine.rows import renderer
from entrepot.engine.wire.models import validate
from entrepot.features.people.credentials.secrets import fingerprint, new_client_secret
from entrepot.features.people.identity.giving import OPENS_CLIENT
from entrepot.features.people.oauth.hooks import check_expiration
from entrepot.features.people.oauth.resources import (
    API_CLIENT_SECRETS,
    API_CLIENTS,
    ApiClientSecret,
    ApiClientSecretCreateResponse,
)
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    IdExistsError,
    InvalidBodyError,
    NotFoundError,
    SecretExpirationError,
    TooManySecretsError,
    ValidationError,
)
from entrepot.kernel.ids import new_id

MAX_SECRETS = 10
SECRET: Note[tuple[str, str]] = Note("a new client secret, with its hash")

# The lock makes writers of one client's secrets wait for each other, so that the count holds.
LOCK_CLIENT = 'SELECT "ID" FROM api_clients WHERE marketplace_id = $1 AND "ID" = $2 FOR NO KEY UPDATE'
COUNT = 'SELECT count(*) FROM api_client_secrets WHERE marketplace_id = $1 AND "ApiClientID" = $2'
INSERT = """
INSERT INTO api_client_secrets (marketplace_id, "ApiClientID", "ID", "Name", "Expiration", secret_hash, fingerprint, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def make_secret(call: Call) -> None:
    """Operation.prepare: the slow hash, before any row is locked."""
    secret = new_client_secret()
    hashed = await services(call).passwords.hash(secret, share=call.marketplace_id)
    call.notes.put(SECRET, (secret, hashed))


@operation(
    "ApiClients.CreateSecret",
    "POST",
    "/apiclients/{apiClientID}/secrets",
    tag=API_CLIENTS.title,
    summary="Create a new ApiClientSecret and show its value, this once",
    status=201,
    roles=API_CLIENTS.roles.write,
    user_types=allowed_types(SELLERS_ONLY, Right.WRITE),
    body=Body(ApiClientSecret),
    returns=Returns(ApiClientSecretCreateResponse),
    errors=(
        NotFoundError,
        InvalidBodyError,
        ValidationError,
        IdExistsError,
        SecretExpirationError,
        TooManySecretsError,
    ),
    unit=Unit.WRITE,
    prepare=make_secret,
    resource=API_CLIENT_SECRETS.name,
    table=API_CLIENT_SECRETS.entity.table,
)
async def create_secret(call: Call) -> Reply:
    """What is kept is its argon2id hash, and a fingerprint that finds the row."""
    client_id = await _lock_client(call)
    values: dict[str, Any] = validate(ApiClientSecret, call.body, partial=False)
    assert OPENS_CLIENT.roles is not None
    await require_roles_of(call, OPENS_CLIENT.roles, client_id)
    values["ID"] = await incrementors.fill_incrementors(call, values["ID"] or new_id())
    check_expiration(values["Expiration"], call.clock())
    if await call.db.fetchval(COUNT, call.marketplace_id, client_id) >= MAX_SECRETS:
        raise TooManySecretsError
    made = call.notes.get(SECRET)
    assert made is not None
    secret, hashed = made
    try:
        await call.db.execute(
            INSERT,
            call.marketplace_id,
            client_id,
            values["ID"],
            values["Name"],
            values["Expiration"],
            hashed,
            fingerprint(secret),
            call.clock(),
        )
    except asyncpg.UniqueViolationError as error:
        raise IdExistsError("ApiClientSecret", values["ID"]) from error
    shown = renderer(ApiClientSecretCreateResponse).render({**values, "ClientSecret": secret})
    return Reply(shown, created=Created(values["ID"], {"apiClientID": client_id}))


async def _lock_client(call: Call) -> str:
    client_id: str | None = await call.db.fetchval(LOCK_CLIENT, call.marketplace_id, call.path["apiClientID"])
    if client_id is None:
        raise NotFoundError("ApiClient", call.path["apiClientID"])
    return client_id
