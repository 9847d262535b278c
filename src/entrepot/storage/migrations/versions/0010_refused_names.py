"""Wrong passwords under names that nobody has: they lock like those of users.

Revision ID: 0010
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An empty table: logins fill it."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the table is needed by what runs now; restore a backup instead")
