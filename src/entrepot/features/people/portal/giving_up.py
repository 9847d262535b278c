"""Deleting a marketplace, and giving it to somebody else: its owner's alone, with a mailed code (PORT-10)."""

from __future__ import annotations

from datetime import datetime

import asyncpg
import structlog

from entrepot.declare.operation import Body, Counted, Operation, Reply, Unit
from entrepot.declare.types import Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call, Database
from entrepot.engine.wire.models import validate
from entrepot.features.people.portal import accounts, offers
from entrepot.features.people.portal.access import owned, unit_of_server
from entrepot.features.people.portal.codes import Purpose
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.people.portal.me import own_account, send_code
from entrepot.features.people.portal.messages import PortalMessage
from entrepot.features.people.portal.organizations import Organization
from entrepot.features.people.portal.sign_up import may_write_to
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import InvalidBodyError, NotFoundError, NotOwnerError, ValidationError

INTERVAL = 60.0
"""Seconds between two rounds over what was deleted."""
BATCH = 2_000
"""Rows that one statement deletes."""
LOCK_OWNED = """
SELECT marketplace_id FROM portal_organizations WHERE marketplace_id = $1 AND owner_key = $2 FOR UPDATE
"""
# Nobody finds it by its ID or by its clients, and every token of it ends.
HIDE = (
    "DELETE FROM marketplace_directory WHERE marketplace_id = $1",
    'UPDATE marketplaces SET "Active" = false WHERE marketplace_id = $1',
    "UPDATE security_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1",
    "DELETE FROM portal_organizations WHERE marketplace_id = $1",
)
REMEMBER = "INSERT INTO portal_deletions (marketplace_id, deleted_at) VALUES ($1, $2) ON CONFLICT DO NOTHING"
DUE = "SELECT marketplace_id FROM portal_deletions ORDER BY deleted_at LIMIT 20"
FORGET = "DELETE FROM portal_deletions WHERE marketplace_id = $1"
DELETE = "DELETE FROM marketplaces WHERE marketplace_id = $1"
# Children come before those whose keys they hold, as foreign keys say. Which copies there are of a marketplace has to be known until
# these are deleted, too.
TABLES = """
WITH RECURSIVE keys AS (
    SELECT conrelid AS child, confrelid AS parent FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conrelid <> confrelid),
tenants AS (
    SELECT a.attrelid AS id FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attname = 'marketplace_id' AND c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
      AND c.relname NOT LIKE 'portal\\_%' AND c.relname NOT IN (
          'marketplaces', 'marketplace_directory', 'marketplace_copies')),
depths AS (
    SELECT id, 0 AS depth FROM tenants
    UNION SELECT k.child, d.depth + 1 FROM depths d JOIN keys k ON k.parent = d.id WHERE d.depth < 12)
SELECT id::regclass::text AS name FROM depths WHERE id IN (SELECT id FROM tenants)
GROUP BY id ORDER BY max(depth) DESC, id::regclass::text
"""

log = structlog.get_logger("entrepot.portal")


class OrganizationTransfer(Wire):
    """Who becomes the owner."""

    Username: Text = column(required=True, max=100)


@portal_operation(
    "DeleteOrganization",
    "DELETE",
    OF_MARKETPLACE,
    summary="Have a code mailed with which a marketplace is deleted",
    status=204,
    errors=(NotFoundError, NotOwnerError),
    unit=Unit.OWN,
    counted=Counted.CALLS,
)
async def delete_organization(call: Call) -> Reply:
    """It is deleted with POST /confirmation, and stays until then."""
    found = await owned(call.pool, call.account.key, organization_id(call))
    await _ask(call, found, Purpose.DELETE, PortalMessage.DELETE, str(found.marketplace_id))
    return Reply()


