"""Copies of marketplaces: snapshots, and marketplaces for an hour.

Revision ID: 0037
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table; nothing is moved."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restore a backup instead")
