"""The mailbox: messages to people that nothing sends; and what the log of deliveries is read by.

Revision ID: 0015
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An empty table, and indexes of one that is empty where this runs first."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the mailbox is needed by what runs now; restore a backup instead")
