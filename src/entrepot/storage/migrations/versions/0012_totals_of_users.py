"""How many users each company has, active ones and others, in rows beside.

Revision ID: 0012
"""

from __future__ import annotations

from entrepot.storage.migrations.script import run_beside

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count the users once; nobody adds any meanwhile. The former version would add some without counting them."""
    run_beside(__file__)


def downgrade() -> None:
    """Nothing goes back."""
    raise NotImplementedError("the totals are needed by what runs now; restore a backup instead")
