"""Answers to requests that may be sent again.

Revision ID: 0036
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0036"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table; nothing is moved."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restore a backup instead")
