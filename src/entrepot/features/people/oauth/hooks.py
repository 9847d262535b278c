"""Rules of API clients and their secrets beyond the uniform verbs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg

from entrepot.declare.resource import Hooks
from entrepot.domain.identity.clients import ANONYMOUS_MINUTES
from entrepot.engine.call import Call
from entrepot.features.people.integrations.enums import IntegrationEventType
from entrepot.features.people.integrations.references import check_event_types
from entrepot.features.people.oauth import client_secrets
from entrepot.features.people.oauth.grant_client import GUID
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    ClientUsedByImpersonationError,
    ClientUsedByIntegrationError,
    IdExistsError,
    LastFullAccessClientError,
    NotFoundError,
    PropertyError,
    RequiredNotAnonymousError,
    SecretExpirationError,
    ValidationError,
)

Values = dict[str, Any]

EVENT_TYPES = {
    "OrderCheckoutIntegrationEventID": IntegrationEventType.ORDER_CHECKOUT.value,
    "OrderReturnIntegrationEventID": IntegrationEventType.ORDER_RETURN.value,
    "AddToCartIntegrationEventID": IntegrationEventType.ADD_TO_CART.value,
}

FIND_USER = 'SELECT key FROM users WHERE marketplace_id = $1 AND lower("Username") = lower($2) FOR KEY SHARE'
IS_ACTIVE_BUYER_USER = """
SELECT EXISTS (SELECT 1 FROM users WHERE marketplace_id = $1 AND key = $2 AND "Active" AND "BuyerID" IS NOT NULL)
"""
ADD_TO_DIRECTORY = """
INSERT INTO marketplace_directory (kind, name, marketplace_id) VALUES ('client', $2, $1)
"""
TAKE_FROM_DIRECTORY = (
    "DELETE FROM marketplace_directory WHERE marketplace_id = $1 AND kind = 'client' AND name = $2"
)
IMPERSONATES = """
SELECT EXISTS (SELECT 1 FROM impersonation_configs WHERE marketplace_id = $1 AND "ClientID" = $2)
"""
SERVES_SUBSCRIPTIONS = """
SELECT EXISTS (SELECT 1 FROM subscription_integrations WHERE marketplace_id = $1 AND "ApiClientID" = $2)
"""
# WH-13. The IDs stand there as they are stored here.
TAKE_FROM_WEBHOOKS = """
UPDATE webhooks SET "ApiClientIDs" = array_remove("ApiClientIDs", $2::text)
WHERE marketplace_id = $1 AND $2::text = ANY ("ApiClientIDs")
"""
# Locked, so that of two clients deleted at once the second sees that the first is gone.
FULL_ACCESS_CLIENTS = """
SELECT "ID" FROM api_clients
WHERE marketplace_id = $1 AND "Active" AND "AllowSeller" AND "MinimumRequiredCustomRoles" = '{}'
  AND ("MaximumGrantedRoles" = '{}' OR 'FullAccess' = ANY ("MaximumGrantedRoles"))
ORDER BY "ID" FOR UPDATE
"""


class ApiClientHooks(Hooks):
    """Secrets at rest, the default context user, standing (AUTH-39 to AUTH-46)."""

    shows = ("client_secret_encrypted",)

    def present(self, call: Call, item: Values) -> None:
        """The legacy secret is given back in clear (AUTH-42)."""
        sealed = item.pop("client_secret_encrypted")
        if sealed is not None:
            item["ClientSecret"] = client_secrets.reveal(
                services(call).box, call.marketplace_id, item["ID"], sealed
            )

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        _check_duration(new)
        if old is None and GUID.fullmatch(new["ID"]) is None:
            # IDs are made here; a PUT may only bring one of the same form, or no grant could ever name it.
            raise NotFoundError("ApiClient", new["ID"])
        if _is_written(call, old, new, "ClientSecret"):
            new["client_secret_encrypted"] = _sealed(call, new["ID"], new.get("ClientSecret"))
        await check_event_types(call, EVENT_TYPES, old, new)
        if _is_written(call, old, new, "DefaultContextUserName"):
            new["default_context_user_key"] = await _find_user(call, new.get("DefaultContextUserName"))
        await _check_anonymous(call, old, new)

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        if old is None:
            try:
                await call.db.execute(ADD_TO_DIRECTORY, call.marketplace_id, new["ID"])
            except asyncpg.UniqueViolationError as error:
                raise IdExistsError("ApiClient", new["ID"]) from error

    async def check_delete(self, call: Call, old: Values) -> None:
        if await call.db.fetchval(IMPERSONATES, call.marketplace_id, old["ID"]):
            raise ClientUsedByImpersonationError
        if await call.db.fetchval(SERVES_SUBSCRIPTIONS, call.marketplace_id, old["ID"]):
            raise ClientUsedByIntegrationError
        open_to_full_access = await call.db.fetch(FULL_ACCESS_CLIENTS, call.marketplace_id)
        if [row["ID"] for row in open_to_full_access] == [old["ID"]]:
            raise LastFullAccessClientError
        await call.db.execute(TAKE_FROM_DIRECTORY, call.marketplace_id, old["ID"])
        await call.db.execute(TAKE_FROM_WEBHOOKS, call.marketplace_id, old["ID"])


class ApiClientSecretHooks(Hooks):
    """Expiration (AUTH-42); the number of secrets is checked where they are made."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        if old is None or new["Expiration"] != old["Expiration"]:
            check_expiration(new["Expiration"], call.clock())


def check_expiration(expiration: datetime | None, now: datetime) -> None:
    """Raise SecretExpirationError for a moment that is past."""
    if expiration is not None and expiration <= now:
        raise SecretExpirationError


def _is_written(call: Call, old: Values | None, new: Values, name: str) -> bool:
    """Whether a property without a column of its own is written: given, or absent where that means null (CONV-2)."""
    return name in new or old is None or call.operation.verb == "PUT"


def _check_duration(new: Values) -> None:
    """AUTH-25"""
    minutes = new.get("AnonymousTokenDuration")
    least, most = ANONYMOUS_MINUTES
    if minutes is not None and not least <= minutes <= most:
        data = {"Property": "AnonymousTokenDuration", "Minimum": least, "Maximum": most}
        raise ValidationError(
            PropertyError(f"AnonymousTokenDuration must be between {least} and {most}.", data)
        )


def _sealed(call: Call, client_id: str, secret: str | None) -> bytes | None:
    return client_secrets.seal(services(call).box, call.marketplace_id, client_id, secret) if secret else None


async def _find_user(call: Call, username: str | None) -> int | None:
    """The key of the user so named (AUTH-44). Raises NotFoundError."""
    if not username:
        return None
    key: int | None = await call.db.fetchval(FIND_USER, call.marketplace_id, username)
    if key is None:
        raise NotFoundError("User", username)
    return key


async def _check_anonymous(call: Call, old: Values | None, new: Values) -> None:
    """Guests need an active buyer user to be copies of (AUTH-32); looked at when either side of that changes."""
    if not new["IsAnonBuyer"]:
        return
    key = new.get("default_context_user_key")
    if old is not None and old["IsAnonBuyer"] and key == old["default_context_user_key"]:
        return
    if key is None or not await call.db.fetchval(IS_ACTIVE_BUYER_USER, call.marketplace_id, key):
        raise RequiredNotAnonymousError
