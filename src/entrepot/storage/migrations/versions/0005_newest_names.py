"""Types of xp indices that the newest API has, in the order of the list.

Revision ID: 0005
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the list's index anew: it holds the order of the types."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the index is needed by what runs now; restore a backup instead")
