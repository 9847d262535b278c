"""The worked sets by the plain evaluator; tests/storage/listing runs the same ones in SQL."""

import pytest
from tests.domain.listing.people import PEOPLE, WORKED
from tests.domain.listing.worked import FOUND, ORDER

from entrepot.domain.listing.evaluate import page_of
from entrepot.domain.listing.request import read_list_request
from entrepot.kernel.errors import ApiError


def answer(query: str) -> str:
    """The IDs of the page as one word, or the error code."""
    try:
        request = read_list_request(query, PEOPLE)
    except ApiError as error:
        return error.code
    return "".join(item["ID"] for item in page_of(WORKED, request, PEOPLE))


@pytest.mark.parametrize(("query", "expected"), FOUND.items())
def test_found(query: str, expected: str) -> None:
    """FLT-2, FLT-6, FLT-7, FLT-8, SRCH-1, SRCH-2, tools F2, applications F6."""
    found = answer(query)
    assert (found if "." in expected else "".join(sorted(found))) == expected


@pytest.mark.parametrize(("query", "expected"), ORDER.items())
def test_order(query: str, expected: str) -> None:
    """SRCH-3, SRCH-5, SRCH-6, SRCH-7."""
    assert answer(query) == expected
