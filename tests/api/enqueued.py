"""Statements that leave with the next one (storage/pipelining.py): no method of the driver is called for them, which tests record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from entrepot.storage.pipelining import PipelinedTransaction

Told = TypeVar("Told")


def tell_enqueued(
    patch: pytest.MonkeyPatch, seen: list[Told], tell: Callable[[str, tuple[Any, ...]], Told | None]
) -> None:
    """What `tell` says of each that is enqueued is added to `seen`, but for one that then leaves by the driver after all: that is seen
    there.
    """
    plain_enqueue, plain_flush = PipelinedTransaction.enqueue, PipelinedTransaction.flush

    def enqueue(self: PipelinedTransaction, query: str, args: tuple[Any, ...]) -> bool:
        enqueued = plain_enqueue(self, query, args)
        told = tell(query, args) if enqueued else None
        if told is not None:
            seen.append(told)
        return enqueued

    async def flush(self: PipelinedTransaction) -> None:
        told = None if self._last is None else tell(*self._last)
        if told is not None:
            del seen[len(seen) - 1 - seen[::-1].index(told)]
        await plain_flush(self)

    patch.setattr(PipelinedTransaction, "enqueue", enqueue)
    patch.setattr(PipelinedTransaction, "flush", flush)
