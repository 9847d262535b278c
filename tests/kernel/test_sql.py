"""SQL has names until it is sent: pieces bring no numbers along, and nobody renumbers texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import entrepot
from entrepot.kernel.sql import Sql

SOURCE = Path(entrepot.__file__).parent
RENUMBERED = {
    "a text's numbers or names replaced": re.compile(r"""\.replace\(\s*f?["'](\$|:[a-z])"""),
    # The hue is a drawing's.
    "a piece's braces filled in afterwards": re.compile(r"""\.replace\(\s*["']\{(?!hue\})[a-z_]+\}"""),
    "another marker for the marketplace": re.compile(r"\{m\}"),
    "a number handed to a piece": re.compile(r"""[(,=]\s*f?["']\$\d+(::\w+)?["']"""),
}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("t.a = :a AND t.b = :b", ("a", "b")),
        (":b + :a + :b", ("b", "a")),
        ("CAST(:since AS date) + :days::int", ("since", "days")),
        ("t.xp::jsonb || '{\"Active\":true}' || :more", ("more",)),
        ("""to_char(t.a, 'HH24:MI:SS') || '"ID":' || t.b[1:3]""", ()),
    ],
)
def test_names_are_found(text: str, names: tuple[str, ...]) -> None:
    """Casts, slices and texts of JSON objects are no parameters."""
    assert Sql(text).names == names
    numbered, in_order = Sql(text).numbered()
    assert in_order == names
    for number, name in enumerate(names, 1):
        text = re.sub(rf"(?<!:):{name}\b", f"${number}", text)
    assert numbered == text


def test_whoever_sends_a_statement_gives_the_numbers() -> None:
    assert Sql("t.a = :a AND t.b = :b OR :a").bound("b", "a") == "t.a = $2 AND t.b = $1 OR $2"


@pytest.mark.parametrize("names", [("a",), ("a", "b", "c"), ()])
def test_all_parameters_are_named(names: tuple[str, ...]) -> None:
    """A statement that takes what nobody sends, or is sent what it does not take, is not made."""
    with pytest.raises(ValueError, match="parameters"):
        Sql("t.a = :a AND t.b = :b").bound(*names)


def test_a_piece_has_no_numbers() -> None:
    with pytest.raises(ValueError, match="numbers"):
        Sql("t.a = $1")


@pytest.mark.parametrize("what", RENUMBERED)
def test_nobody_renumbers_texts(what: str) -> None:
    found = [
        f"{path.relative_to(SOURCE)}: {match[0]}"
        for path in sorted(SOURCE.rglob("*.py"))
        for match in RENUMBERED[what].finditer(path.read_text())
    ]
    assert not found, what
