"""How often people have asked for work of the server's own, and who hears of restores.

Revision ID: 0024
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables that begin empty."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("limits that only the newest version keeps; restore a backup instead")
