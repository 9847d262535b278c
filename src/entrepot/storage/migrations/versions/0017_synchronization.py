"""Synchronization: what is held while one is paused, and runs that send many things anew.

Revision ID: 0017
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two empty tables."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("what is held now would be lost; restore a backup instead")