@portal_operation(
    "TransferOrganization",
    "POST",
    f"{OF_MARKETPLACE}/transfer",
    summary="Have a code mailed with which a marketplace is offered to another account",
    status=204,
    body=Body(OrganizationTransfer),
    errors=(InvalidBodyError, ValidationError, NotFoundError, NotOwnerError),
    unit=Unit.OWN,
    counted=Counted.CALLS,
)
async def transfer_organization(call: Call) -> Reply:
    """With POST /confirmation it is offered to the other, who accepts it as an invitation; who had it goes on administering it. To
    oneself takes an offer back.
    """
    found = await owned(call.pool, call.account.key, organization_id(call))
    username = validate(OrganizationTransfer, call.body, partial=False)["Username"]
    new = await accounts.named(call.pool, username)
    value = f"{found.marketplace_id} {new.key}"
    await _ask(call, found, Purpose.TRANSFER, PortalMessage.TRANSFER, value, NewOwner=new.username)
    return Reply()


async def _ask(
    call: Call, found: Organization, purpose: Purpose, message: PortalMessage, value: str, **facts: str
) -> None:
    owner = await own_account(call, call.pool)
    if may_write_to(call, owner.email):
        about = {"MarketplaceID": found.id, "MarketplaceName": found.name, **facts}
        await send_code(call, owner, purpose, message, to=owner.email, value=value, **about)


async def delete_confirmed(call: Call, value: str) -> None:
    """Within the unit that uses the code up. Raises NotFoundError where it is the caller's no more."""
    marketplace_id, unit = int(value), unit_of_server(call)
    await _require_owned(unit, marketplace_id, call.account.key)
    await give_up(unit, marketplace_id, call.clock())


async def give_up(connection: Database, marketplace_id: int, now: datetime) -> None:
    """Within a transaction: nobody reaches the marketplace any more, and its rows are deleted in time."""
    for statement in HIDE:
        await connection.execute(statement, marketplace_id)
    await connection.execute(REMEMBER, marketplace_id, now)


async def transfer_confirmed(call: Call, value: str) -> None:
    """The same."""
    marketplace_id, new_owner = map(int, value.split())
    await _require_owned(unit_of_server(call), marketplace_id, call.account.key)
    await offers.offer(call, marketplace_id, new_owner)


async def _require_owned(unit: Database, marketplace_id: int, account_key: int) -> None:
    if await unit.fetchval(LOCK_OWNED, marketplace_id, account_key) is None:
        raise NotFoundError("Organization", "")


async def delete_rows(pool: asyncpg.Pool, clock: Clock) -> int:
    """One round: what is left of marketplaces that were deleted, table by table and a few thousand rows at a time; how many rows
    there were.
    """
    count, began = 0, clock()
    for row in await pool.fetch(DUE):
        deleted = await _delete_marketplace(pool, row["marketplace_id"])
        log.info("marketplace deleted", key=row["marketplace_id"], rows=deleted, seconds=_since(began, clock))
        count += deleted
    return count


async def _delete_marketplace(pool: asyncpg.Pool, marketplace_id: int) -> int:
    count = 0
    for table in await pool.fetch(TABLES):
        statement = f"""
DELETE FROM {table["name"]} WHERE marketplace_id = $1 AND ctid = ANY(ARRAY(
    SELECT ctid FROM {table["name"]} WHERE marketplace_id = $1 LIMIT {BATCH}))"""
        deleted = BATCH
        while deleted == BATCH:
            try:
                deleted = int((await pool.execute(statement, marketplace_id)).rpartition(" ")[2])
            except asyncpg.ForeignKeyViolationError:
                # Of tables that refer to one another the marketplace itself takes the rest along.
                break
            count += deleted
    await pool.execute(DELETE, marketplace_id)
    await pool.execute(FORGET, marketplace_id)
    return count


def _since(began: datetime, clock: Clock) -> float:
    return round((clock() - began).total_seconds(), 1)


OPERATIONS: tuple[Operation, ...] = (
    delete_organization,
    transfer_organization,
    newer(delete_organization, "/marketplace"),
    newer(transfer_organization, "/marketplace/transfer"),
)
