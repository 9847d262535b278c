"""USR-4: whatever a table keeps of a user, somebody has said what becomes of it when the user goes to another buyer."""

from __future__ import annotations

import pytest

from entrepot.app.registry import registry
from entrepot.features.people.identity.users import LEFT_BEHIND
from entrepot.storage.tables import define_tables

TABLES = {table.name: table for table in define_tables(registry()).sorted_tables}
ELSE = {
    "addresses": "private ones go along",
    "credit_cards": "private ones go along",
    "product_collections": "go along (MOVE_COLLECTIONS)",
    "orders": "as the option says (MOVE_ORDERS)",
    "order_returns": "those of orders",
    "group_order_invitations": "those of open orders, with which nobody is moved",
    "subscriptions": "end with the company in which they were begun: a round looks for a user of that one",
    "api_clients": "refused: Move for whom a client stands",
    "impersonation_configs": "refused where it is impersonated",
    "marketplaces": "the marketplace owner's user",
    "password_history": "belongs to the person",
    "linked_identities": "belong to the person, who is the same to the identity provider",
    "refresh_tokens": "sessions end",
    "user_codes": "sessions end",
}


def test_every_table_of_users_is_spoken_for() -> None:
    """A new table with a user's key is left behind, or is excused here."""
    of_users = {
        name
        for name, table in TABLES.items()
        if name != "users" and any(column.name.endswith("user_key") for column in table.columns)
    }
    assert of_users == {*LEFT_BEHIND, *ELSE}
    assert not {*LEFT_BEHIND} & {*ELSE}


@pytest.mark.parametrize("table", LEFT_BEHIND)
def test_what_is_left_behind_is_the_users_alone(table: str) -> None:
    """Rows are deleted by that column."""
    assert "user_key" in TABLES[table].columns
