"""Constraints that many tables have."""

from __future__ import annotations

import sqlalchemy as sa

LONGEST_NAME = 50


def of_marketplace(table: str) -> sa.ForeignKeyConstraint:
    """The rows of a table go with their marketplace."""
    return sa.ForeignKeyConstraint(
        ["marketplace_id"],
        ["marketplaces.marketplace_id"],
        name=f"fk_{table}_marketplace"[:LONGEST_NAME],
        ondelete="CASCADE",
    )
