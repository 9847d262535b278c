"""Staging marketplaces are made anew of production's: which of which, and how far that is.

Revision ID: 0032
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0032"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An empty table."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restores are needed by what runs now; restore a backup instead")
