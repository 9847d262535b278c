"""The foundation: marketplaces, organizations, users, clients, sessions, settings.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op

from entrepot.storage.migrations.script import run_beside

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = ("citext", "pg_trgm", "btree_gin")


def upgrade() -> None:
    """Create the extensions and every table with its indexes."""
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    run_beside(__file__)


def downgrade() -> None:
    """There is nothing before the foundation."""
    raise NotImplementedError("the foundation cannot be taken back; drop the database instead")
