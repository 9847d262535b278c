"""Migrations as SQL files."""

from __future__ import annotations

from pathlib import Path

from alembic import op


def run_beside(revision_file: str) -> None:
    """Run the statements of the .sql file beside a revision; each ends with `;` at the end of a line."""
    for statement in Path(revision_file).with_suffix(".sql").read_text().split(";\n"):
        if statement.strip():
            op.execute(statement)
