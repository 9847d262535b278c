"""The words of each product in a row, field by field, in which phrases are looked for."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from entrepot.domain.catalog.index.blocks import BLOCK
from entrepot.domain.catalog.index.postings import size_of
from entrepot.kernel.recent import Recent

NO_WORD = 2**32 - 1
"""For a word that the lexicon does not hold; no word has this number, nor any of more than three bytes."""
_NUMBER = 4
_NEXT_FIELD = array("I", (2**32 - 2,)).tobytes()
MOST_WRITTEN = 20_000
"""Slots that were written again, beyond which nothing is kept of phrases."""
_BYTES_OF_A_BLOCK = 350
_BYTES_OF_AN_ENTRY = 180


@dataclass(slots=True)
class _Phrase:
    """Where a phrase stands: looked for in the slots `known`, by field found in those, as of so many slots that were written again."""

    known: BitMap
    found: tuple[BitMap, ...]
    written: int

    @property
    def size(self) -> int:
        return size_of(self.known) + sum(map(size_of, self.found))


class Sequences:
    """The bytes of the words' numbers, by slot, many products to a block; what is written later stands by itself.

    untold: by field the slots of products of whose words there it is not known how they follow each other.
    """

    def __init__(self, fields: int) -> None:
        self.untold = tuple(BitMap() for _ in range(fields))
        self._blocks: list[bytearray] = []
        self._ends: list[array[int]] = []
        self._later: dict[int, bytes] = {}
        self._count = 0
        self.keep_phrases(0)

    def append(self, fields: Sequence[Iterable[int] | None]) -> None:
        """Write those of the next slot, of no more fields than there are; None where they are not told."""
        if self._count % BLOCK == 0:
            self._blocks.append(bytearray())
            self._ends.append(array("I"))
        self._blocks[-1] += self._bytes(self._count, fields)
        self._ends[-1].append(len(self._blocks[-1]))
        self._count += 1

    def write(self, slot: int, fields: Sequence[Iterable[int] | None]) -> None:
        """The same of a slot that was written before."""
        self._later[slot] = self._bytes(slot, fields)
        self._written.append(slot)
        if len(self._written) > MOST_WRITTEN:
            self.keep_phrases(self._room)

    def keep_phrases(self, room: int) -> None:
        """Forget where phrases stand, and keep from now on what is found, in so many bytes."""
        self._room = room
        self._phrases: Recent[_Phrase] = Recent(room)
        self._written: list[int] = []

    def having(self, slots: BitMap, words: Sequence[int]) -> tuple[BitMap, ...]:
        """By field, which of the slots have the words there in a row, as far as that is told. Half a microsecond for each of which
        that is not kept: one shopper's search finds it for all.
        """
        phrase = array("I", words).tobytes()
        kept = self._phrases.get(phrase)
        if kept is None:
            kept = _Phrase(BitMap(), tuple(BitMap() for _ in self.untold), len(self._written))
        if kept.written < len(self._written):
            again = BitMap(self._written[kept.written :])
            for each in (kept.known, *kept.found):
                each.difference_update(again)
            kept.written = len(self._written)
        missing = slots - kept.known
        if missing:
            for each, new in zip(kept.found, self._looked_for(missing, phrase), strict=True):
                each.update(new)
            kept.known |= missing
            self._phrases.keep(phrase, kept, kept.size)
        return tuple(each & slots for each in kept.found)

    def _looked_for(self, slots: BitMap, phrase: bytes) -> list[list[int]]:
        """The same, one by one."""
        blocks, all_ends, changed = self._blocks, self._ends, self._later
        found: list[list[int]] = [[] for _ in self.untold]
        row: bytes | bytearray
        for slot in slots:
            if slot in changed:
                row, begin, end = changed[slot], 0, len(changed[slot])
            else:
                block, place = divmod(slot, BLOCK)
                row, ends = blocks[block], all_ends[block]
                begin, end = ends[place - 1] if place else 0, ends[place]
            at = row.find(phrase, begin, end)
            while at >= 0:
                if at % _NUMBER:
                    # Bytes of two numbers may look like one.
                    at = row.find(phrase, at + 1, end)
                    continue
                found[row.count(_NEXT_FIELD, begin, at)].append(slot)
                # Once is enough of a field, which may hold nothing but the phrase, hundreds of times.
                further = row.find(_NEXT_FIELD, at, end)
                at = row.find(phrase, further, end) if further >= 0 else further
        return found

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        blocks = sum(map(len, self._blocks)) + len(self._blocks) * (_BYTES_OF_A_BLOCK + 4 * BLOCK)
        return blocks + sum(map(size_of, self.untold)) + sum(map(_size_of_entry, self._later.values()))

    def _bytes(self, slot: int, fields: Sequence[Iterable[int] | None]) -> bytes:
        for field, untold in enumerate(self.untold):
            is_told = field >= len(fields) or fields[field] is not None
            (untold.discard if is_told else untold.add)(slot)
        return _NEXT_FIELD.join(array("I", words or ()).tobytes() for words in fields)


def _size_of_entry(row: bytes) -> int:
    return _BYTES_OF_AN_ENTRY + len(row)
