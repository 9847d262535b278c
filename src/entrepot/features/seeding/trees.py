"""Category trees of a file: rows are written without the API's check of a move, which asks what stands already."""

from __future__ import annotations

from collections.abc import Iterator

from entrepot.features.seeding.batches import Batch

Place = tuple[str, str]
"""Catalog and category, folded: IDs compare without regard to case (ID-4)."""


def loops(categories: Batch) -> Iterator[tuple[int, str]]:
    """Line and ID of the first category of each loop: of those that stand below themselves (CTY-1)."""
    above: dict[Place, Place | None] = {}
    named: dict[Place, tuple[int, str]] = {}
    for group, line, row in categories.all_rows():
        record = dict(zip(group.columns, row, strict=True))
        catalog, category, parent = record["CatalogID"].lower(), record["ID"], record["ParentID"]
        place = (catalog, category.lower())
        above[place] = (catalog, parent.lower()) if parent else None
        named[place] = (line, category)
    settled: set[Place] = set()
    for start in above:
        path: dict[Place, None] = {}
        here: Place | None = start
        while here in above and here not in settled and here not in path:
            path[here] = None
            here = above[here]
        if here in path:
            members = list(path)
            yield min(named[place] for place in members[members.index(here) :])
        settled.update(path)
