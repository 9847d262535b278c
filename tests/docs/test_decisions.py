"""docs/decisions: each number once, all in the index, and what the code says of a decision leads to one."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs/decisions"
ROW = re.compile(r"^\| (\d{4}) \| \[(.+)\]\((.+\.md)\) \| (.*) \|$", re.MULTILINE)
LATER = re.compile(r"\[(\d{4})\]\((.+?\.md)\)")
CITED = re.compile(r"\bADR (\d{4})|docs/decisions/(\d{4})")
PLACES = ("src/**/*.py", "tests/**/*.py", "benchmarks/**/*.py", "docs/**/*.md", "*.md")


def pages() -> list[Path]:
    """In the order of their numbers."""
    return sorted(DECISIONS.glob("[0-9]*.md"))


def test_no_number_is_given_twice() -> None:
    """And each file begins with one."""
    numbers = Counter(
        page.name.partition("-")[0] for page in DECISIONS.glob("*.md") if page.name != "README.md"
    )
    assert {
        number for number, times in numbers.items() if times > 1 or not re.fullmatch(r"\d{4}", number)
    } == set()


def test_the_index_names_each_decision_as_it_names_itself() -> None:
    """Number, title and file of all; which later one replaces a part, the top of the page says, too."""
    rows = ROW.findall((DECISIONS / "README.md").read_text())
    assert [(f"# {number}. {title}", name) for number, title, name, _ in rows] == [
        (page.read_text().splitlines()[0], page.name) for page in pages()
    ]
    for _, title, name, replaced in rows:
        top = (DECISIONS / name).read_text().split("\n\n")[1]
        for number, later in LATER.findall(replaced):
            assert later in {page.name for page in pages() if page.name.startswith(number)}
            assert top.startswith("*"), title
            assert number in top, title


def test_who_cites_a_decision_cites_one_that_exists() -> None:
    """In the source, the tests and the documentation."""
    cited = {
        (str(path.relative_to(ROOT)), one or other)
        for place in PLACES
        for path in ROOT.glob(place)
        for one, other in CITED.findall(path.read_text())
    }
    numbers = {page.name.partition("-")[0] for page in pages()}
    assert {at for at in cited if at[1] not in numbers} == set()
    assert len(cited) > 20
