"""How much work expressions may take."""

from __future__ import annotations

from collections.abc import Callable

MAX_STEPS = 200_000
"""Steps that all expressions of one request take together at the most: nodes visited, lines and elements looked at.

An order of 1,000 lines under twenty promotions with filters of ten nodes takes all of them.
"""
AT_ONCE = 2_000
"""Steps that may be taken in one piece where others wait: some 5 ms."""
BETWEEN_PAUSES = 200
"""Steps after which whoever works elsewhere lets others have a turn: less than a millisecond."""


class TooManyStepsError(Exception):
    """The expressions ask for more work over this order than they may take."""


class HeavyWorkError(Exception):
    """The work is too long to be done while others wait; it can be done again from its beginning, elsewhere."""


class Budget:
    """The steps that are left, counted down by all who share it.

    A budget that is `paced` gives AT_ONCE steps to each piece of work, then raises HeavyWorkError.
    """

    __slots__ = ("_floor", "_pause", "left")

    def __init__(self, steps: int = MAX_STEPS, *, paced: bool = False) -> None:
        self.left = steps
        self._floor = 0
        self._pause: Callable[[], object] | None = None
        if paced:
            self.begin_piece()

    @property
    def is_spent(self) -> bool:
        """Whether anybody has asked for more than there was."""
        return self.left < 0

    def begin_piece(self) -> None:
        """From now on AT_ONCE steps."""
        self._floor, self._pause = max(0, self.left - AT_ONCE), None

    def take_all(self, pause: Callable[[], object]) -> None:
        """From now on as many steps as are left: nobody waits for this work, which `pause` interrupts now and then."""
        self._floor, self._pause = max(0, self.left - BETWEEN_PAUSES), pause

    def spend(self, steps: int) -> None:
        """Raises TooManyStepsError where no steps are left, HeavyWorkError where this piece of work has none."""
        self.left -= steps
        if self.left < self._floor:
            self._end_piece()

    def _end_piece(self) -> None:
        if self.left < 0 and (self._pause is not None or self._floor == 0):
            raise TooManyStepsError
        if self._pause is None:
            raise HeavyWorkError
        self._pause()
        self._floor = max(0, self.left - BETWEEN_PAUSES)
