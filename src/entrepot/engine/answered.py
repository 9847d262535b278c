"""A request that was answered, as those see it who write down what was asked: the log of requests, and recordings."""

from __future__ import annotations

from typing import Protocol


class Answered(Protocol):
    """A request as it was sent, be it by itself or with others, and what it was refused with, if it was."""

    @property
    def id(self) -> str: ...
    @property
    def operation(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def logged_path(self) -> str:
        """Without query and secrets."""
        ...

    @property
    def error(self) -> str | None: ...


class Sent(Answered, Protocol):
    """A request with what it held."""

    @property
    def raw_path(self) -> str: ...
    @property
    def raw_query(self) -> str: ...
    @property
    def sent(self) -> bytes: ...
    @property
    def content_type(self) -> str | None: ...
    @property
    def authorization(self) -> str | None: ...
    @property
    def secret_segments(self) -> tuple[int, ...]: ...
