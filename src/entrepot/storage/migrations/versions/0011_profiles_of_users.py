"""Rows of users keep which profiles their groups and they hold, in place of what these give; holes in their text have names.

Revision ID: 0011
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Write those who hold any, then all rows once, with their indexes: 10 to 50 s for 100,000 users. The former version cannot
    work with what is left.
    """
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("what profiles gave is no longer kept in rows; restore a backup instead")
