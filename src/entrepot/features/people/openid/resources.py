"""Who has logged in through which identity provider as which user (OIDC-3, AUTH-82)."""

from __future__ import annotations

import hashlib

from entrepot.declare.entity import Entity, Parent, Stored
from entrepot.declare.wire import Wire
from entrepot.domain.identity.id_token import Identity
from entrepot.features.people.integrations.openid import OPEN_ID_CONNECT


class LinkedIdentity(Wire):
    """An identity that belongs to a user; no caller sees it."""


LINKED_IDENTITY = Entity(
    model=LinkedIdentity,
    table="linked_identities",
    object_type="LinkedIdentity",
    parents=(Parent("OpenIdConnectID", OPEN_ID_CONNECT.table),),
    id_column="identity",
    stored=(
        Stored(name="identity", type="citext", nullable=False),
        Stored(name="user_key", type="bigint", nullable=False, references="users"),
        Stored(name="linked_at", type="timestamptz", nullable=False),
    ),
)
ENTITIES = (LINKED_IDENTITY,)

FIND = """
SELECT user_key FROM linked_identities WHERE marketplace_id = $1 AND "OpenIdConnectID" = $2 AND identity = $3
"""
# Of two first logins at once the first one counts.
KEEP = """
INSERT INTO linked_identities (marketplace_id, "OpenIdConnectID", identity, user_key, linked_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (marketplace_id, "OpenIdConnectID", identity) DO NOTHING
"""


def key_of(identity: Identity) -> str:
    """Stands for an identity: of its issuer, too, since the addresses of a configuration may come to name another one; and
    whose subjects count by their case.
    """
    return hashlib.sha256(f"{len(identity.issuer)}:{identity.issuer}{identity.subject}".encode()).hexdigest()
