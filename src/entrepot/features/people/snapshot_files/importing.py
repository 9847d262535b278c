"""A file into a marketplace that is empty: all of it in the caller's transaction, or nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import IO, Any

import asyncpg

from entrepot.features.people.credentials.secrets import HandingBox, SecretBox, SecretBoxError
from entrepot.features.people.sealed_rows import reseal_client_rows, reseal_rows
from entrepot.features.people.snapshot_files.exporting import NOWHERE
from entrepot.features.people.snapshot_files.filing import END_OF_ROWS, Filing
from entrepot.features.people.snapshot_files.sealed_file import FileReader
from entrepot.kernel.errors import (
    ChangedSnapshotFileError,
    NewerSnapshotFileError,
    OlderSnapshotFileError,
)
from entrepot.storage.marketplace_copy import ARRIVED, CLIENTS, MAPPED, NAMED
from entrepot.storage.marketplace_rows import (
    SESSION,
    ForeignKeysError,
    move_sequences,
    prepare_arrivals,
    receive,
)
from entrepot.storage.migrate import NewerSchemaError, check_known, head_revision

LONGEST_LINE = 64 * 1024
LONGEST_ROW = 16 * 2**20
FORWARDING = """
UPDATE marketplaces SET auto_forwarding_user_key = (SELECT u.key FROM users u WHERE u.marketplace_id = $1 AND u.key = $2)
WHERE marketplace_id = $1
"""
TAKEN = f"""
SELECT EXISTS (SELECT 1 FROM {ARRIVED}{CLIENTS} c JOIN marketplace_directory d ON d.kind = 'client' AND d.name = c."ID")
"""
ARRIVED_CLIENTS = f"""
SELECT c."ID"::text AS id, s."ID"::text AS before, c.client_secret_encrypted AS sealed
FROM {ARRIVED}{CLIENTS} s JOIN {CLIENTS} c ON c.marketplace_id = $2::bigint
    AND c."ID" = CASE WHEN $1 THEN s."ID" ELSE CAST({MAPPED.format(client='s."ID"')} AS citext) END
WHERE c.client_secret_encrypted IS NOT NULL
"""
FOREIGN = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    ForeignKeysError,
    SecretBoxError,
    ValueError,
    KeyError,
    RecursionError,
)
"""What rows that no server has written lead to."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What has come: what it was called, how many rows. keeps_clients: whether API clients have the IDs that they had."""

    name: str
    rows: int
    keeps_clients: bool


async def open_file(file: IO[bytes], passphrase: str) -> FileReader:
    """A file that this version can read. Raises what the reader raises, and OlderSnapshotFileError."""
    reader = await asyncio.to_thread(FileReader, file)
    version, schema = (str(reader.head.get(each)) for each in ("version", "schema"))
    try:
        check_known(schema)
    except NewerSchemaError:
        raise NewerSnapshotFileError(f"version {version[:20]}, schema {schema[:20]}") from None
    own = str(head_revision())
    if schema != own:
        raise OlderSnapshotFileError(version, schema, own)
    await asyncio.to_thread(reader.open, passphrase)
    return reader


async def arrive(
    connection: asyncpg.Connection,
    filing: Filing,
    box: SecretBox,
    reader: FileReader,
    target: int,
    *,
    keep_clients: bool | None = True,
) -> Arrived:
    """The rows of the file become those of `target`. keep_clients: whether API clients keep their IDs, which they may have where nobody
    finds the marketplace; None where they keep them if nobody else has one.

    Raises ChangedSnapshotFileError, CutSnapshotFileError, LargeSnapshotFileError; then the caller undoes the transaction.
    """
    try:
        return await _arrive(connection, filing, box, reader, target, keep_clients)
    except FOREIGN:
        raise ChangedSnapshotFileError from None


async def _arrive(
    connection: asyncpg.Connection,
    filing: Filing,
    box: SecretBox,
    reader: FileReader,
    target: int,
    keep_clients: bool | None,
) -> Arrived:
    parts = Parts(reader.pieces())
    await connection.execute(SESSION)
    await prepare_arrivals(connection, filing.tables)
    head = await parts.told()
    marketplace, name = (_text(head[each]) for each in ("marketplace", "name"))
    for table in filing.tables:
        if await parts.told() != {"table": table.name, "columns": list(table.columns)}:
            raise ChangedSnapshotFileError
        await receive(connection, table, parts.rows())
    if (await parts.told()).get("rows") != parts.count or not await parts.is_over():
        raise ChangedSnapshotFileError
    await move_sequences(connection, filing.tables)
    if keep_clients is None:
        keep_clients = not await connection.fetchval(TAKEN)
    statements = filing.keeping if keep_clients else filing.renaming
    named = await connection.fetchval(NAMED, target)
    await connection.execute(statements.copy, NOWHERE, target, marketplace, named)
    await connection.execute(FORWARDING, target, head["forwarding"])
    handing = HandingBox(reader.box, box)
    clients = await connection.fetch(ARRIVED_CLIENTS, keep_clients, target)
    await reseal_client_rows(connection, handing, clients, NOWHERE, target)
    for sealed in filing.sealed:
        await reseal_rows(connection, sealed, handing, copied=(NOWHERE, target))
    return Arrived(name, parts.count, keep_clients)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ChangedSnapshotFileError
    value.encode()  # Half of a character is none.
    return value


class Parts:
    """What a file holds, line by line and table by table; unpacked beside the loop."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self.count = 0

    async def told(self) -> dict[str, Any]:
        """The next line, which is JSON."""
        while b"\n" not in self._rest:
            if len(self._rest) > LONGEST_LINE or not await self._more():
                raise ChangedSnapshotFileError
        line, _, self._rest = self._rest.partition(b"\n")
        told = json.loads(line)
        if not isinstance(told, dict):
            raise ChangedSnapshotFileError
        return told

    async def rows(self) -> AsyncIterator[bytes]:
        """All rows up to the end of the table, in parts."""
        while not self._rest.startswith(END_OF_ROWS):
            end = self._rest.find(b"\n" + END_OF_ROWS) + 1
            end = end or self._rest.rfind(b"\n") + 1
            if end:
                rows, self._rest = self._rest[:end], self._rest[end:]
                self.count += rows.count(b"\n")
                yield rows
            elif len(self._rest) > LONGEST_ROW or not await self._more():
                raise ChangedSnapshotFileError
        self._rest = self._rest[len(END_OF_ROWS) :]

    async def is_over(self) -> bool:
        """Whether nothing follows; the file has been read to its end then."""
        return not self._rest and not await self._more()

    async def _more(self) -> bool:
        piece = await asyncio.to_thread(next, self._pieces, None)
        self._rest += piece or b""
        return piece is not None
