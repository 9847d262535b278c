"""Where phrases stand among the words of products, against looking at each of them: first asked, asked again, after changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from entrepot.domain.catalog.index import sequences
from entrepot.domain.catalog.index.sequences import NO_WORD, Sequences

FIELDS = 3
# Numbers whose bytes, one after another, hold others of them.
numbers = st.sampled_from((1, 0x0100, 0x010000, 0x01000001 >> 8, 0x0101, NO_WORD))
fields = st.lists(st.none() | st.lists(numbers, max_size=4), max_size=FIELDS)
phrases = st.lists(numbers.filter(lambda number: number != NO_WORD), min_size=1, max_size=3)
steps = st.lists(st.tuples(st.integers(0, 400), fields) | phrases, max_size=12)


def plainly(rows: list[list[list[int] | None]], slots: BitMap, phrase: list[int]) -> tuple[BitMap, ...]:
    """By field the slots whose words hold the phrase."""

    def holds(words: list[int] | None) -> bool:
        return words is not None and any(
            words[start : start + len(phrase)] == phrase for start in range(len(words) - len(phrase) + 1)
        )

    return tuple(
        BitMap(slot for slot in slots if field < len(rows[slot]) and holds(rows[slot][field]))
        for field in range(FIELDS)
    )


@pytest.mark.parametrize(("room", "most"), [(0, 20_000), (100_000, 20_000), (100_000, 1)])
@given(st.lists(fields, min_size=1, max_size=300), steps, st.data())
def test_phrases_are_found_in_the_fields_that_have_them(
    room: int, most: int, rows: list[list[list[int] | None]], steps: list[object], data: st.DataObject
) -> None:
    index = Sequences(FIELDS)
    for row in rows:
        index.append(row)
    index.keep_phrases(room)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sequences, "MOST_WRITTEN", most)
        for step in steps:
            if isinstance(step, tuple):
                slot, row = step[0] % len(rows), step[1]
                rows[slot] = row
                index.write(slot, row)
                continue
            assert isinstance(step, list)
            asked = BitMap(data.draw(st.sets(st.integers(0, len(rows) - 1))))
            for slots in (asked, BitMap(range(len(rows)))):
                assert index.having(slots, step) == plainly(rows, slots, step)
    for field, untold in enumerate(index.untold):
        assert set(untold) == {
            slot for slot, row in enumerate(rows) if field < len(row) and row[field] is None
        }


def test_a_field_is_found_once_however_often_the_phrase_is_there() -> None:
    """A description of nothing but the phrase would hold the event loop for a second, in 10,000 products."""
    index, phrase, finds = Sequences(FIELDS), [1, 2], 0
    fields = [phrase, [3], [*phrase, 0x0100, *phrase] * 100]

    class Counted(bytes):
        def find(self, *args: Any) -> int:
            nonlocal finds
            finds += 1
            return super().find(*args)

    index.append(fields)
    index.write(0, fields)
    index._later[0] = Counted(index._later[0])
    assert index.having(BitMap([0]), phrase) == (BitMap([0]), BitMap(), BitMap([0]))
    assert finds <= 2 * FIELDS
