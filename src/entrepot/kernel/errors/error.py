"""What an error is: a wire code, a status, a message, and data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

LONGEST_ECHO = 100
"""Characters of a refused value that its error repeats."""


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One entry of the error envelope."""

    code: str
    message: str
    data: Any = None


class ApiError(Exception):
    """A refusal with a wire code. Subclasses fix code, status and message."""

    code: ClassVar[str] = "ServerError"
    status: ClassVar[int] = 400
    message: ClassVar[str] = "An unknown error has occurred on the server."

    def __init__(self, data: Any = None, *, message: str | None = None) -> None:
        self.data = data
        self.text = message or self.message
        super().__init__(f"{self.code}: {self.text}")

    def items(self) -> tuple[ErrorItem, ...]:
        """The entries of the envelope, in order."""
        return (ErrorItem(self.code, self.text, self.data),)

    def headers(self) -> dict[str, str]:
        """Response headers that belong to the refusal."""
        return {}
