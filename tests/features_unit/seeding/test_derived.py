"""Which statements of hooks a seed passes over, because it does at its end what they do (house T13)."""

from __future__ import annotations

import re

import pytest

from entrepot.app.registry import registry
from entrepot.engine import standing, totals
from entrepot.engine.statements import stored_columns
from entrepot.features.catalog.audience import statements as audience
from entrepot.features.catalog.products import counts
from entrepot.features.people import holdings
from entrepot.features.people.identity.resources import USER
from entrepot.features.seeding.derived import DERIVED, TOTALS, is_computed, is_settled

SETTLED = {
    "locks of catalogs": audience.LOCK_CATALOGS,
    "a lock of a catalog": audience.LOCK_CATALOG,
    "locks behind a query": audience.LOCK_HELD,
    "locks of products": audience.LOCK_PRODUCTS,
    "locks to count": counts.LOCK,
    "a lock of the marketplace": holdings.LOCK,
    "tokens of products": audience.OF_PRODUCTS,
    "tokens of categories": audience.OF_CATEGORIES,
    "tokens before a deletion": audience.OF_LEAVING,
    "counts of specs": counts.COUNT_SPECS,
    "what users hold": holdings.OF_USERS,
    "what members hold": holdings.OF_GROUPS,
    "how many users there are": totals._add(USER),
    "two derived columns": 'UPDATE products SET audience = f(a, b), "SpecCount" = 2 WHERE marketplace_id = $1',
}
NEEDED = {
    "a read": standing.READ_EPOCH,
    "a row": "INSERT INTO products (marketplace_id) VALUES ($1)",
    "a row or a derived column": "INSERT INTO users (key) VALUES ($2) ON CONFLICT (key) DO UPDATE SET own_profiles = $3",
    "a column that is not derived": counts.COUNT_VARIANTS,
    "one of two columns": 'UPDATE products SET audience = $2, "Name" = $3 WHERE marketplace_id = $1',
    "columns by a row": 'UPDATE products SET (audience, "SpecCount") = ($2, $3) WHERE marketplace_id = $1',
    "a derived column by name only": "UPDATE buyers SET audience = $2 WHERE marketplace_id = $1",
    "a deletion beside": "WITH gone AS (DELETE FROM a RETURNING id) UPDATE products SET audience = $2",
    "two updates": "WITH x AS (UPDATE users SET xp = $3 RETURNING key) UPDATE products SET audience = $2",
    "a message": "SELECT pg_notify($1, $2)",
    "a message with a lock": "SELECT pg_notify('a', 'b') FROM products FOR UPDATE",
    "a number of a sequence in a lock": "SELECT nextval('s') FROM products FOR UPDATE",
}


@pytest.mark.parametrize("space", [" ", "\n\t  "])
@pytest.mark.parametrize("sql", SETTLED.values(), ids=SETTLED)
def test_t13_a_statement_is_known_by_what_it_touches(sql: str, space: str) -> None:
    assert is_settled(re.sub(r"\s+", space, sql))


@pytest.mark.parametrize("space", [" ", "\n\t  "])
@pytest.mark.parametrize("sql", NEEDED.values(), ids=NEEDED)
def test_t13_whatever_does_anything_else_is_not_passed_over(sql: str, space: str) -> None:
    assert not is_settled(re.sub(r"\s+", space, sql))


def test_t13_rows_that_were_asked_for_are_read_even_if_they_are_locked() -> None:
    assert is_settled(holdings.LOCK)
    assert not is_computed(holdings.LOCK)


def test_t13_what_is_passed_over_is_what_is_computed() -> None:
    """Each computation writes exactly the columns that it is declared for, and the tables have them."""
    entities = registry().entities
    for each in DERIVED:
        assert is_computed(each.compute)
        assert each.columns <= set(stored_columns(entities[each.table])), each.table
        for column in each.columns:
            assert re.search(rf'\bSET\b.*"?\b{column}\b"? =', each.compute, re.DOTALL), column


def test_t13_whatever_is_counted_beside_is_counted_at_the_end() -> None:
    assert {each.table for each in registry().entities.values() if each.totals} == {
        each.table for each in TOTALS
    }
