"""One way out: events that were told, deliveries, and the endpoints that they go to.

Revision ID: 0014
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three empty tables."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("what runs now tells its events there; restore a backup instead")
