"""Products as the entries of a collection show them."""

from __future__ import annotations

from entrepot.declare.types import Date, Int
from entrepot.declare.wire import Wire, column
from entrepot.features.catalog.products.resources import Product
from entrepot.features.catalog.shopping.models import BuyerProduct


class ProductCollectionBuyerProduct(Wire, then=BuyerProduct):
    """A product of a collection, filtered and priced for the shopper who reads it (COL-4)."""

    ListOrder: Int = column(nullable=True)
    DateAdded: Date = column(nullable=True)


class ProductCollectionProduct(Wire, then=Product):
    """A product of a collection, for administrators (COL-6)."""

    ListOrder: Int = column(nullable=True)
    DateAdded: Date = column(nullable=True)
