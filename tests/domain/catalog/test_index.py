"""The index of products against a plain reading: the same answers over bitmaps, over single rows, and after changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from entrepot.domain.catalog.index.conditions import All, AnyOf, Condition, Either, Not
from entrepot.domain.catalog.index.counts import Counts, Order, counted, matching, moved, unmoved
from entrepot.domain.catalog.index.index import IndexedProduct, ProductIndex
from entrepot.domain.catalog.index.questions import Filter, Question, Sight, brought, visible
from entrepot.domain.catalog.index.vocabulary import Flag, Value, ValueKind

TOKENS = tuple(range(8, 32))
WORDS = ("chair", "table", "steel", "wool", "rare")
LEXICON = WORDS[:-1]
PLACES = 2
NUMBERS = range(1, 25)
ALWAYS = frozenset({1})

values = st.builds(
    Value,
    st.integers(0, PLACES - 1),
    st.sampled_from([ValueKind.TEXT, ValueKind.NUMBER]),
    st.sampled_from(["", "5", "red"]),
)
words = st.tuples(*(st.lists(st.sampled_from(WORDS), max_size=2).map(tuple) for _ in range(3)))


def products(number: int) -> st.SearchStrategy[IndexedProduct]:
    return st.builds(
        IndexedProduct,
        st.just(number),
        st.sampled_from([number, 100 + number]),
        st.integers(0, 1),
        flags=st.sampled_from([frozenset({Flag.ACTIVE}), frozenset()]),
        tokens=st.lists(st.sampled_from(TOKENS), max_size=6, unique=True).map(tuple),
        values=st.lists(values | st.just(Value(0, ValueKind.OTHER)), max_size=3, unique=True).map(tuple),
        words=words,
        stems=words,
        parts=st.none() | st.lists(st.sampled_from(NUMBERS), max_size=3).map(tuple),
    )


catalogs = st.fixed_dictionaries({}, optional={number: products(number) for number in NUMBERS})
changes = st.fixed_dictionaries(
    {}, optional={number: st.none() | products(number) for number in (*NUMBERS[::3], 40)}
)


@dataclass(frozen=True)
class Asked:
    """A question in words that both readings understand."""

    inside: tuple[int, ...]
    listed: tuple[int, ...]
    hidden: tuple[int, ...]
    elsewhere: tuple[int, ...]
    placed: tuple[int, ...] | None
    words: tuple[str, ...]
    weights: tuple[int, ...]
    every: bool
    filters: tuple[tuple[int, str], ...]
    present: int | None

    def sees(self, product: IndexedProduct, catalog: dict[int, IndexedProduct]) -> bool:
        itself = (
            Flag.ACTIVE in product.flags
            and _meets(product, self.inside)
            and (_meets(product, self.listed) and not _meets(product, self.hidden))
        )
        parts = [catalog.get(number) for number in product.parts or ()]
        return itself and all(
            part is not None and Flag.ACTIVE in part.flags and _meets(part, self.elsewhere) for part in parts
        )

    def in_scope(self, product: IndexedProduct, catalog: dict[int, IndexedProduct]) -> bool:
        return self.sees(product, catalog) and (self.placed is None or _meets(product, self.placed))

    def found(self, product: IndexedProduct) -> bool:
        held = [any(word in product.stems[weight] for weight in self.weights) for word in self.words]
        return not self.words or (all(held) if self.every else any(held))

    def passes(self, product: IndexedProduct, but: int | None = None) -> bool:
        own = all(place == but or text in _texts(product, place) for place, text in self.filters)
        there = self.present is None or any(place == self.present for place, _, _ in product.values)
        return own and there

    def compiled(self, index: ProductIndex) -> Question:
        known, stems = index.vocabulary.tokens, index.vocabulary.stems
        active = AnyOf(frozenset({int(Flag.ACTIVE)}))
        shown = Either((AnyOf(known(self.listed[:1])), AnyOf(known(self.listed[1:]))))
        here = All((active, AnyOf(known(self.inside)), shown, Not(AnyOf(known(self.hidden)))))
        each: tuple[Condition, ...] = tuple(AnyOf(stems.terms(word, self.weights)) for word in self.words)
        filters = [
            Filter(AnyOf(frozenset(index.vocabulary.texts(place).get(text, ()))), place)
            for place, text in self.filters
        ]
        if self.present is not None:
            filters.append(Filter(AnyOf(frozenset(index.vocabulary.present(self.present)))))
        return Question(
            Sight(here, All((active, AnyOf(known(self.elsewhere))))),
            All(()) if self.placed is None else AnyOf(known(self.placed)),
            (All(each) if self.every else Either(each)) if each else All(()),
            tuple(filters),
        )


some = st.lists(st.sampled_from(TOKENS), max_size=12).map(tuple)
questions = st.builds(
    Asked,
    *[some] * 4,
    st.none() | some,
    st.lists(st.sampled_from(LEXICON), max_size=2).map(tuple),
    st.sampled_from([(0, 1, 2), (1,), (0, 2)]),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["", "5", "red"])), max_size=3).map(tuple),
    st.none() | st.integers(0, 1),
)


def _meets(product: IndexedProduct, tokens: tuple[int, ...]) -> bool:
    return not set(product.tokens).isdisjoint(tokens)


def _texts(product: IndexedProduct, place: int) -> set[str]:
    return {text for at, kind, text in product.values if at == place and kind != ValueKind.OTHER}


def plainly(asked: Asked, catalog: dict[int, IndexedProduct]) -> Counts:
    """What is to be counted, product by product (FAC-4, FAC-5, BND-2)."""
    result = Counts()
    for product in catalog.values():
        if not asked.in_scope(product, catalog):
            continue
        result.total += asked.found(product) and asked.passes(product)
        for place in range(PLACES):
            for text in _texts(product, place):
                result.values[place, text] += asked.found(product) and asked.passes(product, but=place)
                result.offered[place, text] += place in ALWAYS
    return _positive(result)


def found_by(asked: Asked, catalog: dict[int, IndexedProduct]) -> set[int]:
    """The numbers of the matches."""
    return {
        number
        for number, each in catalog.items()
        if asked.in_scope(each, catalog) and asked.found(each) and asked.passes(each)
    }


def _positive(counts: Counts) -> Counts:
    return replace(counts, values=+counts.values, offered=+counts.offered)


def built(catalog: dict[int, IndexedProduct], *, epoch: int = 0) -> ProductIndex:
    index = ProductIndex(epoch, words=LEXICON, stems=LEXICON, facets=PLACES)
    for product in sorted(catalog.values(), key=lambda each: each.place):
        index.add(product)
    return index


def asks(index: ProductIndex, asked: Asked) -> Counts:
    question = asked.compiled(index)
    return counted(question, ALWAYS, index, visible(question.sight, index))


def after(
    catalog: dict[int, IndexedProduct], changed: dict[int, IndexedProduct | None]
) -> dict[int, IndexedProduct]:
    return {number: each for number, each in (catalog | changed).items() if each is not None}


@settings(max_examples=150)
@given(catalogs, questions)
def test_counts_as_a_plain_reading_does(catalog: dict[int, IndexedProduct], asked: Asked) -> None:
    index = built(catalog)
    assert _positive(asks(index, asked)) == plainly(asked, catalog)
    question = asked.compiled(index)
    slots = matching(question, index, visible(question.sight, index))
    assert {index.numbers[slot] for slot in slots} == found_by(asked, catalog)


@settings(max_examples=150)
@given(catalogs, st.lists(changes, min_size=1, max_size=3), questions)
def test_changes_bring_what_was_counted_to_any_epoch(
    catalog: dict[int, IndexedProduct], steps: list[dict[int, IndexedProduct | None]], asked: Asked
) -> None:
    """Forwards and backwards, and what was remembered as visible; the index is then as one built anew."""
    index = built(catalog)
    states = [catalog]
    seen, remembered = [visible(asked.compiled(index).sight, index)], [asks(index, asked)]
    for epoch, changed in enumerate(steps, 1):
        index.apply(epoch, changed)
        states.append(after(states[-1], changed))
        seen.append(visible(asked.compiled(index).sight, index))
        remembered.append(asks(index, asked))
    question, past = asked.compiled(index), [index.at(epoch) for epoch in range(len(states))]
    assert (
        _positive(remembered[-1]) == plainly(asked, states[-1]) == _positive(asks(built(states[-1]), asked))
    )
    for there, since in enumerate(past):
        assert since is not None
        bitmap = BitMap(seen[there])
        brought(bitmap, question.sight, index, since)
        assert bitmap == seen[-1]
        for here, until in enumerate(past):
            assert until is not None
            result = moved(remembered[there], question, ALWAYS, index, since=since, until=until)
            assert _positive(result) == plainly(asked, states[here])


@settings(max_examples=150)
@given(catalogs, changes, changes, questions)
def test_answers_as_of_a_page_between_two_epochs_of_the_index(
    catalog: dict[int, IndexedProduct],
    first: dict[int, IndexedProduct | None],
    second: dict[int, IndexedProduct | None],
    asked: Asked,
) -> None:
    """The index was at 0 when the page was sent, has gone to 2 at once, and the page is of 1 and tells what changed until 1."""
    index = built(catalog)
    between = after(catalog, first)
    end = after(between, second)
    index.apply(2, {number: end.get(number) for number in {*first, *second}})
    page = index.at(0, {number: between.get(number) for number in first})
    assert page is not None
    question = asked.compiled(index)
    here = asks(index, asked)
    result = moved(here, question, ALWAYS, index, since=index.now(), until=page)
    assert _positive(result) == plainly(asked, between)
    sent = index.at(0)
    assert sent is not None
    same = found_by(asked, catalog) == found_by(asked, between)
    assert unmoved(question, index, Order.NONE, since=sent, until=page) == same


def test_a_page_may_tell_of_a_product_that_came_and_went() -> None:
    """Between the epoch that the index had when the page was sent and the one that it has now."""
    index = built({})
    index.apply(2, {7: None})
    page = index.at(0, {7: IndexedProduct(7, 7, 0, {Flag.ACTIVE}, TOKENS)})
    assert page is not None
    asked = Asked(TOKENS, TOKENS, (), TOKENS, None, (), (), True, (), None)
    question = asked.compiled(index)
    assert moved(Counts(), question, ALWAYS, index, since=index.now(), until=page).total == 1
    assert not index.products


def test_a_page_of_a_product_that_came_back_is_not_as_it_was_sent() -> None:
    """It was gone at the page, whatever the index has learnt since: the page has one match less than were named."""
    there = IndexedProduct(7, 7, 0, {Flag.ACTIVE}, TOKENS)
    index = built({7: there})
    index.apply(2, {7: there})
    sent, page = index.at(0), index.at(0, {7: replace(there, flags=())})
    assert sent is not None
    assert page is not None
    question = Asked(TOKENS, TOKENS, (), TOKENS, None, (), (), True, (), None).compiled(index)
    assert not unmoved(question, index, Order.MARK, since=sent, until=page)
    assert unmoved(question, index, Order.MARK, since=sent, until=index.now())


def test_forgets_what_is_long_ago() -> None:
    index = built({1: IndexedProduct(1, 1, 1, (), ())})
    for epoch in range(1, 6_000):
        index.apply(epoch, {1: IndexedProduct(1, 1, 1, (), (epoch % 7,))})
    assert index.at(0) is None
    assert index.at(5_990) is not None
    assert Counter(index.rows[0].terms if index.rows[0] else ()).total() == 1
    assert index.rough_size < 20_000_000
