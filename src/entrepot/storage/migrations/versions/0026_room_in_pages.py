"""Pages of what is changed often have room for what rows become.

Revision ID: 0026
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From now on: pages that are full stay so until their rows are written anew."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("nothing is lost by it; restore a backup instead")
