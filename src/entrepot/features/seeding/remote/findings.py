"""What reading a marketplace has found that its records do not show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Findings:
    """All of it is told at the end; nothing of the source is missing in silence."""

    refused: dict[str, str] = field(default_factory=dict)
    """Operation -> what was said: lists that the token may not read."""
    unknown: Counter[str] = field(default_factory=Counter)
    """`Products.NewProperty` -> how often: what this version does not know, and left out."""
    redacted: Counter[str] = field(default_factory=Counter)
    """`Webhooks.hook.HashKey` -> how often: secrets that cannot be read, or are not to leave their server."""
    gone: Counter[str] = field(default_factory=Counter)
    """Kind -> how many lists led through something that was deleted meanwhile."""
    short: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Operation and path -> records read, records that the source counts: where it changed while it was read, or cannot be read
    to its end."""

    cleared: Counter[str] = field(default_factory=Counter)
    """`Products.DefaultPriceScheduleID` -> how often: what named something that was not read, and is left empty."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Kind -> how many records, which are nothing without something that was not read."""

    unfit: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Kind -> how many records this server refuses that would not be refused if all had been read, and why the first of them."""

    @property
    def is_partial(self) -> bool:
        """Whether something of the source was not read."""
        return bool(self.refused or self.gone or self.short or self.cleared or self.dropped)

    def as_json(self) -> dict[str, Any]:
        """For whoever keeps it between two runs."""
        return {
            "refused": dict(self.refused),
            "unknown": dict(self.unknown),
            "redacted": dict(self.redacted),
            "gone": dict(self.gone),
            "short": {name: list(counts) for name, counts in self.short.items()},
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """What `as_json` has told."""
        self.refused |= kept.get("refused", {})
        self.unknown.update(kept.get("unknown", {}))
        self.redacted.update(kept.get("redacted", {}))
        self.gone.update(kept.get("gone", {}))
        self.short |= {name: (read, total) for name, (read, total) in kept.get("short", {}).items()}
