"""What the server answers, and how long something is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds for one request: as long as one that advances a clock may take, and more."""
WITHIN = 10.0
"""Seconds that something is waited for, if nothing is said."""
_PAUSES = (0.01, 0.02, 0.05, 0.1)
"""Seconds between two looks; from the last on all are as long."""


class RefusedError(AssertionError):
    """The server has refused what a test asked of it; the message is what was sent, and its answer."""


def answered(response: httpx.Response) -> Any:
    """The JSON of an answer, None where it has none. Raises RefusedError."""
    if response.is_error:
        request = response.request
        raise RefusedError(f"{request.method} {request.url}: {response.status_code} {response.text[:2000]}")
    return response.json() if response.content else None


def client(url: str, token: str | None = None) -> httpx.Client:
    """A client of the server, which sends the token with each request."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=url, headers=headers, timeout=PATIENCE)


def every_item(api: httpx.Client, path: str, **asked: str) -> Iterator[dict[str, Any]]:
    """All that a list has, page by page. Raises RefusedError."""
    params = {"pageSize": "100", **asked}
    while True:
        page = answered(api.get(path, params=params))
        yield from page["Items"]
        if not page["Meta"]["NextPageKey"]:
            return
        params["pageKey"] = page["Meta"]["NextPageKey"]


def awaited(look: Callable[[], T | None], within: float, missing: Callable[[], str]) -> T:
    """What `look` finds, once it finds something. Raises AssertionError with `missing` after so many seconds."""
    deadline = time.monotonic() + within
    looks = 0
    while (found := look()) is None:
        if time.monotonic() >= deadline:
            raise AssertionError(missing())
        time.sleep(_PAUSES[min(looks, len(_PAUSES) - 1)])
        looks += 1
    return found
