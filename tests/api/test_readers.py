"""docs/reference/hostile-input.md: what is tried at which operation. `python -m tests.api.test_readers` writes it anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from pathlib import Path

from tests.api.readers import BODY_READERS, LIST_READERS
from tests.api.test_bad_input import TAKES_BODY, bodies_of, chosen
from tests.api.test_bad_lists import LISTS, OPERATIONS, classes_of, rows_of

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "hostile-input.md"
TITLE = """# Hostile input

What tests send in place of what is meant. There is one parser of query strings and one of bodies; their readers are the
functions that ask them. At one operation of each reader everything is tried, at all others one of each class, another one
at each. Who reads what is seen while the server answers: an operation with a reader that is not named here fails its test.
"""
Classes = Mapping[str, Sized]


def part(
    title: str,
    readers: Mapping[str, str],
    names: Iterable[str],
    known: Callable[[str], Classes],
    sent: Callable[[str], Classes],
) -> str:
    """The table of the classes and that of the readers."""
    names = list(names)
    classes: dict[str, list[int]] = {}
    for name in names:
        now = sent(name)
        for kind, rows in known(name).items():
            counted = classes.setdefault(kind, [0, 0, 0, 0])
            in_full = name in readers.values()
            for place, number in enumerate((len(rows), int(in_full), int(not in_full), len(now[kind]))):
                counted[place] = max(counted[place], number) if place == 0 else counted[place] + number
    pairs = sum(full + single for _, full, single, _ in classes.values())
    before = sum(len(rows) for name in names for rows in known(name).values())
    after = sum(requests for *_, requests in classes.values())
    return "\n".join([
        f"## {title}",
        "",
        f"{len(names)} operations, {len(readers)} readers; {pairs:,} pairs of an operation and a class, of which none is left out:",
        f"{after:,} requests, where everything everywhere would be {before:,}.",
        "",
        "| class | rows | operations with all of them | operations with one | requests |",
        "|---|---|---|---|---|",
        *(f"| {kind} | {' | '.join(f'{number:,}' for number in counted)} |" for kind, counted in classes.items()),
        "",
        "| reader | everything is tried at |",
        "|---|---|",
        *(f"| `{reader}` | {name} |" for reader, name in readers.items()),
        "",
    ])  # fmt: skip


def page() -> str:
    return "\n".join(
        [
            TITLE,
            part(
                "Query strings of lists",
                LIST_READERS,
                LISTS,
                lambda name: classes_of(OPERATIONS[name]),
                lambda name: rows_of(OPERATIONS[name]),
            ),
            part("Bodies", BODY_READERS, TAKES_BODY, bodies_of, chosen),
        ]
    )


def test_readers_are_named_at_operations() -> None:
    assert set(LIST_READERS.values()) <= set(LISTS)
    assert set(BODY_READERS.values()) <= set(TAKES_BODY)


def test_no_class_is_left_out() -> None:
    """Each at every operation, and each of its rows at more than one."""
    for name in LISTS:
        assert rows_of(OPERATIONS[name]).keys() == classes_of(OPERATIONS[name]).keys()
    for name in TAKES_BODY:
        assert chosen(name).keys() == bodies_of(name).keys()


def test_the_page_is_what_is_tried() -> None:
    assert PAGE.read_text() == page()


if __name__ == "__main__":
    PAGE.write_text(page())
