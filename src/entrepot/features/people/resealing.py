"""Everything that is sealed, sealed anew with the current secret key, so that a previous one is needed no more."""

from __future__ import annotations

import asyncpg

from entrepot.declare.registry import Registry
from entrepot.features.people.catchers import places as catchers
from entrepot.features.people.credentials import key_check, keys
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.deliveries import resealing as deliveries
from entrepot.features.people.mail import mailbox
from entrepot.features.people.portal import messages as portal_messages
from entrepot.features.people.portal import staging
from entrepot.features.people.repeating import repeats
from entrepot.features.people.sealed_rows import reseal_clients, reseal_rows, sealed_tables


async def reseal(connection: asyncpg.Connection, registry: Registry, box: SecretBox) -> int:
    """In one transaction; how many rows there were.

    Raises:
        SecretBoxError: something was sealed with a key that the box does not have.
    """
    async with connection.transaction():
        count = await keys.reseal(connection, box)
        count += await reseal_clients(connection, box)
        for table in sealed_tables(registry):
            count += await reseal_rows(connection, table, box)
        count += await deliveries.reseal(connection, box)
        count += await mailbox.reseal(connection, box)
        count += await catchers.reseal(connection, box)
        count += await repeats.reseal(connection, box)
        count += await portal_messages.reseal(connection, box)
        count += await staging.reseal(connection, box)
        await key_check.reseal(connection, box)
    return count
