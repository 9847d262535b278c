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


class SpecNotRequiredError(ApiError):
    code = "Spec.MustBeRequired"
    message = "A spec that defines variants must be required."


class SpecOpenTextError(ApiError):
    code = "Spec.CannotAllowOpenText"
    message = "A spec that defines variants cannot allow open text."


class SpecOptionNotFoundError(ApiError):
    code = "Spec.OptionNotFound"
    message = "The spec has no such option."
