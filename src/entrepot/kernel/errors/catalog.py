"""Refusals about catalogs, categories and specs."""

from __future__ import annotations

from entrepot.kernel.errors.error import ApiError


class CatalogEditError(ApiError):
    code = "Catalog.CannotEdit"
    status = 403
    message = "The catalog belongs to another company."


class DeleteDefaultCatalogError(ApiError):
    code = "Catalog.CannotDelete"
    message = "The catalog is the default catalog of buyers."


class CircularCategoryError(ApiError):
    code = "Category.CircularReference"
    message = "A category cannot be under itself or under one of its subcategories."


class CategoryDepthError(ApiError):
    code = "Category.InvalidDepth"
    message = "depth is a whole number from 1 on, or all."


class CategoryFilterError(ApiError):
    code = "Product.CategoryFilterRequiresCatalogID"
    message = "A category can be named only together with its catalog."


class SpecNotRequiredError(ApiError):
    code = "Spec.MustBeRequired"
    message = "A spec that defines variants must be required."


class SpecOpenTextError(ApiError):
    code = "Spec.CannotAllowOpenText"
    message = "A spec that defines variants cannot allow open text."


class SpecOptionNotFoundError(ApiError):
    code = "Spec.OptionNotFound"
    message = "The spec has no such option."


class AssignProductError(ApiError):
    code = "Catalog.CannotAssignProduct"
    message = "A supplier's catalog takes its own products, and the marketplace owner's that it sells."


class AssignChildToCatalogError(ApiError):
    code = "Catalog.CannotAssignChildProduct"
    message = "A child product is in the catalogs of its parent."


class AssignChildToCategoryError(ApiError):
    code = "Category.CannotAssignChildProduct"
    message = "The parent of this child product is not in the catalog."


class SpecOwnerError(ApiError):
    code = "Spec.CannotAssignProduct"
    message = "The spec and the product belong to different companies."


class SpecConfigurationError(ApiError):
    code = "Spec.InvalidSpecConfiguration"
    message = "A spec without options or open text needs a default value."


class FamilyVariantSpecError(ApiError):
    code = "ProductAssigment.ParentChildProductCannotBeAssignedToVariantSpec"
    message = "Parent and child products cannot have specs that define variants."


class BundleVariantSpecError(ApiError):
    code = "ProductAssigment.BundleProductCannotBeAssignedToVariantSpec"
    message = "Bundles cannot have specs that define variants."


class FamilyVariantsError(ApiError):
    code = "Product.ParentChildProductsCannotHaveVariants"
    message = "Parent and child products cannot have variants."


class BundleVariantsError(ApiError):
    code = "Product.BundleProductCannotHaveVariants"
    message = "Bundles cannot have variants."


class VariantLimitError(ApiError):
    code = "Variant.ExceededLimit"
    message = "The options of the product make more combinations than there may be variants."


class VariantInventoryError(ApiError):
    code = "Variant.MustEnableInventory"
    message = "The product's inventory is not enabled, or not tracked by variant."
