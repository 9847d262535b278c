"""Clocks of marketplaces that are not the server's.

Revision ID: 0035
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table; nothing is moved."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restore a backup instead")
