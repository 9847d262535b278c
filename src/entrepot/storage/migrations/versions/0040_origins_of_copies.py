"""Where copies of marketplaces come from.

Revision ID: 0040
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0040"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column; nothing is moved."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restore a backup instead")
