"""Identities at identity providers belong to users, and logins come back from there once.

Revision ID: 0016
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError(
        "who has logged in by an identity provider would be forgotten; restore a backup instead"
    )
