"""A file that shows messages to people: of the demo, to whoever tries the server. One JSON object a line."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from entrepot.engine.wire.json import encode

NAME = "mailbox.jsonl"
LARGEST = 16 * 1024 * 1024
"""Bytes after which the file begins anew; the former one stays beside it, with `.1` after its name."""


class Mailbox:
    """The file in a data directory, for the owner's eyes alone. Processes may share it: each call is one write."""

    def __init__(self, data_dir: Path) -> None:
        self.place = data_dir / NAME

    def add(self, messages: Sequence[Mapping[str, object]]) -> None:
        """Append messages, in their order. Raises OSError."""
        if self.place.exists() and self.place.stat().st_size > LARGEST:
            self.place.replace(self.place.with_name(f"{NAME}.1"))
        lines = b"".join(encode(message) + b"\n" for message in messages)
        descriptor = os.open(self.place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            file.write(lines)
