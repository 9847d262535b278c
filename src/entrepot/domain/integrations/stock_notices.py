"""Which changes of stock are told where not all of them are (INV-2)."""

from __future__ import annotations


def is_notable(before: int, after: int, point: int | None) -> bool:
    """Whether a quantity has run out, or come back, or lies at or has risen above its notification point."""
    if after <= 0 or before <= 0 < after:
        return True
    return point is not None and (after <= point or before <= point < after)
