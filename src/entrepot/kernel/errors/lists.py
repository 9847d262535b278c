"""Bad list options (conventions spec, sections 5 to 7)."""

from __future__ import annotations

from entrepot.kernel.errors.error import LONGEST_ECHO, ApiError


class ListError(ApiError):
    """A bad list option; Data names the property."""

    def __init__(self, name: str, value: str | None = None) -> None:
        data = {"Property": name}
        super().__init__(data if value is None else {**data, "Value": value[:LONGEST_ECHO]})


class InvalidPageSizeError(ListError):
    code = "List.InvalidPageSize"
    message = "Page size must be a whole number from 1 to 100."


class InvalidPropertyError(ListError):
    code = "List.InvalidProperty"
    message = "Property does not exist."


class InvalidSearchPropertyError(ListError):
    code = "List.InvalidSearchProperty"
    message = "Property cannot be searched."


class InvalidSortPropertyError(ListError):
    code = "List.InvalidSortProperty"
    message = "Property cannot be sorted by."


class InvalidTypeError(ListError):
    code = "List.InvalidType"
    message = "Value is not valid for the type of the property."


class ResultSetTooLargeError(ApiError):
    code = "Search.ResultSetTooLarge"
    message = "page times pageSize cannot exceed 100000. Page by the last ID instead."


class InvalidQueryError(ApiError):
    code = "Search.InvalidQuery"
    message = "The query is invalid."
