"""The table of requests with an Idempotency-Key, for a day."""

from __future__ import annotations

import sqlalchemy as sa


def define_repeats(metadata: sa.MetaData) -> None:
    """Add it to `metadata`, in which the marketplaces are. caller: the key of a user, and what else makes one caller of it; answer: sealed,
    null as long as there is none.
    """
    sa.Table(
        "repeats",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("marketplace_id", "caller", "key", name="pk_repeats"),
        sa.ForeignKeyConstraint(
            ["marketplace_id"],
            ["marketplaces.marketplace_id"],
            name="fk_repeats_marketplace",
            ondelete="CASCADE",
        ),
        sa.Index("ix_repeats_created", "marketplace_id", "created_at"),
    )
