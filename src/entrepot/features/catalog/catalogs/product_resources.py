"""Products in catalogs and in their categories: what shoppers find where (catalog spec section 5)."""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Parent
from entrepot.declare.operation import QueryParameter
from entrepot.declare.roles import Access, Right
from entrepot.declare.types import Id, Int
from entrepot.declare.wire import Wire, column
from entrepot.features.catalog.audience.seen import seen
from entrepot.features.catalog.catalogs.category_sight import of_buyer
from entrepot.features.catalog.catalogs.hooks import OF_BUYER
from entrepot.features.catalog.catalogs.product_hooks import PLACES, CatalogProductHooks, CategoryProductHooks
from entrepot.features.catalog.catalogs.resources import CATALOGS, CATEGORIES, IN_CATALOG
from entrepot.features.catalog.products.resources import OF_PRODUCT
from entrepot.kernel.user_types import UserType

OF_SUPPLIER = """EXISTS (SELECT 1 FROM catalogs c
        WHERE c.marketplace_id = :marketplace_id AND c."ID" = a."CatalogID" AND c."OwnerID" = :company)
    OR EXISTS (SELECT 1 FROM products p
        WHERE p.marketplace_id = :marketplace_id AND p."ID" = a."ProductID" AND p."OwnerID" = :company)"""
"""A supplier sees what is in its catalogs, and where its own products are."""
OF_BUYERS_CATALOGS = f"""EXISTS (SELECT 1 FROM catalogs t
    WHERE t.marketplace_id = :marketplace_id AND t."ID" = a."CatalogID" AND {OF_BUYER})"""

SEEN_BY_BUYER = f"""{of_buyer('a."CatalogID"', 'a."CategoryID"')} AND EXISTS (
    SELECT 1 FROM products p WHERE p.marketplace_id = :marketplace_id AND p."ID" = a."ProductID" AND {seen("p")})"""
"""A buyer's user sees which of the products that it may see are in categories that it sees."""


class ProductCatalogAssignment(Wire):
    """A product that a catalog holds (CTG-3)."""

    CatalogID: Id = column(required=True)
    ProductID: Id = column(required=True)


class CategoryProductAssignment(Wire):
    """A product directly in a category, and its place there (CTY-7)."""

    CategoryID: Id = column(required=True)
    ProductID: Id = column(required=True)
    ListOrder: Int = column(nullable=True)


CATALOG_PRODUCTS = Assignment(
    name="Catalogs",
    noun="Product",
    model=ProductCatalogAssignment,
    table="catalog_product_assignments",
    things=(Parent("CatalogID", "catalogs"), Parent("ProductID", "products")),
    path="/catalogs/productassignments",
    delete_path="/catalogs/{catalogID}/productassignments/{productID}",
    roles=CATALOGS.roles,
    access=Access(supplier=Right.WRITE, buyer=Right.WRITE),
    visible={UserType.SUPPLIER: OF_SUPPLIER, UserType.BUYER: OF_BUYERS_CATALOGS},
    query=(QueryParameter("catalogID"), QueryParameter("productID")),
    hooks=CatalogProductHooks(),
    feeds=PLACES,
    synced=OF_PRODUCT,
)
CATEGORY_PRODUCTS = Assignment(
    name="Categories",
    noun="Product",
    model=CategoryProductAssignment,
    table="category_product_assignments",
    things=(Parent("CategoryID", "categories"), Parent("ProductID", "products")),
    within=IN_CATALOG,
    anywhere=frozenset({"ProductID"}),
    path="/catalogs/{catalogID}/categories/productassignments",
    delete_path="/catalogs/{catalogID}/categories/{categoryID}/productassignments/{productID}",
    roles=CATEGORIES.roles,
    access=CATEGORIES.access,
    visible={UserType.SUPPLIER: OF_SUPPLIER, UserType.BUYER: SEEN_BY_BUYER},
    query=(QueryParameter("categoryID"), QueryParameter("productID")),
    hooks=CategoryProductHooks(),
    feeds=PLACES,
    synced=OF_PRODUCT,
)
ASSIGNMENTS = (CATALOG_PRODUCTS, CATEGORY_PRODUCTS)
