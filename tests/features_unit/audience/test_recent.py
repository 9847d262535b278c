"""What is remembered of an audience's lists (ADR 0008)."""

from __future__ import annotations

from entrepot.features.audience.shopper import MOST_RESULTS, USUAL_PAGE, Found
from entrepot.kernel.recent import Recent


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


def test_large_pages_are_not_kept() -> None:
    found = Found()
    for size in (USUAL_PAGE, USUAL_PAGE + 1):
        found.keep_page(size, [str(number) for number in range(size)])
    assert found.pages.get(USUAL_PAGE) is not None
    assert found.pages.get(USUAL_PAGE + 1) is None
