"""Markups of options on a price (SPC-6)."""

from __future__ import annotations

import enum


class PriceMarkupType(enum.StrEnum):
    """How an option's markup is added."""

    NO_MARKUP = "NoMarkup"
    AMOUNT_PER_QUANTITY = "AmountPerQuantity"
    AMOUNT_TOTAL = "AmountTotal"
    PERCENTAGE = "Percentage"
