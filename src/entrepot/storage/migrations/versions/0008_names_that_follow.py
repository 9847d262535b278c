"""Indexes by which a rename finds what orders, lines, payments and shipments name by ID alone.

Revision ID: 0008
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the indexes are needed by what runs now; restore a backup instead")
