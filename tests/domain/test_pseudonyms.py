"""Pseudonyms: the same for the same, others for others, and nothing of the value in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from entrepot.domain.pseudonyms import EMAIL, Pseudonyms

MADE = Pseudonyms(b"one key")
OTHER = Pseudonyms(b"another key")
TEXTS = st.text(min_size=1, max_size=60)


@given(TEXTS)
def test_the_same_value_has_the_same_pseudonym_under_one_key(text: str) -> None:
    again = Pseudonyms(b"one key")
    for name in ("email", "username", "phone", "shape", "full_name", "without_emails"):
        assert getattr(MADE, name)(text) == getattr(again, name)(text)
    assert MADE.email(text) == MADE.email(f" {text.swapcase().swapcase()} ")
    assert MADE.email(text) != OTHER.email(text)


def test_a_person_is_the_same_by_whole_name_and_by_its_parts() -> None:
    assert (
        MADE.full_name("Ann Mary Smith")
        == f"{MADE.first_name('ann', 'mary smith')} {MADE.last_name('ANN', 'Mary Smith')}"
    )
    people = {(MADE.first_name("Ann", last), MADE.last_name("Ann", last)) for last in map(str, range(5000))}
    assert len(people) == 5000


def test_a_username_that_is_an_address_is_that_address() -> None:
    assert MADE.username("Bob@Example.org") == MADE.email("bob@example.org")
    assert MADE.username("bob") != MADE.username("bob2")
    assert len({MADE.username(str(number)) for number in range(10_000)}) == 10_000


def test_addresses_within_texts_are_replaced_and_nothing_else() -> None:
    text = "user.Email = 'o'brien@shop.example.org' or in(Email, 'a@b.co','c.d+e@f-g.co.uk') — müller@exämple.de; @home a@b"
    found = ["o'brien@shop.example.org", "a@b.co", "c.d+e@f-g.co.uk", "müller@exämple.de"]
    expected = text
    for address in found:
        expected = expected.replace(address, MADE.email(address))
    assert MADE.without_emails(text) == expected
    assert sorted(EMAIL.findall(text)) == sorted(found)
    assert MADE.without_emails("nothing to see") == "nothing to see"
    assert all(EMAIL.fullmatch(MADE.email(each)) for each in ("a", "b"))


@given(TEXTS)
def test_shapes_stay(text: str) -> None:
    shaped = MADE.shape(text)
    assert len(shaped) == len(text)
    for old, new in zip(text, shaped, strict=True):
        assert old.isdigit() == new.isdigit()
        assert old.isalpha() == new.isalpha()
