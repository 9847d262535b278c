"""Connections to PostgreSQL, kept and shared."""

import contextlib
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
from asyncpg.exceptions import PostgresError

from entrepot.storage import corking
from entrepot.storage.at_hand import Connection
from entrepot.storage.reach import DatabaseReach
from entrepot.storage.ready_pool import ReadyPool

# A prepared statement per hot row access and per shape of a list; beyond the limit the least used one goes.
_STATEMENTS = 1000
# A server process grows with the plans it keeps, so a connection ends at some time.
_LONGEST_LIFE = 1_000_000  # statements
_CONNECT_SECONDS = 10.0
_CHECK_SECONDS = 5
"""How often the server looks, while a statement runs, whether its client is still there."""
_ANEW = 4
"""Connections whose statements are planned each time, opened when they are needed first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the database itself ends, in seconds; 0 is without limit, as it suits commands."""

    statement: int = 0
    """A statement of its own: a read, a list, a search."""
    change: int = 0
    """A statement of a unit of work, which may be one that changes very many rows."""
    lock: int = 0
    """Waiting for a lock."""
    idle: int = 0
    """A transaction in which nothing is done."""

    silence: float = 10.0
    """Any answer of the database, before it counts as lost; never without limit."""

    def settings(self, statement: int) -> dict[str, str]:
        """The server's settings of a session."""
        return {
            "statement_timeout": f"{statement}s",
            "lock_timeout": f"{self.lock}s",
            "idle_in_transaction_session_timeout": f"{self.idle}s",
        }


UNLIMITED = Limits()


async def open_pool(
    url: str,
    *,
    min_size: int = 2,
    max_size: int = 16,
    application: str = "entrepot",
    limits: Limits = UNLIMITED,
) -> ReadyPool:
    """Opens min_size connections now, and more, up to max_size and _ANEW others for searches, on demand; they stay open.

    Half of them are for single statements, the others for units; of each half one marketplace has a half at most. json and
    jsonb travel as text (str), citext as str, bigint as int, numeric as Decimal.
    Raises OSError, asyncpg.PostgresError or asyncpg.InternalClientError when the database cannot be reached.
    """
    session = {"jit": "off", "timezone": "UTC"}
    reading = {**session, "application_name": application, **limits.settings(limits.statement)}
    changing = {**session, "application_name": application, **limits.settings(limits.change)}
    place = {"timeout": _CONNECT_SECONDS, **_writable(url)}
    reach = DatabaseReach(
        partial(
            asyncpg.connect,
            url,
            server_settings={**session, "application_name": f"{application} watch"},
            **place,
        ),
        silence=limits.silence,
    )
    options: dict[str, Any] = {
        "connect": corking.connect,
        "max_queries": _LONGEST_LIFE,
        "max_inactive_connection_lifetime": 0,
        "statement_cache_size": _STATEMENTS,
        "max_cached_statement_lifetime": 0,
        "init": partial(_begin, reach),
        "reset": _keep_session,
        "loop": None,
        "connection_class": Connection,
        "record_class": asyncpg.Record,
        **place,
    }
    singles = max_size // 2 if max_size > 2 else 0
    return await ReadyPool(
        url,
        reach=reach,
        singles=asyncpg.Pool(
            url,
            min_size=min(min_size // 2, singles),
            max_size=singles,
            server_settings=reading,
            **options,
        )
        if singles
        else None,
        anew=asyncpg.Pool(
            url,
            min_size=0,
            max_size=_ANEW,
            server_settings={**reading, "plan_cache_mode": "force_custom_plan"},
            **options,
        ),
        min_size=min_size - min(min_size // 2, singles),
        max_size=max_size - singles,
        server_settings=changing,
        **options,
    )


def _writable(url: str) -> dict[str, Any]:
    """After a failover a connection goes to the server that takes writes, or to none; unless the URL says otherwise."""
    return {} if "target_session_attrs" in url else {"target_session_attrs": "read-write"}


async def _begin(reach: DatabaseReach, connection: asyncpg.Connection) -> None:
    reach.made(connection)
    await _learn_types(connection)
    # A server on a system that cannot tell refuses the setting.
    with contextlib.suppress(PostgresError):
        await connection.execute(f"SET client_connection_check_interval = '{_CHECK_SECONDS}s'")


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
