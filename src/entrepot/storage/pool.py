"""Connections to PostgreSQL, kept and shared."""

import contextlib
from typing import Any

import asyncpg

from entrepot.storage.ready_pool import ReadyPool

# A prepared statement per hot row access and per shape of a list; beyond the limit the least used one goes.
_STATEMENTS = 1000
# A server process grows with the plans it keeps, so a connection ends at some time.
_LONGEST_LIFE = 1_000_000  # statements
_ANEW = 4
"""Connections whose statements are planned each time, opened when they are needed first."""


async def open_pool(
    url: str, *, min_size: int = 2, max_size: int = 16, application: str = "entrepot"
) -> asyncpg.Pool:
    """Opens min_size connections now, and more, up to max_size and _ANEW others for searches, on demand; they stay open.

    json and jsonb travel as text (str), citext as str, bigint as int, numeric as Decimal.
    Raises OSError or asyncpg.PostgresError when the database cannot be reached.
    """
    settings = {"application_name": application, "jit": "off", "timezone": "UTC"}
    options: dict[str, Any] = {
        "max_queries": _LONGEST_LIFE,
        "max_inactive_connection_lifetime": 0,
        "statement_cache_size": _STATEMENTS,
        "max_cached_statement_lifetime": 0,
        "init": _learn_types,
        "reset": _keep_session,
        "loop": None,
        "connection_class": asyncpg.Connection,
        "record_class": asyncpg.Record,
    }
    anew = ReadyPool(
        url,
        at_hand=_ANEW,
        min_size=0,
        max_size=_ANEW,
        server_settings={**settings, "plan_cache_mode": "force_custom_plan"},
        **options,
    )
    pool = ReadyPool(
        url,
        at_hand=max_size // 2 if max_size > 2 else 0,
        anew=anew,
        min_size=min_size,
        max_size=max_size,
        server_settings=settings,
        **options,
    )
    await anew
    await pool
    return pool


async def _learn_types(connection: asyncpg.Connection) -> None:
    # asyncpg asks the catalog about a type outside the core when it first meets it: here, not in a request.
    # Before the first migration there is no citext.
    with contextlib.suppress(asyncpg.UndefinedObjectError):
        await connection.prepare("SELECT $1::citext, $2::citext[]")


async def _keep_session(_connection: asyncpg.Connection) -> None:
    """Spares the round trip of the default reset (RESET ALL and more) each time a connection comes back.

    Before this, asyncpg itself rolls back a transaction left open. Nothing of ours changes a session: settings
    are SET LOCAL, locks are the transaction's; LISTEN has its own connection.
    """
