"""The table of requests that were answered, for some hours."""

from __future__ import annotations

import sqlalchemy as sa


def define_request_log(metadata: sa.MetaData) -> None:
    """Add it to `metadata`, in which the marketplaces are. Written by COPY alone, whose binary form knows no citext."""
    sa.Table(
        "logged_requests",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("ID", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("microseconds", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("user_id", sa.Text),
        sa.Column("username", sa.Text),
        sa.Column("user_type", sa.Text),
        sa.Column("company_id", sa.Text),
        sa.Column("client_id", sa.Text),
        sa.PrimaryKeyConstraint("marketplace_id", "ID", name="pk_logged_requests"),
        sa.ForeignKeyConstraint(
            ["marketplace_id"],
            ["marketplaces.marketplace_id"],
            name="fk_logged_requests_marketplace",
            ondelete="CASCADE",
        ),
        sa.Index("ix_logged_requests_created", "marketplace_id", "created_at", sa.text('lower("ID")')),
        sa.Index("ix_logged_requests_request", "marketplace_id", sa.text("lower(request_id)")),
    )
