"""Lanes are made of what SQL can make them of, so that what waits follows a rename.

Revision ID: 0025
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What waits stays in one lane with what comes."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("what waits would be in two lanes; restore a backup instead")
