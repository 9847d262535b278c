"""The table of clocks that are not the server's: at most one of each marketplace."""

from __future__ import annotations

import sqlalchemy as sa


def define_virtual_clocks(metadata: sa.MetaData) -> None:
    """Add it to `metadata`, in which the marketplaces are. moment: what it showed when the server's clock showed `since`; where that
    is null it stands still. ahead: how far it was ahead of the server's then; ages: whether tokens age by it. advancing_until: by the server's clock, how long nobody else may move it.
    """
    sa.Table(
        "virtual_clocks",
        metadata,
        sa.Column("marketplace_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("ahead", sa.Interval, nullable=False, server_default="00:00:00"),
        sa.Column("ages", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("advancing_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("marketplace_id", name="pk_virtual_clocks"),
        sa.ForeignKeyConstraint(
            ["marketplace_id"],
            ["marketplaces.marketplace_id"],
            name="fk_virtual_clocks_marketplace",
            ondelete="CASCADE",
        ),
    )
