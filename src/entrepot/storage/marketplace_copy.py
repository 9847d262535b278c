"""What a marketplace holds, copied into another one inside the database (ADR 0041).

Keys of rows are keys of one marketplace: a copy keeps them, and no sequence is asked. What names the marketplace itself is
written anew: `marketplace_id`, its ID where it stands for the seller, and the IDs of API clients, which are one on the server.
What is sealed opens in its marketplace alone: whoever copies seals it anew within the same transaction.

A copy is one statement, and so one moment of the marketplace that it is made from, of which it locks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import asyncpg
import sqlalchemy as sa

STAYS: Mapping[str, str] = {
    "marketplaces": "what the marketplace is called",
    "security_epochs": "counted by the marketplace itself",
    "catalog_epochs": "counted by the marketplace itself",
    "catalog_changes": "counted by the marketplace itself",
    "default_users": "accounts of the portal, whose access is to this marketplace",
    "virtual_clocks": "what time it is here",
    "catchers": "have addresses of this marketplace",
    "caught_requests": "what was sent to these addresses, sealed for this marketplace",
    "logged_requests": "what was asked here",
    "mailbox": "what was written here",
    "event_logs": "who listens to what is done here",
    "told_events": "what was done here",
    "recordings": "what was sent here",
    "recorded_requests": "what was sent here",
    "self_service_runs": "what was asked for here",
    "staging_restore_webhooks": "who hears of what is done here",
}
"""Tables of a marketplace of which a copy neither takes nor replaces anything, and why."""
ENDS: Mapping[str, str] = {
    "faults": "tests of the marketplace in which they were begun, of its own clients",
    "repeats": "what was answered to requests of what it held before",
    "refresh_tokens": "sessions are of the marketplace in which they were begun",
    "user_codes": "mailed about the marketplace in which they were asked for",
    "used_login_states": "of logins that were begun elsewhere",
    "refused_names": "digests that no other marketplace makes",
    "outbox_events": "would be told twice",
    "deliveries": "would be delivered twice",
    "delivery_endpoints": "how endpoints have answered those deliveries",
    "held_syncs": "would be told twice",
    "sync_runs": "would be told twice",
}
"""Tables of which a copy takes nothing, and whose rows end with what the marketplace held before."""
OF_OWNERS = frozenset({"OwnerID", "SellerID", "FromCompanyID", "ToCompanyID"})
"""Columns with the ID of a company, or with the marketplace's where that is the seller's."""
CLIENTS = "api_clients"
LISTED_CLIENTS = frozenset({("webhooks", "ApiClientIDs")})
"""Arrays of IDs of API clients, which no foreign key tells of."""
MAPPED = """upper(CAST(CAST(substr(encode(sha256(convert_to(lower(CAST({client} AS text)) || ' ' || CAST($2::bigint AS text), 'UTF8')), 'hex'), 1, 32)
    AS uuid) AS text))"""
"""The ID that a client of one marketplace has in a copy: the same whenever it is copied there."""

ARRIVED = "arrived_"
"""What begins the name of a table with rows that have come from elsewhere."""

NAMED = 'SELECT "ID" FROM marketplaces WHERE marketplace_id = $1'
FORGET_CLIENTS = "DELETE FROM marketplace_directory WHERE kind = 'client' AND marketplace_id = $1"
TELL_CLIENTS = f"""
INSERT INTO marketplace_directory (kind, name, marketplace_id) SELECT 'client', "ID", $1 FROM {CLIENTS} WHERE marketplace_id = $1
"""
SETTINGS = """
UPDATE marketplaces t SET auto_forwarding_user_key = s.auto_forwarding_user_key FROM marketplaces s
WHERE t.marketplace_id = $2 AND s.marketplace_id = $1
"""
# Whoever writes a row of the marketplace holds its own: he is waited for, and whoever begins waits until the copy is there.
HOLD = "SELECT 1 FROM marketplaces WHERE marketplace_id = $1 FOR UPDATE"
FORGET_ALL = """
WITH catalog AS (UPDATE catalog_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1)
UPDATE security_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1
"""
"""Without a row in the log of catalogs: whoever misses one starts anew."""

Changes = Mapping[tuple[str, str], str]
"""Table and column -> SQL of what stands there in the copy, of the row `t`; $1 is the marketplace copied from, $2 the other."""


@dataclass(frozen=True, slots=True)
class Copying:
    """The statements of a copy, made once of a schema."""

    copy: str
    """$1 the marketplace that is copied, $2 the other one, $3 and $4 their IDs."""
    clear: str
    """A statement for each table, with {marketplace_id}: all of them are sent at once. Those before which others must have gone come
    later.
    """
    copied: frozenset[str]


def copying(
    metadata: sa.MetaData,
    changes: Changes | None = None,
    without: Iterable[str] = (),
    *,
    keeps_clients: bool = False,
    arriving: bool = False,
) -> Copying:
    """How a copy is made: of every table of a marketplace but those that `STAYS` and `ENDS` name.

    changes: what is another in the copy. without: further tables of which nothing is copied. keeps_clients: whether API clients keep
    their IDs, of a copy that nobody logs in to, and of one that takes its original's place. arriving: whether the original is none of this
    database's: its rows stand in tables of their own (storage/marketplace_rows.py), without the marketplace's key.
    """
    left, tables = {*STAYS, *ENDS, *without}, [*tables_of_marketplaces(metadata)]
    copied = [table for table in tables if table.name not in left]
    inserts = ",\n".join(
        f"c{at} AS ({_insert(table, changes or {}, keeps_clients, arriving)})"
        for at, table in enumerate(copied)
    )
    # Also where nothing of a table takes the fourth, all have a type.
    given = "SELECT $1::bigint, $2::bigint, $3::citext, $4::citext"
    return Copying(
        copy=f"WITH {inserts}\n{given}",
        clear=";\n".join(
            f"DELETE FROM {table.name} WHERE marketplace_id = {{marketplace_id}}"
            for table in reversed(tables)
            if table.name not in STAYS
        ),
        copied=frozenset(table.name for table in copied),
    )


def tables_of_marketplaces(metadata: sa.MetaData) -> Iterator[sa.Table]:
    """Those whose rows are a marketplace's: that refer to it, or to what does. Referred to come first."""
    found = {"marketplaces"}
    for table in metadata.sorted_tables:
        if table.name in found or any(
            key.referred_table.name in found for key in table.foreign_key_constraints
        ):
            found.add(table.name)
            yield table


