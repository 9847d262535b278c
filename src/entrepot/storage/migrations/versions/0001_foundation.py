"""The foundation: marketplaces, organizations, users, clients, sessions, settings.

Revision ID: 0001
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = ("citext", "pg_trgm", "btree_gin")


def upgrade() -> None:
    """Create the extensions and every table with its indexes."""
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """There is nothing before the foundation."""
    raise NotImplementedError("the foundation cannot be taken back; drop the database instead")
