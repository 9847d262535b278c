"""Tables of what has happened in marketplaces that somebody listens to: a row for each, and how far their numbers have come (ADR 0044)."""

from __future__ import annotations

import sqlalchemy as sa

from entrepot.storage.constraints import of_marketplace


def define_told_events(metadata: sa.MetaData) -> None:
    """Add them to `metadata`, in which the marketplaces are."""
    _logs(metadata)
    _events(metadata)


def _logs(metadata: sa.MetaData) -> None:
    """number: the last that an event has got. forgotten: the last of which nobody knows any more. listened_at: when somebody listened
    last; null where nothing is written any more.
    """
    sa.Table(
        "event_logs",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("forgotten", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("listened_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("marketplace_id", name="pk_event_logs"),
        of_marketplace("event_logs"),
    )


def _events(metadata: sa.MetaData) -> None:
    """key: in the order of writing. number: in the order in which they came to stand, null until somebody has looked. item: the ID of
    what it is about; named: all IDs that lead to it, by name. The rest is who it was.
    """
    sa.Table(
        "told_events",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("number", sa.BigInteger),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("item", sa.Text),
        sa.Column("named", sa.JSON, nullable=False),
        sa.Column("user_id", sa.Text),
        sa.Column("username", sa.Text),
        sa.Column("client_id", sa.Text),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("marketplace_id", "key", name="pk_told_events"),
        of_marketplace("told_events"),
        # Those without one are found by it, too: whoever writes pays for no index more.
        sa.Index("uq_told_events_number", "marketplace_id", "number", unique=True),
    )
