"""Rows of a marketplace's that hold secrets, sealed anew: with the current secret key, or for the marketplace that they were
copied into.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import asyncpg

from entrepot.declare.entity import Entity
from entrepot.declare.registry import Registry
from entrepot.engine.wire.json import dump, load
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.integrations import sealing
from entrepot.features.people.integrations.hooks import IntegrationHooks
from entrepot.features.people.integrations.settings import SINGLETONS
from entrepot.features.people.oauth import client_secrets
from entrepot.storage.marketplace_copy import CLIENTS as API_CLIENTS
from entrepot.storage.marketplace_copy import MAPPED

CLIENTS = """
SELECT marketplace_id, "ID"::text AS id, client_secret_encrypted AS sealed FROM api_clients
WHERE client_secret_encrypted IS NOT NULL FOR UPDATE
"""
COPIED_CLIENTS = f"""
SELECT c."ID"::text AS id, s."ID"::text AS before, c.client_secret_encrypted AS sealed
FROM {API_CLIENTS} s JOIN {API_CLIENTS} c ON c.marketplace_id = $2
    AND c."ID" = CASE WHEN $3 THEN s."ID" ELSE CAST({MAPPED.format(client='s."ID"')} AS citext) END
WHERE s.marketplace_id = $1 AND c.client_secret_encrypted IS NOT NULL
"""
SEAL_CLIENT = 'UPDATE api_clients SET client_secret_encrypted = $3 WHERE marketplace_id = $1 AND "ID" = $2'


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with secrets. within: properties that are write-only or hold something write-only. whole: readable ones, each
    in a column of its own.
    """

    entity: Entity
    within: tuple[str, ...]
    whole: tuple[str, ...]


def sealed_tables(registry: Registry) -> list[SealedTable]:
    """Those of the integrations, whose hooks seal what their declarations call secret; API clients and signing keys seal by
    themselves.
    """
    found = []
    for resource in (*registry.resources.values(), *(each.resource for each in SINGLETONS)):
        if not isinstance(resource.hooks, IntegrationHooks):
            continue
        entity = resource.entity
        columns = {stored.name for stored in entity.stored}
        properties = entity.model.__columns__
        within = tuple(name for name in sealing.secret_columns(entity.model) if properties[name].stored)
        whole = tuple(name for name in properties if sealing.column_of(name) in columns)
        if within or whole:
            found.append(SealedTable(entity, within, whole))
    return found


async def reseal_clients(connection: asyncpg.Connection, box: SecretBox) -> int:
    """Of all marketplaces, within one transaction; how many there were."""
    rows = await connection.fetch(CLIENTS)
    for row in rows:
        marketplace_id, client = row["marketplace_id"], row["id"]
        secret = client_secrets.reveal(box, marketplace_id, client, row["sealed"])
        sealed = client_secrets.seal(box, marketplace_id, client, secret)
        await connection.execute(SEAL_CLIENT, marketplace_id, client, sealed)
    return len(rows)


async def reseal_copy(
    connection: asyncpg.Connection,
    tables: Sequence[SealedTable],
    box: SecretBox,
    source: int,
    target: int,
    *,
    keeps_clients: bool = False,
) -> None:
    """Within the transaction in which `target` was copied from `source`: what was sealed there opens here. Raises SecretBoxError."""
    rows = await connection.fetch(COPIED_CLIENTS, source, target, keeps_clients)
    await reseal_client_rows(connection, box, rows, source, target)
    for table in tables:
        await reseal_rows(connection, table, box, copied=(source, target))


async def reseal_client_rows(
    connection: asyncpg.Connection,
    box: SecretBox,
    rows: Iterable[asyncpg.Record],
    source: int,
    target: int,
    *,
    instead: str | None = None,
) -> None:
    """rows: `sealed` in `source` under the ID `before`, whose ID in `target` is `id`. instead: as `reseal_rows` has it."""
    statement = SEAL_CLIENT if instead is None else SEAL_CLIENT.replace(API_CLIENTS, instead)
    for row in rows:
        secret = client_secrets.reveal(box, source, row["before"], row["sealed"])
        sealed = client_secrets.seal(box, target, row["id"], secret)
        await connection.execute(statement, target, row["id"], sealed)


async def reseal_rows(
    connection: asyncpg.Connection,
    sealed: SealedTable,
    box: SecretBox,
    *,
    copied: tuple[int, int] | None = None,
    instead: str | None = None,
) -> int:
    """copied: the marketplace in which they were sealed, and the one whose rows they are now; by default all rows, of their own.
    instead: the table in which they stand, if not in their own.
    """
    name, model = sealed.entity.table, sealed.entity.model
    objects = {each for each in sealed.within if not model.__columns__[each].write_only}
    own = {each: sealing.column_of(each) for each in sealed.whole}
    columns = [f'"{each}"::text AS "{each}"' for each in sealed.within] + [
        f'"{each}"' for each in own.values()
    ]
    source, *of = copied or (None,)
    rows = await connection.fetch(
        f"SELECT ctid::text AS place, marketplace_id, {', '.join(columns)} FROM {instead or name}"
        f"{' WHERE marketplace_id = $1' if of else ''} FOR UPDATE",
        *of,
    )
    for row in rows:
        marketplace_id = row["marketplace_id"]
        stored = {
            each: load(row[each]) if each in objects and row[each] is not None else row[each]
            for each in sealed.within
        }
        anew = sealing.resealed(box, name, marketplace_id, model, stored, copied_from=source)
        values = {each: dump(value) if each in objects else value for each, value in anew.items()}
        for each, column in own.items():
            if row[column] is not None:
                where = sealing.place(name, each, marketplace_id)
                before = where if source is None else sealing.place(name, each, source)
                values[column] = box.seal(box.open(row[column], before), where)
        if values:
            # Within the transaction a locked row stays where it is.
            changes = ", ".join(
                f'"{each}" = ${at}{"::text::json" if each in objects else ""}'
                for at, each in enumerate(values, 2)
            )
            await connection.execute(
                f"UPDATE {instead or name} SET {changes} WHERE ctid = $1::text::tid",
                row["place"],
                *values.values(),
            )
    return len(rows)
