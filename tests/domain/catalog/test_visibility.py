"""The decision table and the worked examples of visibility (catalog spec section 7)."""

from __future__ import annotations

import pytest

from entrepot.domain.catalog.visibility import (
    CatalogRow,
    Category,
    CategoryRow,
    Offer,
    OfferedProduct,
    Party,
    Viewer,
    sees_category,
    sees_product,
)

B, VIP, OTHER = "B", "VIP", "OTHER"
ME = Viewer(B, frozenset({VIP}))
BUYER, OWN_GROUP, FOREIGN_GROUP = Party(B), Party(B, VIP), Party(B, OTHER)
K, L, ABOVE = ("C", "K"), ("C", "L"), ("C", "ABOVE")
Rows = dict[tuple[str, str], tuple[CategoryRow, ...]]


def rows(**of: CategoryRow | tuple[CategoryRow, ...]) -> Rows:
    return {("C", name): each if isinstance(each, tuple) else (each,) for name, each in of.items()}


def products_of(party: Party, value: bool | None) -> CategoryRow:
    return CategoryRow(party, view_all_products=value)


def offer(
    assigned: bool | None,
    in_catalog: bool = True,
    places: tuple[tuple[str, str], ...] = (),
    category_rows: Rows | None = None,
    to: tuple[Party, ...] = (),
    *,
    lit: bool = True,
) -> Offer:
    """One catalog C with ABOVE → K and L. assigned: ViewAllProducts of its assignment to B, None for no assignment."""
    return Offer(
        catalogs={"C": True},
        catalog_rows=() if assigned is None else (CatalogRow("C", B, view_all_products=assigned),),
        categories={ABOVE: Category(), K: Category("ABOVE", lit), L: Category()},
        category_rows=category_rows or {},
        products={
            "P": OfferedProduct(
                catalogs=frozenset({"C"} if in_catalog else ()),
                categories=frozenset(places),
                assigned=frozenset(to),
            )
        },
    )


IN_K = (K,)
BOTH_VALUES = (True, False)
TABLE = [
    *((1, offer(None, places=p, to=t), False) for p in ((), IN_K) for t in ((), (BUYER,))),
    *((2, offer(vap, False, to=t), False) for vap in BOTH_VALUES for t in ((), (BUYER,))),
    (3, offer(True), True),
    (4, offer(False), False),
    *((5, offer(False, to=(party,)), True) for party in (BUYER, OWN_GROUP)),
    (6, offer(True, places=IN_K), True),
    (7, offer(True, places=IN_K, category_rows=rows(K=products_of(BUYER, False))), False),
    (8, offer(True, places=IN_K, category_rows=rows(K=products_of(BUYER, False)), to=(OWN_GROUP,)), True),
    (9, offer(False, places=IN_K, category_rows=rows(ABOVE=products_of(BUYER, True))), True),
    (
        10,
        offer(
            False,
            places=IN_K,
            category_rows=rows(ABOVE=products_of(BUYER, True), K=products_of(BUYER, False)),
        ),
        False,
    ),
    (11, offer(True, places=(K, L), category_rows=rows(K=products_of(BUYER, False))), True),
    (12, offer(True, places=IN_K, lit=False), False),
    (13, offer(False, places=IN_K, category_rows=rows(K=CategoryRow(BUYER, visible=True))), False),
    (
        14,
        offer(
            False,
            places=IN_K,
            category_rows=rows(K=(products_of(BUYER, False), products_of(OWN_GROUP, True))),
        ),
        True,
    ),
    *((15, offer(False, to=(party,)), False) for party in (FOREIGN_GROUP, Party("X"))),
    *((15, offer(False, places=IN_K, to=(party,)), False) for party in (FOREIGN_GROUP, Party("X"))),
]


@pytest.mark.parametrize(("row", "case", "visible"), TABLE)
def test_decision_table(row: int, case: Offer, visible: bool) -> None:
    """The fifteen rows of the table of VIS, with both values where it says "any"."""
    assert sees_product(case, ME, "P") is visible, row


def test_row_13_shows_the_category() -> None:
    """CTY-6: Visible and ViewAllProducts are independent."""
    case = offer(False, places=IN_K, category_rows=rows(K=CategoryRow(BUYER, visible=True)))
    assert sees_category(case, ME, K)
    assert not sees_category(case, ME, L)


