"""What an account is in all marketplaces is found by the account.

Revision ID: 0023
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("an index that only the newest version knows; restore a backup instead")
