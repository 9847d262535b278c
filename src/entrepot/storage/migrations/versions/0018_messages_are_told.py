"""Messages to people are events and deliveries like everything that goes out; the table that kept them apart goes.

Revision ID: 0018
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was not shown in the former file is gone with it: nothing would ever have sent it."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("what was told since stands elsewhere; restore a backup instead")
