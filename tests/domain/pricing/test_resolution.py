"""The order of prices and its worked examples (catalog spec section 8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from entrepot.domain.pricing.resolution import PricedProduct, PriceRow, PriceSeeker, resolve

MPO, S1, S2 = "mpo", "S1", "S2"
CURRENCIES = {
    "10": None,
    "9": None,
    "8": None,
    "7": None,
    "8.50": None,
    "usd": "USD",
    "cad 11.99": "CAD",
    "cad 12.99": "CAD",
}
E1 = PricedProduct(
    owner=MPO, default="10", rows=(PriceRow(MPO, "B", "9"), PriceRow(MPO, "B", "8", group="GOLD"))
)
E2 = PricedProduct(
    owner=MPO,
    default="10",
    rows=(PriceRow(MPO, "B", "9"), PriceRow(S1, "B", "8")),
    supplier_defaults={S1: "8.50", S2: None},
)
E3 = PricedProduct(
    owner=MPO,
    default="usd",
    rows=(PriceRow(MPO, "B", "cad 11.99"), PriceRow(MPO, "B", "cad 12.99", group="CANADA")),
)
CANADIAN = PriceSeeker(buyer="B", groups=frozenset({"CANADA"}), currency="CAD")
OF_SUPPLIER = PricedProduct(owner=S1, rows=(PriceRow(S1, "B", "9"),), supplier_defaults={S1: "8.50"})
BOTH = PricedProduct(owner=S1, default="10", rows=(PriceRow(MPO, "B", "9"),))
"""A supplier's product to which the marketplace owner gave a price."""
BOTH_RULES = replace(BOTH, rows=(*BOTH.rows, PriceRow(S1, "B", "8")))
PARENT = PricedProduct(owner=MPO, default="10", rows=(PriceRow(MPO, "B", "9"),))


def of(buyer: str, *groups: str, seller: str | None = None) -> PriceSeeker:
    return PriceSeeker(buyer=buyer, groups=frozenset(groups), seller=seller)


CASES = [
    ("E1 member of GOLD", E1, of("B", "GOLD"), "8"),
    ("E1 member of NEW, whose row has no price", E1, of("B", "NEW"), "9"),
    ("E1 no group", E1, of("B"), "9"),
    ("E1 another buyer", E1, of("X", "GOLD"), "10"),
    ("E2 the marketplace owner", E2, of("B"), "9"),
    ("E2 by name", E2, of("B", seller=MPO), "9"),
    ("E2 S1", E2, of("B", seller=S1), "8"),
    ("E2 S1 to another buyer", E2, of("X", seller=S1), "8.50"),
    ("E2 S2 has no prices", E2, of("B", seller=S2), "10"),
    ("E3", E3, CANADIAN, "cad 12.99"),
    ("E3 without the group", E3, replace(CANADIAN, groups=frozenset()), "cad 11.99"),
    ("E3 without the CAD rows", replace(E3, rows=()), CANADIAN, None),
    ("PRC-1 null only with null", E3, of("B"), None),
    ("PRC-2 nothing at all", PricedProduct(owner=MPO), of("B"), None),
    (
        "PRC-2 several groups: the lowest ID",
        replace(E1, rows=(*E1.rows, PriceRow(MPO, "B", "7", group="A"))),
        of("B", "GOLD", "A"),
        "7",
    ),
    ("PRC-2 the owner's prices, no seller named", OF_SUPPLIER, of("B"), "9"),
    ("PRC-2 the owner's default", OF_SUPPLIER, of("X"), "8.50"),
    (
        "PRC-2 the owner's rows and default come before the product's",
        replace(OF_SUPPLIER, default="10", rows=()),
        of("B"),
        "8.50",
    ),
    ("PRC-2 a named seller has no such fallback", OF_SUPPLIER, of("B", seller=MPO), None),
    ("PRC-1 the owner, not the marketplace", BOTH, of("B"), "10"),
    ("PRC-1 the owner, named", BOTH, of("B", seller=S1), "10"),
    ("PRC-1 the marketplace, named", BOTH, of("B", seller=MPO), "9"),
    ("PRC-1 the owner's row", BOTH_RULES, of("B"), "8"),
    ("PRC-1 the owner's row, named", BOTH_RULES, of("B", seller=S1), "8"),
    ("PRC-1 the marketplace beside it", BOTH_RULES, of("B", seller=MPO), "9"),
    ("PRC-2 rank 5", PricedProduct(owner=MPO, parent=PARENT), of("B"), "9"),
    ("PRC-2 rank 5, default", PricedProduct(owner=MPO, parent=PARENT), of("X"), "10"),
    (
        "PRC-2 a child's default beats its parent's rows",
        PricedProduct(owner=MPO, default="8", parent=PARENT),
        of("B"),
        "8",
    ),
    (
        "PRC-2 a child's owner comes before its parent",
        replace(OF_SUPPLIER, parent=PricedProduct(owner=S1, default="10")),
        of("B"),
        "9",
    ),
]


@pytest.mark.parametrize(
    ("product", "seeker", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_order_of_prices(product: PricedProduct, seeker: PriceSeeker, expected: str | None) -> None:
    """PRC-1, PRC-2, PRC-E1 to PRC-E3."""
    assert resolve(product, seeker, CURRENCIES) == expected
