"""A seed file on its way into a preparation: first all of its objects, so that these are known, then what is left.

What is left is read before it is judged: products are written with what it says of who sees them, and meanwhile it is judged.
"""

from __future__ import annotations

from asyncio import Event, sleep
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from entrepot.features.seeding.preparing import Preparation
from entrepot.features.seeding.problems import Problems, reading_error
from entrepot.features.seeding.reading import Named, Record, SeedFileError, read_records

Fill = Callable[[Record], Record]
"""Changes a record on its way: the demo's passwords, which stand in no file."""
SLICE = 25
"""Records that are taken in one piece, of less than a millisecond: so long does the database wait at most for whoever writes meanwhile."""


class Intake:
    """The records of one file. advance: is told of the bytes read. note: is told of each record, before it is judged."""

    def __init__(
        self,
        path: Path,
        preparation: Preparation,
        problems: Problems,
        advance: Callable[[int], None],
        fill: Fill = lambda record: record,
        note: Callable[[Record], None] = lambda _record: None,
    ) -> None:
        self._records = _records(path, advance, preparation.name)
        self._preparation = preparation
        self._problems = problems
        self._fill = fill
        self._note = note
        self._taken = 0
        self.is_read = Event()
        """Set when `note` has been told of all records."""

    async def objects(self) -> None:
        """Until no object can follow, since their section is over; where something is wrong with them, to the end. Raises SeedRefusedError
        then, for all that is wrong, and for a file that cannot be read.
        """
        begun = False
        for record in self._records:
            is_object = record.section == "Objects"
            if begun and not is_object:
                self._records = chain((record,), self._records)
                break
            begun = begun or is_object
            self._note(record)
            await self._take(record)
        self._preparation.check_references("Objects")
        if self._problems:
            await self._rest()
        self._preparation.complete.put_nowait(None)

    async def all(self) -> None:
        """All of it. Raises SeedRefusedError for all that is wrong."""
        await self.objects()
        await self._rest()

    async def _rest(self) -> None:
        left = deque[Record]()
        for record in self._records:
            self._note(record)
            left.append(record)
            await self._let_write()
        self.is_read.set()
        while left:
            await self._take(left.popleft())
        self._preparation.check_references("Assignments")
        self._problems.refuse()

    async def _take(self, record: Record) -> None:
        await self._preparation.take(self._fill(record))
        await self._let_write()

    async def _let_write(self) -> None:
        self._taken += 1
        if self._taken % SLICE == 0:
            await sleep(0)


def _records(path: Path, advance: Callable[[int], None], named: Named) -> Iterator[Record]:
    try:
        yield from read_records(path, advance, named)
    except SeedFileError as error:
        raise reading_error(error) from None
