"""The table of copies that marketplaces have. It refers to marketplaces by number, without foreign keys: a copy outlives its original
until somebody comes by to delete it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from entrepot.storage.columns import Citext


def define_marketplace_copies(metadata: sa.MetaData) -> None:
    """Add it to `metadata`. copy_id: the marketplace that the copy is; expires_at: null of snapshots; origin: what a copy
    knows of where it comes from (features/people/snapshots/store.py).
    """
    sa.Table(
        "marketplace_copies",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("ID", Citext, nullable=False),
        sa.Column("Name", sa.Text),
        sa.Column("copy_id", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("origin", pg.JSON),
        sa.PrimaryKeyConstraint("marketplace_id", "kind", "ID", name="pk_marketplace_copies"),
        sa.Index("ix_marketplace_copies_copy", "copy_id"),
        sa.Index(
            "ix_marketplace_copies_over", "expires_at", postgresql_where=sa.text("expires_at IS NOT NULL")
        ),
    )
