"""What the settings of a promotion allow together (PROMO-3 to PROMO-6, GEN-1)."""

from __future__ import annotations

from typing import Any

from entrepot.domain.promotions.line_order import read_item_sort_by
from entrepot.engine.wire.refusals import required, too_long
from entrepot.kernel.errors import (
    LONGEST_ECHO,
    ExpirationPrecedesStartError,
    ItemLimitError,
    ItemSortByError,
    PropertyError,
    QuantityLimitError,
    TwoLimitsError,
    UseIntegrationError,
    ValidationError,
    ValueExpressionRequiredError,
)

Values = dict[str, Any]

LIMITS = ("RedemptionLimit", "RedemptionLimitPerUser", "QuantityLimitPerOrder", "ItemLimitPerOrder")
MAX_ITEM_SORT_BY = 200
"""Characters (PROMO-4)."""


def check_settings(promotion: Values) -> None:
    """Raise ValidationError for all values that are wrong by themselves, else the first refused combination."""
    errors = [_at_least_one(name) for name in LIMITS if promotion[name] is not None and promotion[name] < 1]
    errors += _errors_of_item_sort_by(promotion["ItemSortBy"])
    if not promotion["GeneratedCodeCount"] and not (promotion["Code"] or "").strip():
        errors.append(required("Code"))
    if errors:
        raise ValidationError(*errors)
    start, end = promotion["StartDate"], promotion["ExpirationDate"]
    if start is not None and end is not None and end < start:
        raise ExpirationPrecedesStartError
    _check_limits(promotion)
    if promotion["ValueExpression"] is None and not promotion["UseIntegration"]:
        raise ValueExpressionRequiredError
    if promotion["ValueExpression"] is not None and promotion["UseIntegration"]:
        raise UseIntegrationError


def _check_limits(promotion: Values) -> None:
    """PROMO-4"""
    items, quantity = promotion["ItemLimitPerOrder"], promotion["QuantityLimitPerOrder"]
    by_line = promotion["LineItemLevel"]
    if items is not None and not by_line:
        raise ItemLimitError
    if quantity is not None and not by_line:
        raise QuantityLimitError
    if items is not None and quantity is not None:
        raise TwoLimitsError
    if promotion["ItemSortBy"] and (not by_line or (items is None and quantity is None)):
        raise ItemSortByError


def _at_least_one(name: str) -> PropertyError:
    return PropertyError(f"{name} cannot be less than 1.", {"Property": name, "Minimum": 1})


def _errors_of_item_sort_by(text: str | None) -> list[PropertyError]:
    """LIM-3"""
    if len(text or "") > MAX_ITEM_SORT_BY:
        return [too_long("ItemSortBy", MAX_ITEM_SORT_BY)]
    try:
        read_item_sort_by(text)
    except ValueError as error:
        data = {"Property": "ItemSortBy", "Value": str(error)[:LONGEST_ECHO]}
        return [PropertyError("ItemSortBy names no property of line items.", data)]
    return []
