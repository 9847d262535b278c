"""Product collections need not have an owner: of one that was cloned nobody may know whose it was.

Revision ID: 0046
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Owners stay as they are."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("collections of nobody would have no place; restore a backup instead")
