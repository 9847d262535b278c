"""Small files that must not be lost: written whole or not at all, for the owner's eyes alone, and on the disk at once."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def replace(place: Path, text: str) -> None:
    """Write the file, in place of one that is there. Raises OSError."""
    with _draft(place, text) as draft:
        draft.replace(place)


def create(place: Path, text: str) -> bool:
    """Write the file unless there is one; whether it was written. Of two processes at once one writes. Raises OSError."""
    with _draft(place, text) as draft:
        try:
            os.link(draft, place)
        except FileExistsError:
            return False
    return True


@contextlib.contextmanager
def _draft(place: Path, text: str) -> Iterator[Path]:
    place.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield draft
        sync_directory(place.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_directory(directory: Path) -> None:
    """Put the names of its files on the disk, as fsync puts their contents there."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
