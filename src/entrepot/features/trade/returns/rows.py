"""The row of an order return, as use cases hold it: the stored columns, JSON as values (orders/rows.py)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

Values = dict[str, Any]


class ReturnRow(TypedDict):
    """A row of `order_returns`, with the payments that refund it."""

    key: int
    order_key: int
    ID: str
    OrderID: str
    PaymentIDs: list[str] | None
    Status: str
    DateCreated: datetime
    DateSubmitted: datetime | None
    DateApproved: datetime | None
    DateDeclined: datetime | None
    DateCanceled: datetime | None
    DateCompleted: datetime | None
    LastUpdated: datetime
    RefundAmount: Decimal | None
    Comments: str | None
    ItemsToReturn: list[Values] | None
    xp: Any
    user_key: int | None
    submitter_key: int | None
    overridden: bool
