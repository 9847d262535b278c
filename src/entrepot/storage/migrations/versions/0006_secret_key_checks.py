"""What tells a wrong secret key before anything is sealed with it.

Revision ID: 0006
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An empty table: the next command that has the key fills it."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the table is needed by what runs now; restore a backup instead")
