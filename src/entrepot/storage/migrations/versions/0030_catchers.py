"""Catchers, and what they have caught.

Revision ID: 0030
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0030"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables; nothing is moved."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restore a backup instead")
