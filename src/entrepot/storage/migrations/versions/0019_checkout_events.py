"""Checkout events are events like all others.

Revision ID: 0019
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that a process has left behind are told by the dispatcher, under their delivery IDs."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("what runs now tells its events elsewhere; restore a backup instead")