GROUP_ROWS = [
    ((products_of(OWN_GROUP, False), products_of(BUYER, True)), False),
    ((products_of(OWN_GROUP, False), products_of(Party(B, "SECOND"), True), products_of(BUYER, False)), True),
    ((products_of(OWN_GROUP, None), products_of(BUYER, False)), False),
    ((products_of(FOREIGN_GROUP, False),), True),
    ((products_of(Party("X"), False),), True),
]


@pytest.mark.parametrize(("at_k", "visible"), GROUP_ROWS)
def test_several_rows_at_a_category(at_k: tuple[CategoryRow, ...], visible: bool) -> None:
    """CTY-5: rows of groups beat the buyer's, true beats false among them, null says nothing."""
    member = Viewer(B, frozenset({VIP, "SECOND"}))
    assert sees_product(offer(True, places=IN_K, category_rows=rows(K=at_k)), member, "P") is visible


def test_e1_hidden_branch_with_a_door_for_vips() -> None:
    """VIS-E1."""
    root, shoes, boots = ("C", "Root"), ("C", "Shoes"), ("C", "Boots")
    hidden = CategoryRow(BUYER, visible=False, view_all_products=False)
    shown = CategoryRow(OWN_GROUP, visible=True, view_all_products=True)

    def shop(category_rows: Rows) -> Offer:
        return Offer(
            catalogs={"C": True},
            catalog_rows=(CatalogRow("C", B, view_all_categories=True, view_all_products=True),),
            categories={root: Category(), shoes: Category("Root"), boots: Category("Shoes")},
            category_rows=category_rows,
            products={
                "P1": OfferedProduct(catalogs=frozenset({"C"}), categories=frozenset({boots})),
                "P2": OfferedProduct(catalogs=frozenset({"C"}), categories=frozenset({shoes})),
                "P3": OfferedProduct(catalogs=frozenset({"C"})),
            },
        )

    def seen(case: Offer, shopper: Viewer) -> tuple[set[str], set[str]]:
        return (
            {each for each in case.products if sees_product(case, shopper, each)},
            {each[1] for each in case.categories if sees_category(case, shopper, each)},
        )

    anybody = Viewer(B)
    before, after = shop({shoes: (hidden,)}), shop({shoes: (hidden,), boots: (shown,)})
    assert seen(before, ME) == seen(before, anybody) == ({"P3"}, {"Root"})
    assert seen(after, anybody) == ({"P3"}, {"Root"})
    assert seen(after, ME) == ({"P1", "P3"}, {"Root", "Boots"})


def test_e3_and_parts_of_offers() -> None:
    """VIS-E3, the catalog of a request, buyer groups (BUY-7), children (PRD-6), Active (VIS 1)."""

    def shop(first_active: bool, to: tuple[Party, ...] = ()) -> Offer:
        return Offer(
            catalogs={"C1": first_active, "C2": True},
            catalog_rows=(
                CatalogRow("C1", buyer_group="CHAIN", view_all_products=True),
                CatalogRow("C2", B),
            ),
            products={
                "P": OfferedProduct(catalogs=frozenset({"C1", "C2"}), assigned=frozenset(to)),
                "child": OfferedProduct(parent="P"),
                "retired": OfferedProduct(active=False, catalogs=frozenset({"C1"})),
                "retired child": OfferedProduct(parent="retired"),
                "sleeping child": OfferedProduct(active=False, parent="P"),
            },
        )

    member = Viewer(B, buyer_group="CHAIN")
    everything = ["P", "child", "retired", "retired child", "sleeping child"]
    for case, shopper, catalog, expected in [
        (shop(False), member, None, []),
        (shop(True), member, None, ["P", "child"]),
        (shop(True), Viewer(B), None, []),
        (shop(True), member, "C1", ["P", "child"]),
        (shop(True), member, "C2", []),
        (shop(False, (BUYER,)), member, None, ["P", "child"]),
        (shop(False, (BUYER,)), member, "C2", ["P", "child"]),
        (shop(False, (BUYER,)), member, "C1", []),
    ]:
        assert [each for each in everything if sees_product(case, shopper, each, catalog)] == expected
