"""Lanes are of targets: what waits goes one after another to one target about one thing, of whichever integration.

Revision ID: 0045
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What waits stays in one lane with what comes."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("what waits would be in two lanes; restore a backup instead")
