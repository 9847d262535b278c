"""What one step of a use case leaves for a later one, be it in the next run of the unit: typed, and known by identity."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class Note(Generic[T]):
    """A kind of note, declared where it is used: `ANSWER: Note[Answer] = Note("the answer of an integration")`."""

    def __init__(self, about: str) -> None:
        self.about = about

    def __repr__(self) -> str:
        return f"<Note of {self.about}>"


class Notes:
    """The notes of a call. `of` tells several of one kind apart."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[Note[Any], Hashable], Any] = {}

    def put(self, note: Note[T], value: T, *, of: Hashable = None) -> None:
        """Leave a value, in place of an earlier one."""
        self._kept[note, of] = value

    def get(self, note: Note[T], *, of: Hashable = None) -> T | None:
        """The value; None where none was left."""
        return cast("T | None", self._kept.get((note, of)))

    def first(self, note: Note[T], value: T) -> T:
        """What was left, else this value, which then is."""
        return cast(T, self._kept.setdefault((note, None), value))

    def add_all(self, others: Notes) -> None:
        """Those of an earlier run."""
        self._kept.update(others._kept)
