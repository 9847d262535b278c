"""Bodies of messages that were shown, with their codes and tokens, go from the database.

Revision ID: 0007
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a body be null, and make it so where the message has been shown."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the bodies are gone; restore a backup instead")
