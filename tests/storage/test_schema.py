"""The migrated schema is the declared one, and keeps the rules of distribution."""

from __future__ import annotations

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from entrepot.app.registry import registry
from entrepot.storage.embedded import database_url_of
from entrepot.storage.tables import define_tables

REFERENCE_TABLES = {
    "marketplace_directory",
    "portal_access",
    "portal_accounts",
    "portal_codes",
    "portal_deletions",
    "portal_identities",
    "portal_messages",
    "portal_offers",
    "portal_organizations",
    "portal_refusals",
    "portal_removed_methods",
    "portal_restores",
    "portal_sessions",
    "portal_team_members",
    "portal_teams",
    "portal_used_states",
    "secret_key_checks",
    "signing_keys",
}
UNDECLARED = {"alembic_version"}

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
       pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
OPTIONS = "SELECT relname, reloptions::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f', 'c', 'x')
"""
QUERIES = {"columns": COLUMNS, "indexes": INDEXES, "constraints": CONSTRAINTS, "options": OPTIONS}


async def _schema(connection: asyncpg.Connection) -> dict[str, set[tuple[object, ...]]]:
    found = {}
    for name, query in QUERIES.items():
        rows = await connection.fetch(query)
        found[name] = {tuple(row) for row in rows if row[0] not in UNDECLARED}
    return found


@pytest.fixture
async def migrated(database_url: str) -> dict[str, set[tuple[object, ...]]]:
    connection = await asyncpg.connect(database_url)
    try:
        return await _schema(connection)
    finally:
        await connection.close()


@pytest.fixture
async def declared(postgres: str) -> dict[str, set[tuple[object, ...]]]:
    """The schema that the declarations make in an empty database."""
    admin = await asyncpg.connect(postgres)
    await admin.execute("CREATE DATABASE declared_schema")
    try:
        connection = await asyncpg.connect(database_url_of(postgres, "declared_schema"))
        try:
            await connection.execute(
                "CREATE EXTENSION citext; CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin"
            )
            dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
            for table in define_tables(registry()).sorted_tables:
                await connection.execute(str(sa.schema.CreateTable(table).compile(dialect=dialect)))
                for index in table.indexes:
                    await connection.execute(str(sa.schema.CreateIndex(index).compile(dialect=dialect)))
            return await _schema(connection)
        finally:
            await connection.close()
    finally:
        await admin.execute("DROP DATABASE declared_schema WITH (FORCE)")
        await admin.close()


@pytest.mark.parametrize("part", QUERIES)
async def test_migrations_make_what_is_declared(
    migrated: dict[str, set[tuple[object, ...]]], declared: dict[str, set[tuple[object, ...]]], part: str
) -> None:
    assert migrated[part] - declared[part] == set()
    assert declared[part] - migrated[part] == set()


async def test_every_key_of_a_tenant_table_has_the_marketplace(
    migrated: dict[str, set[tuple[object, ...]]],
) -> None:
    """citus.md 1, 2, 4: keys and foreign keys carry marketplace_id; nothing is deferrable or set null."""
    for table, name, definition, deferrable in migrated["constraints"]:
        assert not deferrable, name
        assert "SET NULL" not in str(definition), name
        assert "ON UPDATE" not in str(definition), name
        if table not in REFERENCE_TABLES and not str(definition).startswith("CHECK"):
            assert "(marketplace_id" in str(definition), name
    for table, definition in migrated["indexes"]:
        if "UNIQUE" in str(definition) and table not in REFERENCE_TABLES:
            assert "(marketplace_id" in str(definition), definition


async def test_names_survive_shards(migrated: dict[str, set[tuple[object, ...]]]) -> None:
    """citus.md 18: longer names become a hash."""
    names = {str(row[1]) for row in migrated["constraints"]}
    names |= {str(row[1]).split()[2 if "UNIQUE" not in str(row[1]) else 3] for row in migrated["indexes"]}
    assert {name for name in names if len(name) > 50} == set()


async def test_foreign_keys_are_indexed(database_url: str) -> None:
    """citus.md 2: every referencing column has an index that starts with marketplace_id."""
    connection = await asyncpg.connect(database_url)
    try:
        missing = await connection.fetch(
            """
            SELECT conrelid::regclass::text, conname FROM pg_constraint f
            WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND NOT EXISTS (
                SELECT 1 FROM pg_index i WHERE i.indrelid = f.conrelid AND i.indpred IS NULL
                AND (i.indkey::int2[])[0:array_length(f.conkey, 1) - 1] @> f.conkey
                AND (i.indkey::int2[])[0:array_length(f.conkey, 1) - 1] <@ f.conkey)
            """
        )
    finally:
        await connection.close()
    assert [tuple(row) for row in missing] == []
