"""Products have numbers, and a log tells what has changed in catalogs.

Revision ID: 0013
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Write the products once, which takes a few seconds for 100,000. The log begins empty: who misses rows starts anew."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the number and the log are needed by what runs now; restore a backup instead")
