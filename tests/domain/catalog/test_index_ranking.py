"""The foremost matches of a search (SRCH-4), chosen over bitmaps, against ranking all of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from entrepot.domain.catalog.index.conditions import AnyOf
from entrepot.domain.catalog.index.index import IndexedProduct, ProductIndex
from entrepot.domain.catalog.index.ranking import Found, Ranking, foremost

LEXICON = ("red", "chair", "wool")
Fields = tuple[tuple[str, ...], ...]
fields = st.tuples(*(st.lists(st.sampled_from((*LEXICON, "rare")), max_size=4).map(tuple) for _ in range(3)))
untold = st.sampled_from((None, None, None, 0, 2))
PROMINENT = (0, 1)


def product(number: int, place: int, texts: Fields, untold: int | None = None) -> IndexedProduct:
    """untold: the field of which it is not told how its words follow each other."""
    told = [None if field == untold else text for field, text in enumerate(texts)]
    return IndexedProduct(number, place, 0, (), (), words=texts, stems=texts, sequences=told)


def rank(texts: Fields, phrase: tuple[str, ...], searched: tuple[int, ...]) -> tuple[int, int, int]:
    """The lower the better: where the phrase is, how many terms are nowhere, how many in no prominent field."""
    above = [each for each in searched if each in PROMINENT]
    terms = dict.fromkeys(phrase)

    def holds(place: int) -> bool:
        text = texts[place]
        return any(text[start : start + len(phrase)] == phrase for start in range(len(text)))

    def found(term: str, places: list[int] | tuple[int, ...]) -> bool:
        return any(term in texts[place] for place in places)

    place = 0 if any(map(holds, above)) else 1 if any(map(holds, searched)) else 2
    missing = sum(not found(term, searched) for term in terms)
    return place, missing, sum(found(term, searched) and not found(term, above) for term in terms)


def ranking(index: ProductIndex, phrase: tuple[str, ...], searched: tuple[int, ...]) -> Ranking:
    above = [each for each in searched if each in PROMINENT]
    words, stems = index.vocabulary.words, index.vocabulary.stems
    return Ranking(
        words=tuple(Found(AnyOf(words.terms(w, above)), AnyOf(words.terms(w, searched))) for w in phrase),
        sequence=tuple(words.number(word, 0) for word in phrase),
        prominent=tuple(above),
        others=tuple(each for each in searched if each not in above),
        terms=tuple(
            Found(AnyOf(stems.terms(w, above)), AnyOf(stems.terms(w, searched)))
            for w in dict.fromkeys(phrase)
        ),
    )


@settings(max_examples=200)
@given(
    st.lists(st.tuples(fields, untold), max_size=15),
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 40), st.tuples(fields, untold)), max_size=4),
    st.lists(st.sampled_from(LEXICON), min_size=1, max_size=3).map(tuple),
    st.sampled_from([(0, 1, 2), (1,), (2,), (0, 2)]),
    st.integers(1, 8),
)
def test_the_foremost_matches_are_among_those_chosen(
    texts: list[tuple[Fields, int | None]],
    changed: list[tuple[int, int, tuple[Fields, int | None]]],
    phrase: tuple[str, ...],
    searched: tuple[int, ...],
    count: int,
) -> None:
    """By rank, then by ID: also of products that have got other words and other IDs, and of new ones. Where they are sure to be the
    first ones they are so in their order.
    """
    index = ProductIndex(0, words=LEXICON, stems=LEXICON, facets=0)
    catalog = {number: (2 * number, each) for number, each in enumerate(texts)}
    for number, (place, each) in catalog.items():
        index.add(product(number, place, *each))
    for epoch, (number, place, each) in enumerate(changed, 1):
        catalog[number] = place, each
        index.apply(epoch, {number: product(number, place, *each)})
    matches = {
        number: (*rank(each, phrase, searched), place)
        for number, (place, (each, _)) in catalog.items()
        if any(word in each[field] for word in phrase for field in searched)
    }
    slots = BitMap(slot for slot in index.products if index.numbers[slot] in matches)
    chosen = foremost(ranking(index, phrase, searched), index, slots, count, most=100)
    assert chosen is not None
    numbers = [index.numbers[slot] for slot in chosen.slots]
    assert len(set(numbers)) == len(numbers)
    assert set(numbers) <= set(matches)
    last = sorted(matches.values())[:count][-1:]
    assert {number for number, key in matches.items() if last and key < last[0]} <= set(numbers)
    assert len(numbers) >= min(count, len(matches))
    if chosen.sure:
        assert numbers == sorted(matches, key=matches.__getitem__)[:count]
    else:
        assert index.unordered or any(
            missing is not None for _, missing in (each for _, each in catalog.values())
        )
        assert foremost(ranking(index, phrase, searched), index, slots, count, most=0) is None
