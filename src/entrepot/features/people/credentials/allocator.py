"""The C library's memory, of which each hash takes some 19 MiB for 20 ms. Without glibc nothing here does anything."""

from __future__ import annotations

import ctypes
from typing import Any

_ARENA_MAX = -8


def _glibc() -> Any:
    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None


_library = _glibc()


def share_one_arena() -> None:
    """Let all threads take memory from one place: from a thread's own it would never be given back. To be called before
    there are threads. Since Python runs one of them at a time, they hardly wait for one another.
    """
    if _library is not None:
        _library.mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Hand the memory that nobody uses back to the system; takes some milliseconds, without the interpreter lock."""
    if _library is not None:
        _library.malloc_trim(ctypes.c_size_t(0))
