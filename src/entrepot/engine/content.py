"""The body of a request: counted before it is parsed, parsed at most once."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from entrepot.engine.wire.json import count_values, encode, parse
from entrepot.kernel.errors import ApiError, BodyTooManyValuesError

OFF_LOOP = 64 * 1024
"""Bytes of a body from which on it is parsed and judged in a thread. There other requests take their turn at each number
and each property, every 5 ms; a body of this size keeps them waiting for about as long."""
_NULL = b"null"


class Content:
    """A body and, once somebody asks, its JSON value. Whoever gets the value must not change it.

    optional: whether nothing and `null` mean that no body was sent (Body.required); then the value is an empty object.
    """

    __slots__ = ("_optional", "_raw", "_refusal", "_value")

    def __init__(self, raw: bytes = b"", *, optional: bool = False) -> None:
        self._raw: bytes | None = raw
        self._optional = optional
        self._value: Any = ...
        self._refusal: ApiError | None = None

    @classmethod
    def of(cls, value: Any) -> Content:
        """The content of a value that is known; its text is made where somebody asks for it."""
        content = cls()
        content._value, content._raw = value, None
        return content

    @property
    def raw(self) -> bytes:
        if self._raw is None:
            self._raw = encode(self._value)
        return self._raw

    @property
    def is_null(self) -> bool:
        """Whether somebody has sent `null`."""
        return len(self.raw) < OFF_LOOP and self.raw.strip() == _NULL

    @property
    def is_given(self) -> bool:
        """Whether there is anything else than nothing and `null`."""
        return bool(self.raw) and not self.is_null

    @property
    def is_large(self) -> bool:
        return len(self.raw) > OFF_LOOP

    @property
    def value(self) -> Any:
        """Raises InvalidBodyError, each time that somebody asks."""
        if self._value is ... and self._refusal is None:
            self._parse()
        if self._refusal is not None:
            # Each time anew: what is raised again and again would gather the traces of all of them.
            raise self._refusal.with_traceback(None)
        return self._value

    async def examine(self, limit: int) -> None:
        """Raise BodyTooManyValuesError for more than `limit` values; parse a large body where that holds up nobody.

        What else is wrong with it is said to whoever asks for the value, in the operation's own order of checks.
        """
        if len(self.raw) > limit and count_values(self.raw) > limit:
            raise BodyTooManyValuesError(limit)
        if self.is_large:
            await asyncio.to_thread(self._parse)

    def _parse(self) -> None:
        if self._optional and not self.is_given:
            self._value = {}
            return
        try:
            self._value = parse(self.raw)
        except ApiError as refusal:
            self._refusal = refusal


NO_BODY: Final = Content()
"""Of requests that have none."""
