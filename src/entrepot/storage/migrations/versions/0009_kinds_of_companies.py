"""Whether orders and subscriptions are from and to the marketplace owner, beside the companies' IDs.

Revision ID: 0009
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Fill the columns from what the IDs say, and for orders from what kind of user made them. Warns of buyers that have a
    marketplace's ID, whose former orders may be either's.
    """
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the columns decide who sees what; restore a backup instead")
