"""Pydantic's errors as the wire spells them: one message and Data per bad property (ERR-5, section 4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pydantic
from pydantic_core import ErrorDetails

from entrepot.kernel.errors import LONGEST_ECHO, PropertyError, ValidationError


def refusal(error: pydantic.ValidationError) -> ValidationError:
    """The refusal of a body, its properties in the contract's order."""
    return ValidationError(*(_property_error(details) for details in error.errors(include_url=False)))


def path_of(location: tuple[int | str, ...]) -> str:
    """`PriceBreaks[1].Price`"""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def required(path: str) -> PropertyError:
    """BODY-8"""
    return PropertyError(f"{path} is required.", {"Property": path})


def too_long(path: str, limit: int) -> PropertyError:
    return PropertyError(f"{path} cannot exceed {limit} characters.", {"Property": path, "MaxLength": limit})


def too_short(path: str, limit: int) -> PropertyError:
    message = f"{path} must have at least {limit} characters."
    return PropertyError(message, {"Property": path, "MinLength": limit})


def illegal_id(path: str, value: Any) -> PropertyError:
    """ID-1"""
    message = f"{path} can hold only letters, digits, hyphens and underscores."
    return PropertyError(message, {"Property": path, "Value": _echo(value)})


def _property_error(details: ErrorDetails) -> PropertyError:
    path = path_of(details["loc"])
    context = details.get("ctx", {})
    match details["type"]:
        case "missing":
            return required(path)
        case "string_too_long":
            return too_long(path, context["max_length"])
        case "too_long":
            limit = context["max_length"]
            message = f"{path} cannot hold more than {limit} elements."
            return PropertyError(message, {"Property": path, "MaxCount": limit})
        case "string_too_short":
            return too_short(path, context["min_length"])
        case "greater_than_equal":
            limit = context["ge"]
            return PropertyError(f"{path} cannot be less than {limit}.", {"Property": path, "Minimum": limit})
        case "less_than_equal":
            limit = context["le"]
            return PropertyError(f"{path} cannot be more than {limit}.", {"Property": path, "Maximum": limit})
        case "id_characters":
            return illegal_id(path, details["input"])
        case "invalid":
            data = {"Property": path, "Value": _echo(details["input"])}
            return PropertyError(f"{path} is not a valid {context['label']}.", data)
        case other:
            raise AssertionError(f"no wording for the error {other!r} of {path}")


def _echo(value: Any) -> Any:
    """A scalar, not too long; null for an array or object, which may be large or hold a secret."""
    match value:
        case bool() | None:
            return value
        case str():
            return value[:LONGEST_ECHO]
        case int() | Decimal():
            return value if len(str(value)) <= LONGEST_ECHO else str(value)[:LONGEST_ECHO]
        case _:
            return None
