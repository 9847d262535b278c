"""Tables of what goes out: events that were told, deliveries, and the endpoints that they go to (ADR 0024)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from entrepot.storage.columns import Citext
from entrepot.storage.constraints import of_marketplace


def define_delivery_tables(metadata: sa.MetaData) -> None:
    """Add them to `metadata`, in which the marketplaces are."""
    _events(metadata)
    _deliveries(metadata)
    _endpoints(metadata)


def _key() -> tuple[sa.Column[int], sa.Column[int]]:
    return (
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.BigInteger, sa.Identity(), nullable=False),
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _events(metadata: sa.MetaData) -> None:
    """What has happened and may have to be told, until it is expanded. `failure`: why it cannot be. `lease`: of the process that
    is expanding it.
    """
    sa.Table(
        "outbox_events",
        metadata,
        *_key(),
        _text("kind"),
        _text("aggregate"),
        sa.Column("facts", pg.JSON, nullable=False),
        sa.Column("confidential", sa.LargeBinary),
        _text("failure", nullable=True),
        _text("request_id"),
        _moment("told_at", nullable=False),
        _text("lease", nullable=True),
        _moment("leased_until"),
        sa.PrimaryKeyConstraint("marketplace_id", "key", name="pk_outbox_events"),
        of_marketplace("outbox_events"),
        sa.Index("ix_outbox_events_aggregate", "marketplace_id", "aggregate", "key"),
    )


def _deliveries(metadata: sa.MetaData) -> None:
    """Each with its outcome. Without `due_at`, and not ended, one waits for another one before it in its lane. While a process
    delivers one, it is due again when the lease of that has ended. `facts`: of an event that could not be expanded.
    """
    sa.Table(
        "deliveries",
        metadata,
        *_key(),
        _text("ID"),
        _text("kind"),
        _text("integration"),
        sa.Column("integration_id", Citext, nullable=False),
        _text("target"),
        sa.Column("config_id", Citext),
        sa.Column("endpoint", Citext, nullable=False),
        sa.Column("lane", sa.LargeBinary, nullable=False),
        _text("aggregate"),
        _text("type", nullable=True),
        _text("status"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        _moment("due_at"),
        _text("lease", nullable=True),
        _moment("leased_until"),
        sa.Column("body", sa.LargeBinary),
        sa.Column("size", sa.Integer, nullable=False, server_default="0"),
        sa.Column("facts", pg.JSON),
        sa.Column("confidential", sa.LargeBinary),
        _text("failure", nullable=True),
        sa.Column("log", pg.JSON, nullable=False),
        _text("request_id"),
        _moment("told_at", nullable=False),
        _moment("created_at", nullable=False),
        _moment("ended_at"),
        sa.PrimaryKeyConstraint("marketplace_id", "key", name="pk_deliveries"),
        sa.CheckConstraint(
            "status IN ('Queued', 'Retrying', 'Delivered', 'Failed', 'Cancelled')",
            name="ck_deliveries_status",
        ),
        of_marketplace("deliveries"),
        sa.Index("uq_deliveries_id", "marketplace_id", "ID", unique=True),
        sa.Index(
            "ix_deliveries_lane",
            "marketplace_id",
            "lane",
            "key",
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "ix_deliveries_due",
            "marketplace_id",
            "endpoint",
            "due_at",
            "key",
            postgresql_where=sa.text("ended_at IS NULL AND due_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_deliveries_created",
            "marketplace_id",
            "created_at",
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "ix_deliveries_ended",
            "marketplace_id",
            "ended_at",
            postgresql_where=sa.text("ended_at IS NOT NULL"),
        ),
        sa.Index("ix_deliveries_request", "marketplace_id", sa.text("lower(request_id)")),
        # What the log is read by, each with the order of its pages.
        *(
            sa.Index(
                f"ix_deliveries_log{name}",
                "marketplace_id",
                *read_by,
                "created_at",
                sa.text('lower("ID")'),
            )
            for name, read_by in (
                ("", ()),
                ("_status", ("status",)),
                ("_integration", ("integration_id",)),
                ("_aggregate", (sa.text("lower(aggregate)"),)),
            )
        ),
    )


def _endpoints(metadata: sa.MetaData) -> None:
    """Where deliveries go, as soon as there was one. `failures`: in a row, as an endpoint fails that is down. `open_until`: until
    when it is left alone. `paused_at`: since when somebody keeps it waiting.
    """
    sa.Table(
        "delivery_endpoints",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False),
        sa.Column("endpoint", Citext, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        _moment("open_until"),
        _moment("paused_at"),
        sa.PrimaryKeyConstraint("marketplace_id", "endpoint", name="pk_delivery_endpoints"),
        of_marketplace("delivery_endpoints"),
    )
