"""The table of requests that were answered, for some hours."""

from __future__ import annotations

import sqlalchemy as sa

from entrepot.storage.columns import Citext


def define_request_log(metadata: sa.MetaData) -> None:
    """Add it to `metadata`, in which the marketplaces are. Written by COPY alone: whatever an index costs, each row pays."""
    sa.Table(
        "logged_requests",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("ID", Citext(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("microseconds", sa.BigInteger, nullable=False),
        sa.Column("count", sa.Integer, nullable=False, server_default="1"),
        sa.Column("error", sa.Text),
        sa.Column("user_id", sa.Text),
        sa.Column("username", sa.Text),
        sa.Column("user_type", sa.Text),
        sa.Column("company_id", sa.Text),
        sa.Column("client_id", sa.Text),
        sa.PrimaryKeyConstraint("marketplace_id", "created_at", "ID", name="pk_logged_requests"),
        sa.ForeignKeyConstraint(
            ["marketplace_id"],
            ["marketplaces.marketplace_id"],
            name="fk_logged_requests_marketplace",
            ondelete="CASCADE",
        ),
        sa.Index("ix_logged_requests_request", "marketplace_id", sa.text("lower(request_id)")),
    )
