"""What the answer of a webhook that was asked means for the request (WH-7, WH-9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """body: what the caller of a blocked request is told, any JSON value. flaw: why an answer that says neither counts as a no."""

    proceeds: bool
    body: Any = None
    flaw: str | None = None


def read(answer: Any, text: str) -> Verdict:
    """Of a complete answer with success: `answer` is its JSON value, ... where it is none, and `text` all that came.

    Nothing but `proceed` as a boolean is a yes or a no: whoever guards something is not understood by guessing.
    """
    proceed = answer.get("proceed") if isinstance(answer, dict) else None
    if proceed is True:
        return Verdict(True)
    if proceed is False:
        return Verdict(False, answer.get("body"))
    flaw = "The answer is no JSON." if answer is ... else "The answer has no boolean property `proceed`."
    return Verdict(False, text, flaw)
