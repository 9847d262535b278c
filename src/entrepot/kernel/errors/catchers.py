"""Refusals about catchers."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class CatchersOffError(ApiError):
    code = "Catcher.Off"
    status = 403
    message = "This server catches nothing: whoever runs it may switch the setting `catchers` on."


class TooManyCatchersError(ApiError):
    code = "Catcher.TooMany"

    def __init__(self, most: int) -> None:
        super().__init__(
            {"Maximum": most}, message=f"A marketplace has at most {most} catchers: delete one first."
        )
