"""Files that requests bring and answers are: on disk, never in memory."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO

from entrepot.http.body import refuse_declared
from entrepot.http.request import Request
from entrepot.kernel.errors import BodyTooLargeError, InvalidBodyError

BYTES = "application/octet-stream"
PIECE = 256 * 1024
"""Bytes that are written or read beside the loop at once."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A body on disk, open at its beginning, without a name: it is gone when nobody has it any more. digest: of its bytes."""

    file: IO[bytes]
    digest: bytes


async def spool(request: Request, limit: int) -> Upload:
    """The whole body. Raises BodyTooLargeError as soon as there are more than `limit` bytes."""
    refuse_declared(request, limit)
    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        digest = await _keep(request, limit, file)
        await asyncio.to_thread(file.seek, 0)
    except BaseException:
        file.close()
        raise
    return Upload(file, digest)


async def _keep(request: Request, limit: int, file: IO[bytes]) -> bytes:
    digest, waiting, size = hashlib.sha256(), bytearray(), 0

    def write(piece: bytes) -> None:
        digest.update(piece)
        file.write(piece)

    event = request.first_event
    while True:
        chunk: bytes = event.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLargeError(limit)
        waiting += chunk
        is_last = not event.get("more_body", False)
        if len(waiting) >= PIECE or is_last:
            await asyncio.to_thread(write, bytes(waiting))
            waiting.clear()
        if is_last:
            return digest.digest()
        event = await request.receive()
        if event["type"] == "http.disconnect":
            # A part must not be taken for the whole. Nobody reads this answer.
            raise InvalidBodyError


async def pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    """A file as an answer, read beside the loop and closed at the end."""
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
