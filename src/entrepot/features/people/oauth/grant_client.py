"""The API client of a grant: found, active, and proven by its secret (AUTH-6, AUTH-13, AUTH-43)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import asyncpg

from entrepot.domain.identity.clients import ClientAdmission, ClientSecrets, SecretRecord, TokenDurations
from entrepot.domain.identity.roles import ClientRoleLimits
from entrepot.domain.time.virtual import VirtualTime
from entrepot.engine.call import Call, Database
from entrepot.engine.marketplace_time import COLUMNS, JOIN, time_of
from entrepot.engine.principal import Principal
from entrepot.features.people.credentials.authenticator import BENCH
from entrepot.features.people.credentials.secrets import fingerprint
from entrepot.features.people.oauth import client_secrets
from entrepot.features.people.services import Services
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import (
    GrantClientInactiveError,
    GrantSellerInactiveError,
    InvalidClientSecretError,
    UnknownClientError,
)

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

DIRECTORY = "SELECT marketplace_id FROM marketplace_directory WHERE kind = 'client' AND name = $1"
CLIENT = f"""
SELECT m."ID" AS marketplace, m."Active" AS marketplace_active, e.epoch, {BENCH}, {COLUMNS}, c.*, s.hashes, s.fingerprints, s.expirations
FROM api_clients c
JOIN marketplaces m ON m.marketplace_id = $1
JOIN security_epochs e ON e.marketplace_id = $1
{JOIN}
LEFT JOIN LATERAL (
    SELECT array_agg(x.secret_hash ORDER BY x."ID") AS hashes, array_agg(x.fingerprint ORDER BY x."ID") AS fingerprints,
           array_agg(x."Expiration" ORDER BY x."ID") AS expirations
    FROM api_client_secrets x WHERE x.marketplace_id = $1 AND x."ApiClientID" = c."ID") s ON true
WHERE c.marketplace_id = $1 AND c."ID" = $2
"""


@dataclass(frozen=True, slots=True)
class GrantClient:
    """What a grant needs to know of its client. `secrets` has the legacy one in clear."""

    marketplace_id: int
    marketplace: str
    id: str
    active: bool
    marketplace_active: bool
    admission: ClientAdmission
    limits: ClientRoleLimits
    durations: TokenDurations
    secrets: ClientSecrets
    is_anonymous: bool
    default_user: int | None
    epoch: int = 0
    """The marketplace's security epoch as of which this holds."""
    time: VirtualTime | None = None
    """The marketplace's clock, where it is not the server's."""
    has_faults: bool = False
    """Whether its logins may have to fail on purpose."""
    recording: str | None = None
    """Of its marketplace."""

    @property
    def nobody(self) -> Principal:
        """Who calls by this client, as long as nobody knows."""
        nobody = Principal.nobody(self.marketplace_id, self.id, self.marketplace, self.epoch, self.time)
        return replace(nobody, has_faults=self.has_faults, recording=self.recording)

    def acting(self, call: Call) -> Call:
        """A call of the marketplace's own for what is done on the way of this one, whose caller nobody knows yet."""
        acting = Call.of_server(call.operation, call.backend, self.nobody)
        acting.request_id = call.request_id
        return acting


async def load_client(db: Database, services: Services, client_id: str) -> GrantClient:
    """The client, active or not. Two statements: the directory names the marketplace.

    Raises UnknownClientError (E2).
    """
    marketplace_id = await db.fetchval(DIRECTORY, client_id) if GUID.fullmatch(client_id) else None
    client = None if marketplace_id is None else await find_client(db, services, marketplace_id, client_id)
    if client is None:
        raise UnknownClientError
    return client


async def find_client(
    db: Database, services: Services, marketplace_id: int, client_id: str
) -> GrantClient | None:
    """A client of a known marketplace."""
    row = await db.fetchrow(CLIENT, marketplace_id, client_id)
    return None if row is None else _client(row, services)


def require_active(client: GrantClient) -> None:
    """E3, then E9 for the marketplace."""
    if not client.active:
        raise GrantClientInactiveError
    if not client.marketplace_active:
        raise GrantSellerInactiveError


async def require_secret(client: GrantClient, presented: str, services: Services, clock: Clock) -> None:
    """Raise InvalidClientSecretError (E4) unless the client has no secret, or this is an unexpired one of it."""
    secrets = client.secrets
    if not secrets.is_confidential or secrets.matches_legacy(presented):
        return
    candidates = secrets.candidates(fingerprint(presented), clock()) if presented else ()
    found = await services.client_secrets.find(candidates, presented, share=client.marketplace_id)
    if found is None:
        raise InvalidClientSecretError


def _client(row: asyncpg.Record, services: Services) -> GrantClient:
    sealed = row["client_secret_encrypted"]
    legacy = (
        sealed and client_secrets.reveal(services.box, row["marketplace_id"], row["ID"], sealed)
    ) or None
    return GrantClient(
        marketplace_id=row["marketplace_id"],
        marketplace=row["marketplace"],
        id=row["ID"],
        active=row["Active"],
        marketplace_active=row["marketplace_active"],
        admission=ClientAdmission(row["AllowSeller"], row["AllowAnyBuyer"], row["AllowAnySupplier"]),
        limits=ClientRoleLimits.of(
            minimum_api=row["MinimumRequiredRoles"],
            minimum_custom=row["MinimumRequiredCustomRoles"],
            maximum_api=row["MaximumGrantedRoles"],
            maximum_custom=row["MaximumGrantedCustomRoles"],
        ),
        durations=TokenDurations(
            row["AccessTokenDuration"], row["RefreshTokenDuration"], row["AnonymousTokenDuration"]
        ),
        secrets=ClientSecrets(legacy, _records(row)),
        is_anonymous=row["IsAnonBuyer"],
        default_user=row["default_context_user_key"],
        epoch=row["epoch"],
        time=time_of(row),
        has_faults=row["has_faults"],
        recording=row["recording"],
    )


def _records(row: asyncpg.Record) -> tuple[SecretRecord, ...]:
    columns = (row[name] or () for name in ("hashes", "fingerprints", "expirations"))
    return tuple(SecretRecord(*secret) for secret in zip(*columns, strict=True))
