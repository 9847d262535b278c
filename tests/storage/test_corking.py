"""Corked transports, whichever way a connection comes to the database: by a socket of the system, by TCP, encrypted or not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.certificates import certificate

from entrepot.storage.corking import CorkedTransport
from entrepot.storage.pool import open_pool

ASKS_FOR_ENCRYPTION = bytes.fromhex("00000008 04d2162f")


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def _proxy(socket: str, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """A port of TCP in front of a database that has a socket of the system alone; with a context it encrypts."""

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(socket)
        if context is not None:
            assert await reader.readexactly(8) == ASKS_FOR_ENCRYPTION
            writer.write(b"S")
            await writer.start_tls(context)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer), return_exceptions=True)

    server = await asyncio.start_server(met, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("way", ["socket", "tcp", "refused", "encrypted"])
async def test_what_is_held_leaves_first(database_url: str, tmp_path: Path, way: str) -> None:
    url = make_url(database_url)
    folder = url.query.get("host")
    assert isinstance(folder, str)
    context, file = certificate(tmp_path)
    async with _proxy(
        f"{folder}/.s.PGSQL.{url.port or 5432}", context if way == "encrypted" else None
    ) as port:
        if way != "socket":
            query = {
                "tcp": {"sslmode": "disable"},
                "refused": {"sslmode": "prefer"},
                "encrypted": {"sslmode": "verify-full", "sslrootcert": str(file)},
            }
            url = url.set(host="127.0.0.1", port=port, query=query[way])
        async with await open_pool(url.render_as_string(hide_password=False), max_size=4) as pool:
            async with pool.acquire() as connection:
                transport = connection.itself._transport
                assert isinstance(transport, CorkedTransport)
                assert (transport.get_extra_info("ssl_object") is None) == (way != "encrypted")
            await pool.execute("CREATE TABLE kept (id int PRIMARY KEY)")
            insert = "INSERT INTO kept VALUES ($1)"
            async with pool.pipelined(1) as unit:
                await unit.execute(insert, 1)
                assert unit.enqueue(insert, (2,))
            assert await pool.fetchval("SELECT array_agg(id ORDER BY id) FROM kept") == [1, 2]
