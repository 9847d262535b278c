"""A marketplace that nobody changes, a snapshot's, into a file."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import IO

import asyncpg

from entrepot import __version__
from entrepot.features.people.credentials.secrets import HandingBox, SecretBox
from entrepot.features.people.sealed_rows import reseal_client_rows, reseal_rows
from entrepot.features.people.snapshot_files.filing import END_OF_ROWS, Filing
from entrepot.features.people.snapshot_files.sealed_file import PIECE, FileWriter
from entrepot.kernel.clock import format_datetime
from entrepot.storage.marketplace_copy import CLIENTS
from entrepot.storage.marketplace_rows import SESSION, RowTable, send
from entrepot.storage.migrate import head_revision

NOWHERE = 0
"""The marketplace in whose name secrets are sealed in a file: there is none of this key."""
LEAVING = "leaving_"
"""What begins the name of a table with rows whose secrets are sealed for a file."""
HEAD = 'SELECT "ID"::text AS id, auto_forwarding_user_key AS forwarding FROM marketplaces WHERE marketplace_id = $1'
LEAVE = """
CREATE TEMP TABLE {leaving}{name} ON COMMIT DROP AS
SELECT CAST({nowhere} AS bigint) AS marketplace_id, {columns} FROM {name} WHERE marketplace_id = {source}
"""
LEAVING_CLIENTS = f"""
SELECT "ID"::text AS id, "ID"::text AS before, client_secret_encrypted AS sealed FROM {LEAVING}{CLIENTS}
WHERE client_secret_encrypted IS NOT NULL
"""


async def export(
    connection: asyncpg.Connection,
    filing: Filing,
    box: SecretBox,
    source: int,
    name: str,
    file: IO[bytes],
    passphrase: str,
    now: datetime,
) -> int:
    """Within a transaction that keeps the marketplace as it is: the file, written to its end; how many rows it has. Memory is a piece's.

    Raises SecretBoxError where a secret was sealed with a key that the box does not have.
    """
    told = {"version": __version__, "schema": head_revision(), "made": format_datetime(now)}
    writer = await asyncio.to_thread(FileWriter, file, passphrase, told)
    out = _Out(writer)
    await connection.execute(SESSION)
    marketplace = await connection.fetchrow(HEAD, source)
    assert marketplace is not None
    await out.line({"marketplace": marketplace["id"], "name": name, "forwarding": marketplace["forwarding"]})
    for table in filing.tables:
        at, instead = source, None
        if table.name in filing.with_secrets:
            at, instead = NOWHERE, await _with_secrets(connection, filing, box, writer.box, table, source)
        await out.line({"table": table.name, "columns": table.columns})
        await send(connection, table, at, out.rows, instead=instead)
        await out.take(END_OF_ROWS)
    await out.line({"rows": out.count})
    await out.flush()
    await asyncio.to_thread(writer.end)
    return out.count


async def _with_secrets(
    connection: asyncpg.Connection,
    filing: Filing,
    box: SecretBox,
    seals: SecretBox,
    table: RowTable,
    source: int,
) -> str:
    """A table of the transaction with the rows of this one, whose secrets the file's own key opens."""
    columns = ", ".join(f'"{column}"' for column in table.columns)
    await connection.execute(
        LEAVE.format(leaving=LEAVING, name=table.name, nowhere=NOWHERE, columns=columns, source=int(source))
    )
    handing, instead = HandingBox(box, seals), f"{LEAVING}{table.name}"
    if table.name == CLIENTS:
        rows = await connection.fetch(LEAVING_CLIENTS)
        await reseal_client_rows(connection, handing, rows, source, NOWHERE, instead=instead)
    for sealed in filing.sealed:
        if sealed.entity.table == table.name:
            await reseal_rows(connection, sealed, handing, copied=(source, NOWHERE), instead=instead)
    return instead


class _Out:
    """Gathers what is to be written, which is compressed and sealed beside the loop."""

    def __init__(self, writer: FileWriter) -> None:
        self._writer = writer
        self._waiting = bytearray()
        self.count = 0

    async def line(self, told: object) -> None:
        await self.take(json.dumps(told).encode() + b"\n")

    async def rows(self, data: bytes) -> None:
        self.count += data.count(b"\n")
        await self.take(data)

    async def take(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) >= PIECE:
            await self.flush()

    async def flush(self) -> None:
        waiting, self._waiting = bytes(self._waiting), bytearray()
        await asyncio.to_thread(self._writer.write, waiting)
