"""The tables of recordings: what applications have sent while somebody recorded it."""

from __future__ import annotations

import sqlalchemy as sa

from entrepot.storage.columns import Citext


def define_recordings(metadata: sa.MetaData) -> None:
    """Add them to `metadata`, in which the marketplaces are. ended_at: null of a recording that goes on, of which a marketplace has one;
    size: characters of the entries; entry: a request and its answer as JSON, without secrets (domain/recordings).
    """
    sa.Table(
        "recordings",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("ID", Citext(), nullable=False),
        sa.Column("Name", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("requests", sa.Integer, nullable=False, server_default="0"),
        sa.Column("size", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("marketplace_id", "ID", name="pk_recordings"),
        sa.ForeignKeyConstraint(
            ["marketplace_id"],
            ["marketplaces.marketplace_id"],
            name="fk_recordings_marketplace",
            ondelete="CASCADE",
        ),
        sa.Index(
            "ux_recordings_running",
            "marketplace_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )
    sa.Table(
        "recorded_requests",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("recording", Citext(), nullable=False),
        sa.Column("ID", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "marketplace_id", "recording", "created_at", "ID", name="pk_recorded_requests"
        ),
        sa.ForeignKeyConstraint(
            ["marketplace_id", "recording"],
            ["recordings.marketplace_id", "recordings.ID"],
            name="fk_recorded_requests_recording",
            ondelete="CASCADE",
        ),
    )
