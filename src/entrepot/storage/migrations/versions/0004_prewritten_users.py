"""The JSON text of users in their rows.

Revision ID: 0004
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, which rewrites the table: some 10 s for 100,000 users."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the column is needed by what runs now; restore a backup instead")
