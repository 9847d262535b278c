"""Seed files compared: the order of records and of properties is nothing, nor is what a file need not say."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from entrepot.app.registry import registry
from entrepot.features.seeding.comparing.clients import Client, pairs
from entrepot.features.seeding.comparing.comparing import Comparison
from entrepot.features.seeding.comparing.files import read_file
from entrepot.features.seeding.comparing.sides import Kept
from entrepot.features.seeding.comparing.texts import difference_lines
from entrepot.features.seeding.kinds import kinds_of
from entrepot.features.seeding.problems import Problems, SeedRefusedError
from entrepot.features.seeding.reading import Record, read_records

EVERYTHING = Path(__file__).parents[2] / "api" / "seeds" / "everything.yml"
RECORDS = [
    record
    for record in read_records(EVERYTHING)
    # Of two assignments of the same product and category the last one counts (ASG-1).
    if record.kind != "CategoryProductAssignments" or record.value.get("ListOrder") != 1
]
KINDS = kinds_of(registry())


def side(path: Path) -> Kept:
    """A file that is well."""
    problems = Problems(path)
    records = read_file(registry(), path, problems)
    problems.refuse()
    return records.kept


async def told(one: Path, other: Path) -> list[str]:
    """The readable differences."""
    found = [each async for each in Comparison(side(one), side(other), KINDS).run()]
    return [line.text for each in found for line in difference_lines(each)]


def write(path: Path, records: Sequence[Record]) -> Path:
    """A file of these records, in this order, each a line of JSON."""
    sections: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        sections[record.section][record.kind].append(record.value)
    lines = []
    for section, kinds in sections.items():
        lines.append(f"{section}:")
        for kind, values in kinds.items():
            lines.append(f"  {kind}:")
            lines += [f"    - {json.dumps(value, default=_number)}" for value in values]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _number(value: Any) -> float:
    assert isinstance(value, Decimal)
    return float(value)


@bounds(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.randoms(use_true_random=False))
async def test_the_order_of_records_and_properties_is_nothing(tmp_path: Path, random: Any) -> None:
    shuffled = random.sample(RECORDS, len(RECORDS))
    turned = [
        Record(
            each.section, each.kind, each.line, dict(random.sample([*each.value.items()], len(each.value)))
        )
        for each in shuffled
    ]
    other = write(tmp_path / "shuffled.yml", turned)
    whole = write(tmp_path / "whole.yml", RECORDS)
    assert await told(whole, other) == []
    assert await told(other, whole) == []


@bounds(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sets(st.integers(0, len(RECORDS) - 1), max_size=6))
async def test_what_only_one_has_is_told_from_both_sides(tmp_path: Path, left_out: set[int]) -> None:
    """All but what comes with other records: the assignment of a buyer's default catalog, the variants of a product's options."""
    fewer = write(tmp_path / "fewer.yml", [r for place, r in enumerate(RECORDS) if place not in left_out])
    whole = write(tmp_path / "whole.yml", RECORDS)
    there, back = await told(whole, fewer), await told(fewer, whole)
    assert all(line.startswith("- ") for line in there)
    assert [line.replace("- ", "+ ", 1).lower() for line in there] == [line.lower() for line in back]
    assert len(there) <= len(left_out)


SAME = [
    ("an ID in another case", "Buyers: [{ID: a, Name: A, DefaultCatalogID: c}]", "Buyers: [{ID: a, Name: A, DefaultCatalogID: C}]"),
    ("a default catalog that nobody names", "Buyers: [{ID: a, Name: A}]", "Buyers: [{ID: a, Name: A, DefaultCatalogID: a}]"),
    ("a property in another case", "Buyers: [{ID: a, Name: A}]", "Buyers: [{id: a, NAME: A}]"),
    ("a default", "Buyers: [{ID: a, Name: A}]", "Buyers: [{ID: a, Name: A, Active: false, xp: null}]"),
    ("what is read-only", "Buyers: [{ID: a, Name: A}]", "Buyers: [{ID: a, Name: A, DateCreated: 2020-01-01T00:00:00Z}]"),
    ("a number", "Buyers: [{ID: a, Name: A, xp: {n: 1}}]", "Buyers: [{ID: a, Name: A, xp: {n: 1.0}}]"),
    ("a number as text", "PriceSchedules: [{ID: p, Name: P, MinQuantity: 2}]", 'PriceSchedules: [{ID: p, Name: P, MinQuantity: "2"}]'),
    (
        "a password",
        "AdminUsers: [{ID: u, Username: u, Password: Some-Passw0rd-1, FirstName: A, LastName: B, Email: a@example.com, Active: true}]",
        "AdminUsers: [{ID: u, Username: u, FirstName: A, LastName: B, Email: a@example.com, Active: true}]",
    ),
    (
        "a secret",
        "Webhooks: [{ID: w, Name: W, Url: 'https://a.example', HashKey: one}]",
        "Webhooks: [{ID: w, Name: W, Url: 'https://a.example', HashKey: <Redacted. Leave unchanged.>}]",
    ),
    ("how many variants", "Products: [{ID: p, Name: P, VariantCount: 1}]", "Products: [{ID: p, Name: P, VariantCount: 7}]"),
    (
        "the marketplace as owner",
        "Products: [{ID: p, Name: P}]",
        "Products: [{ID: p, Name: P, OwnerID: <MarketplaceID placeholder>}]",
    ),
]  # fmt: skip
OTHER = [
    ("Buyers: [{ID: a, Name: A}]", "Buyers: [{ID: A, Name: A}]", ["~ Buyers a", '    ID: "a" -> "A"']),
    (
        "Buyers: [{ID: a, Name: A, xp: {n: 1, o: {p: [1]}}}]",
        "Buyers: [{ID: a, Name: A, xp: {n: true, o: {p: [1, 2]}}}]",
        ["~ Buyers a", "    xp.n: 1 -> true", "    xp.o.p: [1] -> [1,2]"],
    ),
    (
        "PriceSchedules: [{ID: p, Name: P, PriceBreaks: [{Quantity: 1, Price: 9.5}]}]",
        "PriceSchedules: [{ID: p, Name: P, PriceBreaks: [{Quantity: 1, Price: 10}]}]",
        ["~ PriceSchedules p", "    PriceBreaks[0].Price: 9.5 -> 10"],
    ),
    (
        "Users: [{BuyerID: b, ID: u, Username: u, FirstName: A, LastName: B, Email: a@example.com, Active: true}]",
        "Users: [{BuyerID: c, ID: u, Username: u, FirstName: A, LastName: B, Email: a@example.com, Active: true}]",
        ["+ Users c/u", "- Users b/u"],
    ),
]


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
async def test_what_means_the_same(tmp_path: Path, one: str, other: str) -> None:
    assert await told(*_files(tmp_path, one, other)) == []


@pytest.mark.parametrize(("one", "other", "expected"), OTHER)
async def test_what_does_not(tmp_path: Path, one: str, other: str, expected: list[str]) -> None:
    assert await told(*_files(tmp_path, one, other)) == expected


def test_clients_are_paired_by_id_then_by_name() -> None:
    """Of several with one name, those that are equal first; every client once."""
    one = [
        Client("Web", b"1", "a"),
        Client("web", b"2", "b"),
        Client("Desk", b"1", "c"),
        Client("X", b"", "d"),
    ]
    other = [
        Client("Web", b"2", "K"),
        Client("Web", b"3", "L"),
        Client("Other", b"1", "C"),
        Client("Y", b"", "M"),
    ]
    assert pairs(one, other) == {"k": "b", "l": "a", "c": "c"}
    assert pairs(one, one) == {each.id: each.id for each in one}
    assert pairs([], other) == pairs(one, []) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Byers: [{ID: a}]", "line 2: Objects.Byers: there is no such kind of record"),
        ("Buyers: [{Name: A}]", "line 2: Buyers.ID: a record needs an ID to be told from others"),
        ('Buyers: [{ID: "{number}", Name: A}]', "line 2: Buyers.{number}.ID: a record needs an ID to be told from others"),
        ("Buyers: [{ID: a, Name: A}, {ID: A, Name: B}]", "line 2: Buyers.A.ID: another record above has the same ID"),
        ("Buyers: [{ID: a}]", "line 2: Buyers.a.Name: Name is required. (ValidationFailure)"),
        ("Users: [{ID: a, Username: u, FirstName: A, LastName: B, Email: a@example.com, Active: true}]", "line 2: Users.a.BuyerID: BuyerID is required. (ValidationFailure)"),
        ("Buyers: [1]", "line 2: Buyers: a record must be a mapping"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_compared(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(f"Objects:\n  {text}\n", "utf-8")
    with pytest.raises(SeedRefusedError) as refused:
        side(path)
    assert [str(each) for each in refused.value.problems] == [expected]


def _files(directory: Path, *texts: str) -> tuple[Path, Path]:
    one, other = directory / "one.yml", directory / "other.yml"
    for path, text in zip((one, other), texts, strict=True):
        path.write_text(f"Objects:\n  {text}\n", "utf-8")
    return one, other
