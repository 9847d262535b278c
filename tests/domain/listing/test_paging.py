"""Paging: LIST-1 to LIST-4 and LIST-6."""

import pytest
from tests.domain.listing.people import PEOPLE

from entrepot.domain.listing.fields import ListShape
from entrepot.domain.listing.page_key import decode_page_key, encode_page_key, read_query
from entrepot.domain.listing.request import ListRequest, list_meta, read_list_request
from entrepot.kernel.errors import ApiError, InvalidQueryError

ASSIGNMENTS = ListShape(fields=(), paging_only=True, parameters=frozenset({"buyerID"}))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (1, 20)),
        ("page=&pageSize=", (1, 20)),
        ("page=3&pageSize=100", (3, 100)),
        ("PAGE=+2&PageSize=7", (2, 7)),
        ("page=2&page=9", (2, 20)),
        ("page=1000&pageSize=100", (1000, 100)),
        ("pageSize=0", "List.InvalidPageSize"),
        ("pageSize=-1", "List.InvalidPageSize"),
        ("pageSize=101", "List.InvalidPageSize"),
        ("pageSize=1.5", "List.InvalidPageSize"),
        ("pageSize=abc", "List.InvalidPageSize"),
        ("pageSize=" + "9" * 10_000, "List.InvalidPageSize"),
        ("pageSize=\u0665", "List.InvalidPageSize"),
        ("page=0", "List.InvalidType"),
        ("page=-5", "List.InvalidType"),
        ("page=-" + "9" * 10_000, "List.InvalidType"),
        ("page=1e9", "List.InvalidType"),
        ("page=one", "List.InvalidType"),
        ("page=5001", "Search.ResultSetTooLarge"),
        ("page=" + "9" * 10_000, "Search.ResultSetTooLarge"),
    ],
)
@pytest.mark.parametrize("shape", [PEOPLE, ASSIGNMENTS])
def test_position(query: str, expected: tuple[int, int] | str, shape: ListShape) -> None:
    """LIST-1, LIST-4."""
    assert position(query, shape) == expected


def position(query: str, shape: ListShape) -> tuple[int, int] | str:
    try:
        request = read_list_request(query, shape)
    except ApiError as error:
        return error.code
    return request.page, request.page_size


@pytest.mark.parametrize(
    ("total", "page", "count", "pages", "item_range"),
    [
        (0, 1, 0, 0, [1, 0]),
        (5, 1, 5, 1, [1, 5]),
        (25, 1, 20, 2, [1, 20]),
        (25, 2, 5, 2, [21, 25]),
        (25, 5, 0, 2, [81, 80]),
    ],
)
def test_meta(total: int, page: int, count: int, pages: int, item_range: list[int]) -> None:
    """LIST-2, its table."""
    assert list_meta(ListRequest(page=page), total, count) == {
        "Page": page,
        "PageSize": 20,
        "TotalCount": total,
        "TotalPages": pages,
        "ItemRange": item_range,
        "NextPageKey": None,
    }


def test_page_keys_walk_the_list() -> None:
    """LIST-6: the key alone continues the query, beside the filters it overrules page and pageSize; the last is null."""
    query = "pageSize=2&LastName=Smith%7CJo*&sortBy=!ID&buyerID=b%261&search=%C3%A9"
    first = read_list_request(query, PEOPLE)
    second_key = first.next_page_key(5)
    assert second_key is not None
    second = read_list_request(f"pageKey={second_key}", PEOPLE)
    assert (second.page, second.page_size) == (2, 2)
    assert (second.filters, second.sort_by, second.search) == (first.filters, first.sort_by, first.search)
    assert read_list_request(f"{query}&page=9&PageKey={second_key}", PEOPLE) == second
    assert ("buyerID", "b&1") in read_query(f"pageKey={second_key}")[1]
    third_key = second.next_page_key(5)
    assert third_key is not None
    third = read_list_request(f"pageKey={third_key}", PEOPLE)
    assert third.page == 3
    assert third.next_page_key(5) is None


def test_damaged_page_keys() -> None:
    """LIST-6: whatever this server did not make is Search.InvalidQuery."""
    key = encode_page_key(b"pageSize=2&LastName=x", 2, 2)
    damaged = [
        key[:index] + ("A" if key[index] != "A" else "B") + key[index + 1 :] for index in range(len(key) - 1)
    ]
    for each in (*damaged, key[:-4], key * 2, "x", "=", "é", "\0", "A" * 10_000):
        with pytest.raises(InvalidQueryError):
            decode_page_key(each)
    with pytest.raises(InvalidQueryError):
        read_list_request("pageKey=nonsense", PEOPLE)
