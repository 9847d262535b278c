"""The log of requests, and deliveries by the request that caused them.

Revision ID: 0021
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables and indexes; nothing is moved."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restore a backup instead")
