"""What became of a mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Posted:
    """What the server said: its code and text; without one, what went wrong. lasting: another attempt cannot help."""

    code: int | None
    text: str
    lasting: bool = False

    @property
    def taken(self) -> bool:
        return self.code is not None and 200 <= self.code < 300
