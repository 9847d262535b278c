"""Tables of synchronization: what is held while one is paused, and runs that send many things anew."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from entrepot.storage.columns import Citext
from entrepot.storage.constraints import of_marketplace


def define_synchronization_tables(metadata: sa.MetaData) -> None:
    """Add them to `metadata`, in which the marketplaces are."""
    _held(metadata)
    _runs(metadata)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _held(metadata: sa.MetaData) -> None:
    """Things that have changed while their synchronization was paused (SYNC-5), once each. `name`: a JSON array, as events have it."""
    sa.Table(
        "held_syncs",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("setting", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        _moment("held_at"),
        sa.PrimaryKeyConstraint("marketplace_id", "setting", "name", name="pk_held_syncs"),
        of_marketplace("held_syncs"),
    )


def _runs(metadata: sa.MetaData) -> None:
    """Runs over many things, slice by slice (SYNC-7). `source`: what is sent. `place`: the name of the last thing that has been told."""
    sa.Table(
        "sync_runs",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("ID", Citext, nullable=False),
        sa.Column("setting", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("parameters", pg.JSON, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("place", pg.JSON),
        sa.Column("done", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("total", sa.BigInteger),
        _moment("started_at"),
        _moment("updated_at"),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("marketplace_id", "key", name="pk_sync_runs"),
        sa.CheckConstraint("source IN ('Full', 'Held', 'Followed')", name="ck_sync_runs_source"),
        sa.CheckConstraint("status IN ('Running', 'Completed', 'Cancelled')", name="ck_sync_runs_status"),
        of_marketplace("sync_runs"),
        sa.Index("uq_sync_runs_id", "marketplace_id", "ID", unique=True),
        sa.Index(
            "uq_sync_runs_full",
            "marketplace_id",
            "setting",
            unique=True,
            postgresql_where=sa.text("source = 'Full' AND ended_at IS NULL"),
        ),
        sa.Index("ix_sync_runs_due", "marketplace_id", "key", postgresql_where=sa.text("ended_at IS NULL")),
    )
