"""The facts as the rules of domain/catalog/visibility.py and domain/pricing/resolution.py take them; IDs in lower case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from entrepot.domain.catalog.visibility import (
    CatalogRow,
    Category,
    CategoryRow,
    Offer,
    OfferedProduct,
    Party,
    Place,
    Ruling,
    Viewer,
    rule,
)
from entrepot.domain.pricing.resolution import (
    Offered,
    PricedProduct,
    PriceRow,
    PriceSeeker,
    offered,
)
from entrepot.features.catalog.explaining.facts import ProductFacts

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who asks, and for what. marketplace: the seller's ID."""

    buyer: str
    currency: str | None
    catalog: str | None
    seller: str | None
    marketplace: str


def look(facts: ProductFacts, seeker: Seeker) -> Ruling:
    """VIS for the product of the facts."""
    rows, buyer = facts.rows, fold(seeker.buyer)
    chain = next((row["BuyerGroupID"] for row in rows["catalog_rows"] if row["BuyerGroupID"]), None)
    said: dict[Place, list[CategoryRow]] = defaultdict(list)
    for row in rows["category_rows"]:
        party = Party(buyer, maybe(row["UserGroupID"]))
        said[place(row, "CategoryID")].append(CategoryRow(party, row["Visible"], row["ViewAllProducts"]))
    offer = Offer(
        catalogs={fold(row["ID"]): row["Active"] for row in rows["catalogs"]},
        catalog_rows=tuple(
            CatalogRow(
                fold(row["CatalogID"]),
                maybe(row["BuyerID"]),
                maybe(row["BuyerGroupID"]),
                row["ViewAllCategories"],
                row["ViewAllProducts"],
            )
            for row in rows["catalog_rows"]
        ),
        categories={
            place(row, "ID"): Category(maybe(row["ParentID"]), row["Active"]) for row in rows["categories"]
        },
        category_rows={where: tuple(each) for where, each in said.items()},
        products=_family(facts, buyer),
    )
    who = Viewer(buyer, _groups(facts), maybe(chain))
    return rule(offer, who, fold(facts.product["ID"]), maybe(seeker.catalog))


def prices(facts: ProductFacts, seeker: Seeker) -> tuple[Offered, ...]:
    """PRC-2 for the product of the facts."""
    buyer = fold(seeker.buyer)
    who = PriceSeeker(
        buyer=buyer, groups=_groups(facts), currency=seeker.currency, seller=maybe(seeker.seller)
    )
    above = None if facts.parent is None else _priced(facts, facts.parent, buyer, seeker.marketplace, None)
    product = _priced(facts, facts.product, buyer, seeker.marketplace, above)
    currencies = {fold(row["ID"]): row["Currency"] for row in facts.rows["schedules"]}
    return offered(product, who, currencies)


def fold(name: str) -> str:
    """IDs are the same whatever their case (ID-4)."""
    return name.lower()


def maybe(name: str | None) -> str | None:
    """The same of what may be missing."""
    return None if name is None else fold(name)


def place(row: Mapping[str, Any], category: str) -> Place:
    """The category of a row."""
    return fold(row["CatalogID"]), fold(row[category])


def _groups(facts: ProductFacts) -> frozenset[str]:
    return frozenset(fold(row["ID"]) for row in facts.rows["groups"])


def _family(facts: ProductFacts, buyer: str) -> dict[str, OfferedProduct]:
    """The product, and its parent where it has one, with the ties of the latter."""
    source = facts.parent or facts.product
    key = fold(source["ID"])
    assigned = (row for row in facts.rows["product_rows"] if fold(row["ProductID"]) == key)
    products = {
        key: OfferedProduct(
            source["Active"],
            None,
            frozenset(fold(row["ID"]) for row in facts.rows["catalogs"]),
            frozenset(place(row, "ID") for row in facts.rows["places"]),
            frozenset(Party(buyer, maybe(row["UserGroupID"])) for row in assigned),
        )
    }
    if facts.parent is not None:
        products[fold(facts.product["ID"])] = OfferedProduct(facts.product["Active"], key)
    return products


def _priced(
    facts: ProductFacts, product: Values, buyer: str, marketplace: str, parent: PricedProduct | None
) -> PricedProduct:
    key = fold(product["ID"])
    rows = [row for row in facts.rows["product_rows"] if fold(row["ProductID"]) == key]
    supplied = [row for row in facts.rows["supplier_rows"] if fold(row["ProductID"]) == key]
    return PricedProduct(
        owner=fold(product["OwnerID"]),
        default=maybe(product["Price"]),
        rows=tuple(
            PriceRow(
                fold(row["SellerID"] or marketplace),
                buyer,
                fold(row["PriceScheduleID"]),
                maybe(row["UserGroupID"]),
            )
            for row in rows
            if row["PriceScheduleID"] is not None
        ),
        supplier_defaults={fold(row["SupplierID"]): maybe(row["DefaultPriceScheduleID"]) for row in supplied},
        parent=parent,
    )
