"""The webhook of a staging marketplace, which hears when it has been made anew of production's (PORT-9)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.declare.types import MAX_SECRET, Text
from entrepot.declare.wire import Wire, column
from entrepot.domain.integrations.headers import DELIVERY
from entrepot.domain.integrations.urls import is_secure
from entrepot.domain.portal.places import Environment
from entrepot.engine.call import Backend, Call, Database
from entrepot.engine.units import unit_of
from entrepot.engine.wire.json import encode
from entrepot.engine.wire.models import validate
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.integrations.signing import Credentials
from entrepot.features.people.outgoing.answers import Answer, cut_tokens
from entrepot.features.people.portal.access import Access, administered
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.people.portal.organizations import Organization
from entrepot.features.people.services import Services, services
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import (
    InvalidBodyError,
    NotAdministratorError,
    NotFoundError,
    NotStagingError,
    PropertyError,
    StagingWebhookFailedError,
    ValidationError,
)

PATH = f"{OF_MARKETPLACE}/stagingrestorewebhook"
LONGEST_URL = 2000
LONGEST_SHOWN = 2000
"""Characters of an answer that was no success."""

FIND = "SELECT url, hash_key FROM staging_restore_webhooks WHERE marketplace_id = $1"
SAVE = """
INSERT INTO staging_restore_webhooks (marketplace_id, url, hash_key) VALUES ($1, $2, $3)
ON CONFLICT (marketplace_id) DO UPDATE SET url = excluded.url, hash_key = excluded.hash_key
"""
DELETE = "DELETE FROM staging_restore_webhooks WHERE marketplace_id = $1"
SEALED = "SELECT marketplace_id, hash_key FROM staging_restore_webhooks WHERE hash_key IS NOT NULL FOR UPDATE"
SEAL = "UPDATE staging_restore_webhooks SET hash_key = $2 WHERE marketplace_id = $1"


class StagingRestoreWebhook(Wire):
    """Where a restore is told of, and the key that signs it."""

    URL: Text = column(required=True, max=LONGEST_URL)
    HashKey: Text = column(max=MAX_SECRET, confidential=True)


ERRORS = (NotFoundError, NotAdministratorError, NotStagingError, ValidationError)


@portal_operation(
    "GetStagingRestoreWebhook",
    "GET",
    PATH,
    summary="Get the webhook that hears when a staging marketplace has been restored",
    returns=Returns(StagingRestoreWebhook),
    errors=ERRORS,
)
async def get(call: Call) -> Reply:
    """404 where there is none."""
    access = await staging_access(call, call.db)
    return Reply(await _require(call, call.db, access))


@portal_operation(
    "SaveStagingRestoreWebhook",
    "PUT",
    PATH,
    summary="Set the webhook that hears when a staging marketplace has been restored",
    body=Body(StagingRestoreWebhook),
    returns=Returns(StagingRestoreWebhook),
    errors=(*ERRORS, InvalidBodyError),
    unit=Unit.OWN,
)
async def save(call: Call) -> Reply:
    """There is one of a marketplace."""
    values = validate(StagingRestoreWebhook, call.body, partial=False)
    access = await staging_access(call, call.pool)
    if not is_secure(values["URL"], loopback=services(call).environment != "Production"):
        raise ValidationError(PropertyError("URL has to be one of https.", {"Property": "URL"}))
    marketplace_id = access.organization.marketplace_id
    key = values["HashKey"]
    sealed = services(call).box.seal(key.encode(), _place(marketplace_id)) if key else None
    async with unit_of(call, marketplace_id) as unit:
        await unit.execute(SAVE, marketplace_id, values["URL"], sealed)
    return Reply({"URL": values["URL"], "HashKey": key or None})


@portal_operation(
    "DeleteStagingRestoreWebhook",
    "DELETE",
    PATH,
    summary="Tell nobody any more when a staging marketplace has been restored",
    status=204,
    errors=ERRORS,
    unit=Unit.OWN,
)
async def delete(call: Call) -> Reply:
    """204 whether or not there was one."""
    access = await staging_access(call, call.pool)
    marketplace_id = access.organization.marketplace_id
    async with unit_of(call, marketplace_id) as unit:
        await unit.execute(DELETE, marketplace_id)
    return Reply()


@portal_operation(
    "TestStagingRestoreWebhook",
    "POST",
    f"{PATH}/test",
    summary="Call the webhook of a staging marketplace as if it had been restored",
    status=204,
    errors=(*ERRORS, StagingWebhookFailedError),
    unit=Unit.OWN,
)
async def try_out(call: Call) -> Reply:
    """204 once it has answered with success."""
    access = await staging_access(call, call.pool)
    webhook = await _require(call, call.pool, access)
    answer = await tell(call.backend, access.organization, webhook, call.request_id, is_test=True)
    if not answer.succeeded:
        shown = cut_tokens(answer.text)[:LONGEST_SHOWN]
        raise StagingWebhookFailedError({"HttpStatusCode": answer.status, "ResponseBody": shown})
    return Reply()


async def find(db: Database, box: SecretBox, marketplace_id: int) -> dict[str, Any] | None:
    """The webhook with its key in clear; None where there is none. One statement."""
    row = await db.fetchrow(FIND, marketplace_id)
    if row is None:
        return None
    sealed = row["hash_key"]
    key = None if sealed is None else box.open(sealed, _place(marketplace_id)).decode()
    return {"URL": row["url"], "HashKey": key}


async def tell(
    backend: Backend,
    organization: Organization,
    webhook: dict[str, Any],
    log_id: str,
    *,
    is_test: bool = False,
) -> Answer:
    """Tell it of a restore that has just ended, signed with its key (SIG-3); no source has a body, so this one is our own.

    log_id: what names this telling, also of the request that asked for it.
    """
    body = encode(
        {
            "MarketplaceID": organization.id,
            "Environment": organization.environment,
            "Date": format_datetime(backend.clock()),
            "LogID": log_id,
            "Test": is_test,
        }
    )
    headers = [*Credentials(webhook["HashKey"], None).headers(body), (DELIVERY, log_id)]
    own: Services = backend.services
    return await own.outgoing.post(organization.marketplace_id, webhook["URL"], body, headers)


async def reseal(connection: Any, box: SecretBox) -> int:
    """Within one transaction: the keys, sealed anew with the current secret key; how many there were."""
    rows = await connection.fetch(SEALED)
    for row in rows:
        where = _place(row["marketplace_id"])
        await connection.execute(
            SEAL, row["marketplace_id"], box.seal(box.open(row["hash_key"], where), where)
        )
    return len(rows)


async def staging_access(call: Call, db: Database) -> Access:
    """The caller's to the staging marketplace of the request, which it administers. Raises NotFoundError, NotAdministratorError, NotStagingError."""
    access = await administered(db, call.account.key, organization_id(call))
    if access.organization.environment != Environment.Staging:
        raise NotStagingError({"Environment": access.organization.environment})
    return access


async def _require(call: Call, db: Database, access: Access) -> dict[str, Any]:
    webhook = await find(db, services(call).box, access.organization.marketplace_id)
    if webhook is None:
        raise NotFoundError("StagingRestoreWebhook", access.organization.id)
    return webhook


def _place(marketplace_id: int) -> tuple[str, ...]:
    return ("staging_restore_webhooks", "hash_key", str(marketplace_id))


OLD = (get, save, delete, try_out)
OPERATIONS: tuple[Operation, ...] = (*OLD, *map(newer, OLD))
