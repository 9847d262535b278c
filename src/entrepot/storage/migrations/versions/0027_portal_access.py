"""Who looks after marketplaces of others: access, teams, invitations; and marketplaces that were deleted.

Revision ID: 0027
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty tables."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("access is needed by what runs now; restore a backup instead")
