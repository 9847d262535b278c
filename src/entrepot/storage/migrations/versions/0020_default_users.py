"""What accounts of the portal are in a marketplace.

Revision ID: 0020
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table that begins empty."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("tokens of default users would open nothing; restore a backup instead")
