"""What is explained of a product that stands in very many places costs by their number, not by its square."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from entrepot.domain.catalog import visibility
from entrepot.features.catalog.explaining import sight_steps
from entrepot.features.catalog.explaining.facts import LISTS, ProductFacts
from entrepot.features.catalog.explaining.world import Seeker, look

PLACES, CATALOGS = 1_000, 100
PRODUCT = {"ID": "P", "ParentID": None, "Active": True}


def facts() -> ProductFacts:
    """A product in many categories of many catalogs, of which each has a word of its own, or none."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS}
    shut = {"BuyerID": "B", "BuyerGroupID": None, "ViewAllCategories": False, "ViewAllProducts": False}
    for number in range(CATALOGS):
        rows["catalogs"].append({"ID": f"C{number}", "Active": True})
        rows["catalog_rows"].append({"CatalogID": f"C{number}", **shut})
    for number in range(PLACES):
        catalog, category = f"C{number % CATALOGS}", f"K{number}"
        rows["places"].append({"CatalogID": catalog, "ID": category})
        rows["categories"].append({"CatalogID": catalog, "ID": category, "ParentID": None, "Active": True})
        said = {"UserGroupID": None, "Visible": None, "ViewAllProducts": None if number % 2 else False}
        rows["category_rows"].append({"CatalogID": catalog, "CategoryID": category, **said})
    return ProductFacts(PRODUCT, None, is_visible=False, sells=True, schedule=None, quantity=None, rows=rows)


def test_vis_large_families_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()

    def counted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            calls[name] += 1
            return work(*given)

        return call

    for module, name in ((visibility, "seen_catalogs"), (sight_steps, "place"), (sight_steps, "fold")):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    large = facts()
    seeker = Seeker(buyer="B", currency=None, catalog=None, seller=None, marketplace="M")
    seen = look(large, seeker)
    steps = sight_steps.sight_steps(large, seen, seeker)
    assert seen.ground is visibility.Ground.NOTHING
    categories = steps[-1]
    assert (len(seen.shelves), categories["Decides"], categories["More"] > PLACES) == (PLACES, True, True)
    assert calls["seen_catalogs"] == 1
    assert calls["place"] <= 3 * PLACES
    assert calls["fold"] <= 5 * (PLACES + CATALOGS)
