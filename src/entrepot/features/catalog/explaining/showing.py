"""What shows the rows of a product's explanation: the GET operation and its path."""

from __future__ import annotations

from typing import Any

from entrepot.features.people.explaining.steps import link

Values = dict[str, Any]


def product(product_id: str) -> Values:
    return link("Products.Get", "/v1/products/{productID}", productID=product_id)


def catalog(catalog_id: str) -> Values:
    return link("Catalogs.Get", "/v1/catalogs/{catalogID}", catalogID=catalog_id)


def catalog_assignments(catalog_id: str, buyer: str | None, buyer_group: str | None = None) -> Values:
    return link(
        "Catalogs.ListAssignments",
        "/v1/catalogs/assignments",
        catalogID=catalog_id,
        buyerID=buyer,
        buyerGroupID=buyer_group,
    )


def catalog_products(catalog_id: str, product_id: str) -> Values:
    return link(
        "Catalogs.ListProductAssignments",
        "/v1/catalogs/productassignments",
        catalogID=catalog_id,
        productID=product_id,
    )


def category(catalog_id: str, category_id: str) -> Values:
    return link(
        "Categories.Get",
        "/v1/catalogs/{catalogID}/categories/{categoryID}",
        catalogID=catalog_id,
        categoryID=category_id,
    )


def category_assignments(catalog_id: str, category_id: str, buyer: str, group: str | None) -> Values:
    return link(
        "Categories.ListAssignments",
        "/v1/catalogs/{catalogID}/categories/assignments",
        catalogID=catalog_id,
        categoryID=category_id,
        buyerID=buyer,
        userGroupID=group,
    )


def product_assignments(product_id: str, buyer: str, group: str | None) -> Values:
    return link(
        "Products.ListAssignments",
        "/v1/products/assignments",
        productID=product_id,
        buyerID=buyer,
        userGroupID=group,
    )


def suppliers(product_id: str) -> Values:
    return link("Products.ListSuppliers", "/v1/products/{productID}/suppliers", productID=product_id)


def supplier(supplier_id: str) -> Values:
    return link("Suppliers.Get", "/v1/suppliers/{supplierID}", supplierID=supplier_id)


def price_schedule(schedule_id: str) -> Values:
    return link("PriceSchedules.Get", "/v1/priceschedules/{priceScheduleID}", priceScheduleID=schedule_id)


def locale_assignments(locale_id: str, buyer: str, group: str | None) -> Values:
    return link(
        "Locales.ListAssignments",
        "/v1/locales/assignments",
        localeID=locale_id,
        buyerID=buyer,
        userGroupID=group,
    )


def discount(discount_id: str) -> Values:
    return link("Discounts.Get", "/v1/discounts/{discountID}", discountID=discount_id)


def record(product_id: str, variant_id: str | None, record_id: str) -> Values:
    if variant_id is None:
        return link(
            "InventoryRecords.Get",
            "/v1/products/{productID}/inventoryrecords/{inventoryRecordID}",
            productID=product_id,
            inventoryRecordID=record_id,
        )
    return link(
        "InventoryRecords.GetVariant",
        "/v1/products/{productID}/variants/{variantID}/inventoryrecords/{inventoryRecordID}",
        productID=product_id,
        variantID=variant_id,
        inventoryRecordID=record_id,
    )


def user(buyer: str, user_id: str) -> Values:
    return link("Users.Get", "/v1/buyers/{buyerID}/users/{userID}", buyerID=buyer, userID=user_id)


def buyer(buyer_id: str) -> Values:
    return link("Buyers.Get", "/v1/buyers/{buyerID}", buyerID=buyer_id)


def explanation(buyer_id: str, user_id: str, product_id: str) -> Values:
    return link(
        "Explanations.Product",
        "/entrepot/v1/explain/buyers/{buyerID}/users/{userID}/products/{productID}",
        buyerID=buyer_id,
        userID=user_id,
        productID=product_id,
    )
