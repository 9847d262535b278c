"""What is remembered of an audience's lists (ADR 0008)."""

from __future__ import annotations

from entrepot.features.catalog.audience.memory import Found
from entrepot.features.catalog.audience.shopper import Audience
from entrepot.kernel.recent import Recent

MOST_RESULTS = 50


def test_what_is_used_stays() -> None:
    recent: Recent[int] = Recent(MOST_RESULTS)
    for number in range(MOST_RESULTS):
        recent.keep(number, number)
    assert recent.get(0) == 0
    for number in range(MOST_RESULTS, 2 * MOST_RESULTS - 1):
        recent.keep(number, number)
    assert recent.get(0) == 0, "used since, unlike the others"
    assert [recent.get(number) for number in range(1, MOST_RESULTS)] == [None] * (MOST_RESULTS - 1)
    assert recent.get("unknown") is None


def test_sizes_are_bounded_together() -> None:
    """Security 1: what is kept is bounded in bytes, however large each is, and a value may come again in another size."""
    recent: Recent[str] = Recent(100)
    for key, size in (("a", 40), ("b", 40), ("a", 50), ("c", 20), ("d", 1)):
        recent.keep(key, f"{key}{size}", size)
    assert [recent.get(key) for key in "abcd"] == ["a50", None, "c20", "d1"]
    recent.keep("e", "too large", 101)
    assert [recent.get(key) for key in "acde"] == [None] * 4


def test_what_was_found_is_of_an_audience_and_an_epoch() -> None:
    """Found before the last change that matters, it is as good as not there."""
    found, one, other = Found(100), Audience((), {}), Audience((), {})
    found.keep(one, "k", 5, "v", 60)
    assert [found.get(one, "k", since) for since in (4, 5, 6)] == ["v", "v", None]
    assert found.get(other, "k", 5) is None
    found.keep(other, "k", 5, "w", 60)
    assert (found.get(one, "k", 5), found.get(other, "k", 5)) == (None, "w"), "both take more than there is"