async def copy_into(
    connection: asyncpg.Connection, statements: Copying, source: int, target: int, *, hidden: bool = False
) -> None:
    """Copy what one marketplace holds into another, which is empty, within the caller's transaction. hidden: whether nobody is to
    find the other one by its clients.

    `clear` empties it. Whoever copies seals anew what is sealed, and raises the epochs of a marketplace that somebody may
    know of (`forget_all`).
    """
    names = [await connection.fetchval(NAMED, each) for each in (source, target)]
    await connection.execute(statements.copy, source, target, *names)
    await connection.execute(SETTINGS, source, target)
    if not hidden:
        await connection.execute(TELL_CLIENTS, target)


async def clear(connection: asyncpg.Connection, statements: Copying, marketplace_id: int) -> None:
    """End what a marketplace holds, within the caller's transaction. Whoever writes in it waits from now on until that ends."""
    await connection.fetchval(HOLD, marketplace_id)
    await connection.execute(FORGET_CLIENTS, marketplace_id)
    await connection.execute(statements.clear.format(marketplace_id=int(marketplace_id)))


async def forget_all(connection: asyncpg.Connection, marketplace_id: int) -> None:
    """No process goes on with what it remembers of the marketplace."""
    await connection.execute(FORGET_ALL, marketplace_id)


def written_columns(table: sa.Table) -> list[sa.Column[object]]:
    """Those that the database does not compute."""
    return [column for column in table.columns if column.computed is None]


def _insert(table: sa.Table, changes: Changes, keeps_clients: bool, arriving: bool) -> str:
    columns = written_columns(table)
    values = (
        changes.get((table.name, column.name)) or _value(table, column, keeps_clients) for column in columns
    )
    names = ", ".join(f'"{column.name}"' for column in columns)
    rows = f"{ARRIVED}{table.name} t" if arriving else f"{table.name} t WHERE t.marketplace_id = $1"
    return f"INSERT INTO {table.name} ({names}) SELECT {', '.join(values)} FROM {rows}"


def _value(table: sa.Table, column: sa.Column[object], keeps_clients: bool) -> str:
    own = f't."{column.name}"'
    if column.name == "marketplace_id":
        return "$2::bigint"
    if column.name in OF_OWNERS:
        return f"CASE WHEN {own} = $3 THEN $4 ELSE {own} END"
    if keeps_clients:
        return own
    if (table.name, column.name) in LISTED_CLIENTS:
        return f"CAST(ARRAY(SELECT {MAPPED.format(client='each')} FROM unnest({own}) AS each) AS citext[])"
    if _names_client(table, column):
        return f"CAST({MAPPED.format(client=own)} AS citext)"
    return own


def _names_client(table: sa.Table, column: sa.Column[object]) -> bool:
    if table.name == CLIENTS:
        return column.name == "ID"
    return any(
        column.name in key.column_keys
        for key in table.foreign_key_constraints
        if key.referred_table.name == CLIENTS
    )
