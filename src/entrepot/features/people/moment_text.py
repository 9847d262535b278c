"""An instant as the wire spells it, made by the database (BODY-6)."""

from __future__ import annotations


def moment_text(column: str) -> str:
    """The SQL of a timestamptz as format_datetime writes it: at most three fraction digits, no trailing zeros."""
    digits = f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS')"""
    return f"rtrim(rtrim({digits}, '0'), '.') || '+00:00'"
