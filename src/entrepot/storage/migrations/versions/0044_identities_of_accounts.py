"""Who accounts of the portal are elsewhere.

Revision ID: 0044
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0044"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables; nothing is moved."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restore a backup instead")
