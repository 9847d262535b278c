"""For each term the slots of the products that have it: a bitmap, or a plain array where they are few."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable

from pyroaring import BitMap

FEW = 16
"""Slots up to which an array takes less than a bitmap."""
_BYTES_OF_AN_ARRAY = 96
_BYTES_OF_A_BITMAP = 160
_BYTES_OF_A_PLACE = 8


class Postings:
    """Terms are numbers from 0 on, slots those of products."""

    def __init__(self) -> None:
        self._of: list[array[int] | BitMap | None] = []

    def __len__(self) -> int:
        return len(self._of)

    def grow(self, terms: int) -> int:
        """Make room for further terms; the number of the first."""
        first = len(self._of)
        self._of.extend([None] * terms)
        return first

    def add(self, term: int, slot: int) -> None:
        held = self._of[term]
        if isinstance(held, BitMap):
            held.add(slot)
        elif held is None:
            self._of[term] = array("I", (slot,))
        elif len(held) < FEW:
            if slot not in held:
                held.append(slot)
        else:
            self._of[term] = BitMap((*held, slot))

    def discard(self, term: int, slot: int) -> None:
        held = self._of[term]
        if isinstance(held, BitMap):
            held.discard(slot)
        elif held is not None and slot in held:
            held.remove(slot)

    def union(self, terms: Iterable[int]) -> BitMap:
        """The slots of all of these terms; the caller's own."""
        bitmaps: list[BitMap] = []
        few: array[int] = array("I")
        for term in terms:
            held = self._of[term]
            if isinstance(held, BitMap):
                bitmaps.append(held)
            elif held is not None:
                few.extend(held)
        return BitMap(few).union(*bitmaps) if bitmaps else BitMap(few)

    def among(self, terms: Collection[int], slots: BitMap) -> BitMap:
        """Those of the slots that have any of these terms; the caller's own."""
        if len(terms) > FEW:
            return slots & self.union(terms)
        # Each by itself: less than to unite them, where the slots are fewer than theirs.
        found = BitMap()
        for term in terms:
            held = self._of[term]
            if isinstance(held, BitMap):
                found |= held & slots
            elif held is not None:
                found.update(slot for slot in held if slot in slots)
        return found

    def common(self, term: int, among: BitMap) -> int:
        """How many of these slots the term has."""
        held = self._of[term]
        if isinstance(held, BitMap):
            return held.intersection_cardinality(among)
        return sum(slot in among for slot in held) if held is not None else 0

    def pack(self, term: int) -> None:
        """Give back what a bitmap does not need after many additions."""
        held = self._of[term]
        if isinstance(held, BitMap):
            held.run_optimize()
            held.shrink_to_fit()

    def rough_size(self, entries: int) -> int:
        """About how many bytes all take, with so many slots in all."""
        return (_BYTES_OF_A_PLACE + _BYTES_OF_AN_ARRAY) * len(self._of) + 3 * entries

    def size(self, term: int) -> int:
        """Bytes of one term's slots."""
        held = self._of[term]
        if held is None:
            return _BYTES_OF_A_PLACE
        if isinstance(held, BitMap):
            return _BYTES_OF_A_PLACE + size_of(held)
        return _BYTES_OF_A_PLACE + _BYTES_OF_AN_ARRAY + 4 * len(held)


def size_of(bitmap: BitMap) -> int:
    """Bytes of a bitmap, as its containers tell."""
    told = bitmap.get_statistics()
    dense = told["n_bytes_bitset_containers"]
    return _BYTES_OF_A_BITMAP + told["n_bytes_array_containers"] + told["n_bytes_run_containers"] + dense
