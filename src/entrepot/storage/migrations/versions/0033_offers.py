"""Marketplaces are offered before they are given; accounts and teams are found by an index of trigrams.

Revision ID: 0033
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0033"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An empty table, and two indexes of small ones."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("offers are needed by what runs now; restore a backup instead")
