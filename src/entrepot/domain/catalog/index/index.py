"""The index of one marketplace's products, as of an epoch of its catalog."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from entrepot.domain.catalog.index.history import History, Past
from entrepot.domain.catalog.index.postings import Postings, size_of
from entrepot.domain.catalog.index.rows import Row, Rows
from entrepot.domain.catalog.index.sequences import NO_WORD, Sequences
from entrepot.domain.catalog.index.vocabulary import WEIGHTS, Flag, Vocabulary

_BYTES_OF_A_PRODUCT = 160
"""A number, the place of its ID, and the entry that finds its slot."""
Words = Sequence[Sequence[str]]
"""By weight."""


@dataclass(frozen=True, slots=True)
class IndexedProduct:
    """A product as the database has it. number: its key; place: what tells the place of its ID in the order of IDs apart;
    mark: the same of all that lists without a sortBy are sorted by; sequences: the words of each field in a row, None for a
    field of which that is not told; parts: numbers of what a bundle holds, None of what is no bundle.
    """

    number: int
    place: int
    mark: int
    flags: Iterable[Flag]
    tokens: Iterable[int]
    values: Iterable[tuple[int, int, str]] = ()
    words: Words = ()
    stems: Words = ()
    sequences: Sequence[Sequence[str] | None] = ()
    parts: tuple[int, ...] | None = None


class ProductIndex:
    """Products by slot. Those that were there at first have their slots in the order of their IDs.

    First every product is added, in that order; what changed meanwhile is applied, and from then on what changes.
    """

    def __init__(self, epoch: int, *, words: Iterable[str], stems: Iterable[str], facets: int) -> None:
        self.epoch = epoch
        self.postings = Postings()
        self.vocabulary = Vocabulary(self.postings, words=words, stems=stems, facets=facets)
        self.rows = Rows()
        self.sequences = Sequences(WEIGHTS)
        self.products = BitMap()
        """The slots of all products that there are."""
        self.bundles = BitMap()
        self.unordered = BitMap()
        """Slots of products whose IDs stand elsewhere in the order than their slots."""
        self.history = History()
        self.numbers: array[int] = array("q")
        self._places: array[int] = array("q")
        self._slots: dict[int, int] = {}
        self._holders: defaultdict[int, set[int]] = defaultdict(set)

    def add(self, product: IndexedProduct) -> int:
        """A further product; its slot."""
        known = self._slots.get(product.number)
        if known is not None:
            # It was renamed while the index was built, and passed by twice.
            self._put(known, None)
        row, slot = self._row(product), len(self.rows)
        self.rows.append(row)
        self.numbers.append(product.number)
        self._places.append(product.place)
        self._slots[product.number] = slot
        self.sequences.append(self._sequences(product))
        for term in row.terms:
            self.postings.add(term, slot)
        self.products.add(slot)
        self._hold(slot, None, row.parts)
        return slot

    def apply(self, epoch: int, changed: Mapping[int, IndexedProduct | None]) -> None:
        """Bring the index to an epoch at which these products, by number, are so, or gone."""
        before: dict[int, Row | None] = {}
        for number, product in changed.items():
            slot = self._slots.get(number)
            if slot is not None:
                before[slot] = self.rows[slot]
                self._change(slot, product)
            elif product is not None:
                slot = self.add(product)
                before[slot] = None
                self.unordered.add(slot)
        self.history.add(epoch, before)
        self.epoch = epoch

    def now(self) -> Past:
        """The products of the present."""
        return Past(self.row, self.slot, {})

    def at(self, epoch: int, known: Mapping[int, IndexedProduct | None] | None = None) -> Past | None:
        """The products as of an epoch that the index once had; None where that is long ago.

        known: products as of a later epoch, all that had changed until then: so it is as of that one.
        """
        changed = self.history.since(epoch)
        if changed is None:
            return None
        if known:
            changed = {**changed, **dict(self._known(known))}
        return Past(self.row, self.slot, changed)

    def row(self, slot: int) -> Row | None:
        return self.rows[slot]

    def slot(self, number: int) -> int | None:
        """Where a product of this number stands, or stood."""
        return self._slots.get(number)

    def holders(self, slot: int) -> Iterable[int]:
        """The slots of the bundles that hold a product."""
        return self._holders.get(self.numbers[slot], ())

    @property
    def rough_size(self) -> int:
        """About how many bytes it takes, rather too many."""
        return self.size_beside_postings + self.postings.rough_size(self.rows.entries)

    @property
    def size_beside_postings(self) -> int:
        """Bytes that it takes, but for postings, which are many, and for what is remembered of questions."""
        sets = size_of(self.products) + size_of(self.bundles) + size_of(self.unordered)
        parts = self.vocabulary.size + self.rows.size + self.sequences.size + self.history.size
        return sets + parts + _BYTES_OF_A_PRODUCT * len(self.numbers)

    def _known(self, products: Mapping[int, IndexedProduct | None]) -> Iterator[tuple[int, Row | None]]:
        for number, product in products.items():
            slot = self._slots.get(number)
            if slot is None and product is not None:
                slot = self._reserve(product)
            if slot is not None:
                yield slot, None if product is None else self._row(product)

    def _reserve(self, product: IndexedProduct) -> int:
        """A slot for a product that came and went between two epochs of the index."""
        slot = self.add(product)
        self.unordered.add(slot)
        self._put(slot, None)
        return slot

    def _sequences(self, product: IndexedProduct) -> list[list[int] | None]:
        number = self.vocabulary.words.number
        return [
            None if words is None else [number(word, NO_WORD) for word in words]
            for words in product.sequences
        ]

    def _change(self, slot: int, product: IndexedProduct | None) -> None:
        self.sequences.write(slot, () if product is None else self._sequences(product))
        self._put(slot, None if product is None else self._row(product))
        if product is not None and self._places[slot] != product.place:
            self._places[slot] = product.place
            self.unordered.add(slot)

    def _row(self, product: IndexedProduct) -> Row:
        vocabulary = self.vocabulary
        terms = {*map(int, product.flags), *map(vocabulary.token, product.tokens)}
        terms.update(map(vocabulary.value, product.values))
        for lexicon, found in ((vocabulary.words, product.words), (vocabulary.stems, product.stems)):
            for weight, words in enumerate(found):
                terms.update(lexicon.known(words, weight))
        return Row(frozenset(terms), product.mark, product.parts)

    def _put(self, slot: int, row: Row | None) -> None:
        """Write another row in a slot."""
        self._spread(slot, self.rows[slot], row)
        self.rows.write(slot, row)

    def _spread(self, slot: int, old: Row | None, row: Row | None) -> None:
        """Note in all sets of slots what is different about a row."""
        had = old.terms if old else frozenset()
        has = row.terms if row else frozenset()
        for term in had - has:
            self.postings.discard(term, slot)
        for term in has - had:
            self.postings.add(term, slot)
        (self.products.discard if row is None else self.products.add)(slot)
        self._hold(slot, old.parts if old else None, row.parts if row else None)

    def _hold(self, slot: int, had: tuple[int, ...] | None, has: tuple[int, ...] | None) -> None:
        for number in had or ():
            self._holders[number].discard(slot)
        for number in has or ():
            self._holders[number].add(slot)
        if has != had:
            (self.bundles.discard if has is None else self.bundles.add)(slot)
