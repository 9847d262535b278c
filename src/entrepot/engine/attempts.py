"""How often something may be tried before one has to wait (HTTP-6): guesses, and what makes rows and messages."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from entrepot.kernel.buckets import Buckets, Rate
from entrepot.kernel.errors import ApiError, TooManyAttemptsError

Try = tuple["Of", str | tuple[Hashable, ...]]
"""Who tries: by what he is counted, and his key there."""


class Of(enum.Enum):
    """By what attempts are counted. What is refused counts, but for the last three, where each call does."""

    ADDRESS = "address"
    CLIENT = "client"
    NAME = "name"
    CALLER = "caller"
    """The user of a token; each guest by its own order."""
    SESSIONS = "sessions"
    """Guests' tokens and registrations, by address."""
    LETTERS = "letters"
    """Mails to addresses that anybody may name, by the address of who names them."""
    MESSAGES = "messages"
    """Messages with codes, by recipient."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of the connection. `counted` is by what its attempts are counted: "" where the address is
    nobody's own.
    """

    address: str = ""
    counted: str = ""


NOBODY = Peer()

UNLIMITED: Mapping[Of, Rate] = {each: Rate(0) for each in Of}


class Attempts:
    """The buckets of one process."""

    def __init__(
        self, rates: Mapping[Of, Rate] = UNLIMITED, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._buckets = {each: Buckets(rates[each]) for each in Of}

    def may(self, who: Try) -> bool:
        """Take a token of one bucket, where there is one."""
        of, key = who
        return not self._buckets[of].take(key, self._clock())

    def count(self, *tries: Try) -> None:
        """Take a token of each bucket, or of none and raise TooManyAttemptsError. Nobody is limited by an empty key."""
        now = self._clock()
        taken: list[Try] = []
        for of, key in tries:
            if not key:
                continue
            wait = self._buckets[of].take(key, now)
            if wait:
                self._give_back(taken)
                raise TooManyAttemptsError(wait)
            taken.append((of, key))

    @contextmanager
    def guess(self, *tries: Try) -> Iterator[None]:
        """Count what happens inside if it is refused. Tokens are taken before, so that many at once do not pass."""
        self.count(*tries)
        try:
            yield
        except ApiError as error:
            if error.status >= 500:
                self._give_back(tries)
            raise
        except BaseException:
            self._give_back(tries)
            raise
        else:
            self._give_back(tries)

    def _give_back(self, tries: Iterable[Try]) -> None:
        now = self._clock()
        for of, key in tries:
            if key:
                self._buckets[of].give_back(key, now)
