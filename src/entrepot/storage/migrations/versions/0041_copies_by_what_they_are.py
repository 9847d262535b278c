"""Copies of marketplaces by what they are.

Revision ID: 0041
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0041"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restore a backup instead")
