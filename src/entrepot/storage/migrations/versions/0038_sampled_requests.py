"""Rows of the log of requests that stand for several; one index less.

Revision ID: 0038
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0038"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column with a default, and another key; no row is written anew. A server of before goes on writing meanwhile."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("restore a backup instead")
