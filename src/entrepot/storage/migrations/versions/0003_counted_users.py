"""Indexes that count the matches of lists of users without reading the users.

Revision ID: 0003
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes anew."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the former indexes are not kept; restore a backup instead")
