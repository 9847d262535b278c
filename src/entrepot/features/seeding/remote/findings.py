"""What reading a marketplace has found that its records do not show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Findings:
    """All of it is told at the end; nothing of the source is missing in silence."""

    refused: dict[str, str] = field(default_factory=dict)
    """Operation -> what was said: lists that the token may not read."""
    unknown: Counter[str] = field(default_factory=Counter)
    """`Products.NewProperty` -> how often: what this version does not know, and left out."""
    redacted: Counter[str] = field(default_factory=Counter)
    """`ApiClients.ClientSecret` -> how often: secrets that cannot be read, or are not to leave their server."""
    gone: Counter[str] = field(default_factory=Counter)
    """Kind -> how many lists led through something that was deleted meanwhile."""
    short: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Operation and path -> records read, records that the source counts: where it changed while it was read, or cannot be read
    to its end."""

    def as_json(self) -> dict[str, object]:
        """For whoever keeps it between two runs."""
        return {
            "refused": self.refused,
            "unknown": dict(self.unknown),
            "redacted": dict(self.redacted),
            "gone": dict(self.gone),
            "short": {name: list(counts) for name, counts in self.short.items()},
        }
