"""The order of a list: what the request asks for, made total (SRCH-5, SRCH-6, LIST-5)."""

from __future__ import annotations

from entrepot.domain.listing.fields import ListShape
from entrepot.domain.listing.request import ListRequest, SortEntry


def list_order(request: ListRequest, shape: ListShape) -> tuple[SortEntry, ...]:
    """The entries to sort by; no two items tie on all of them.

    A sortBy that is a leading part of the default sort, in one direction, goes on as the default sort does, so that
    one index serves both. Any other is followed by the key, in the direction of its last entry.
    """
    default = shape.default_sort
    if request.terms is not None and shape.sort is None and not request.sort_by:
        # Matches of equal rank stay in the order of their IDs, as in the worked example of SRCH-4.
        return tuple(SortEntry(path) for path in shape.key_paths)
    if not request.sort_by:
        return tuple(SortEntry(path) for path in default)
    asked = request.sort_by
    descending = asked[-1].descending
    continues = all(entry.descending == descending for entry in asked) and default[: len(asked)] == tuple(
        entry.path for entry in asked
    )
    rest = default[len(asked) :] if continues else shape.key_paths
    order = dict.fromkeys(asked)
    known = {entry.path for entry in asked}
    order.update(dict.fromkeys(SortEntry(path, descending) for path in rest if path not in known))
    return _until_unique(tuple(order), shape)


def _until_unique(entries: tuple[SortEntry, ...], shape: ListShape) -> tuple[SortEntry, ...]:
    """Without the entries that follow a whole key: they never decide."""
    missing = set(shape.key_paths)
    for count, entry in enumerate(entries, 1):
        missing.discard(entry.path)
        if not missing:
            return entries[:count]
    return entries
