"""Who keeps what comes to catchers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Catches(Protocol):
    """Keeps what comes. Implemented by the feature of catchers."""

    async def __call__(
        self,
        address: str,
        method: str,
        path: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
    ) -> tuple[int, str, str] | None:
        """Status, content type and text of the answer; None where nobody has the address. Raises ApiError."""
        ...
