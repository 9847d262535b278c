"""The portal: accounts of people, their sessions and codes, and who owns which marketplace.

Revision ID: 0022
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty tables."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the portal is needed by what runs now; restore a backup instead")
