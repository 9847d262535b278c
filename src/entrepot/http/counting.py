"""Counting the attempts of operations that somebody could use for guessing (HTTP-6)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from entrepot.declare.operation import PORTAL_ROOT, Counted, Operation
from entrepot.engine.attempts import Attempts, Of, Peer
from entrepot.engine.principal import Account, Principal

_EACH_CALL = {Counted.CALLS: Of.SESSIONS, Counted.LETTERS: Of.LETTERS}
"""By which bucket those are counted of which each call is, whatever comes of it."""


@contextmanager
def counting(
    attempts: Attempts, operation: Operation, peer: Peer, who: Account | Principal | None
) -> Iterator[None]:
    """Around a call of what counts. Raises TooManyAttemptsError."""
    assert operation.counted is not None
    if operation.counted in _EACH_CALL:
        attempts.count((_EACH_CALL[operation.counted], peer.counted))
        yield
        return
    with attempts.guess((Of.ADDRESS, peer.counted), (Of.CALLER, _tried_by(who))):
        yield


def _tried_by(who: Account | Principal | None) -> tuple[Hashable, ...]:
    """By what the attempts of a caller are counted; by nothing where nobody knows who calls."""
    match who:
        case Account():
            return (PORTAL_ROOT, who.key)
        case Principal():
            return (who.marketplace_id, who.user_key, who.guest_order_id)
        case _:
            return ()
