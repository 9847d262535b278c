"""Tokens that age by the clock of their marketplace.

Revision ID: 0043
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0043"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """How far present clocks are ahead; no token is rewritten."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restore a backup instead")
