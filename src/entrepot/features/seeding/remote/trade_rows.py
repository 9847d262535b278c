"""Orders and what belongs to them as rows, of what a server has shown of them.

What is not shown is said here, once: who was a guest, what a cart is, what integrations answered and what a calculation has changed is
not known, and left at its default. The rest follows from what is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from entrepot.declare.entity import Entity
from entrepot.declare.wire import Column
from entrepot.domain.orders.status import DRAFT, SUBMITTED, OrderStatus
from entrepot.engine.rows import to_row
from entrepot.features.trade.orders.models.promotions import OrderPromotion
from entrepot.kernel.clock import EARLIEST, parse_datetime

Values = dict[str, Any]
COMPANIES = frozenset({"FromCompanyID", "ToCompanyID", "CompanyID", "OwnerID", "SellerID"})
BESIDE_TERMS = frozenset({"Amount", "LineItemID", "AmountOverridden", "DateApplied"})
TERMS = tuple(name for name in OrderPromotion.__columns__ if name not in BESIDE_TERMS)
Owned = tuple[str, str, str]
"""Buyer, supplier and ID in lower case; "" for the seller's."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the rows below need of an order: its buyer, "" for the seller's own; the key of its user."""

    key: int
    buyer: str
    user_key: int | None
    status: str
    submitted: bool


@dataclass(slots=True)
class Places:
    """The keys of what rows name."""

    users: Mapping[Owned, int]
    groups: Mapping[Owned, int]
    accounts: Mapping[Owned, int]
    orders: dict[tuple[str, str], Order] = field(default_factory=dict)
    """By direction and ID, in lower case."""
    lines: set[tuple[int, str]] = field(default_factory=set)
    """Key of the order and ID in lower case, of those that are written."""
    codes: Container[str] = ()
    """Generated ones of promotions, in lower case."""
    returns: dict[str, int] = field(default_factory=dict)
    subscriptions: dict[str, int] = field(default_factory=dict)

    def order_of(self, record: Values) -> Order | None:
        """That through which a record's path led."""
        home = record["Home"]
        return self.orders.get((str(home["direction"]).lower(), str(home["orderID"]).lower()))

    def order_named(self, order_id: Any, line_id: Any = None) -> Order | None:
        """One that an item names, as the seller means it (ORD-2); with this line, if one is given."""
        for side in ("incoming", "outgoing", "all"):
            found = self.orders.get((side, str(order_id).lower()))
            if found is not None and (line_id is None or (found.key, str(line_id).lower()) in self.lines):
                return found
        return None


def moved(value: Any, former: str, marketplace: str) -> Any:
    """Items in another marketplace: where the former is named as a company."""
    if isinstance(value, list):
        return [moved(each, former, marketplace) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: marketplace
        if name in COMPANIES and isinstance(each, str) and each.lower() == former.lower()
        else (each if name == "xp" else moved(each, former, marketplace))
        for name, each in value.items()
    }


def stored(entity: Entity, item: Values, **more: Any) -> Values:
    """An item's properties as arguments, and further columns."""
    columns = entity.model.__columns__.values()
    values = {column.name: _typed(column, item.get(column.name)) for column in columns if _is_stored(column)}
    return to_row(entity, values | more)


def order_row(entity: Entity, item: Values, places: Places, marketplace: str) -> Values:
    """Of an order, whose companies are those of here."""
    from_seller = str(item.get("FromCompanyID")).lower() == marketplace.lower()
    to_seller = str(item.get("ToCompanyID")).lower() == marketplace.lower()
    buyer = "" if from_seller else str(item.get("FromCompanyID")).lower()
    user = places.users.get((buyer, "", str(item.get("FromUserID")).lower()))
    return stored(entity, item, user_key=user, from_seller=from_seller, to_seller=to_seller)


def line_rows(entity: Entity, order: Order, items: Sequence[Values]) -> list[Values]:
    """Of an order's lines, in the order of adding."""
    added = sorted(items, key=lambda item: str(item.get("DateAdded")))
    return [
        stored(
            entity, item, order_key=order.key, bundle_id=item["ProductID"] if item.get("IsBundle") else None
        )
        for item in added
    ]


def approval_rows(entity: Entity, order: Order, items: Sequence[Values], places: Places) -> list[Values]:
    """Of an order's approvals. Each submit that asked for approval began a round, in which a rule stands once (APR-4)."""
    rounds: Counter[str] = Counter()
    rows = []
    for item in sorted(items, key=lambda item: str(item.get("DateCreated"))):
        rounds[str(item["ApprovalRuleID"]).lower()] += 1
        rows.append(
            stored(
                entity,
                item,
                order_key=order.key,
                round=rounds[str(item["ApprovalRuleID"]).lower()],
                **_deciding(item, order.buyer, places),
            )
        )
    return rows


def return_approval_rows(entity: Entity, key: int, items: Sequence[Values], places: Places) -> list[Values]:
    """Of a return's approvals, which are the seller's."""
    return [stored(entity, item, return_key=key, **_deciding(item, "", places)) for item in items]


def promotion_rows(entity: Entity, order: Order, items: Sequence[Values], places: Places) -> list[Values]:
    """Of the promotions on an order, in the order of their application."""
    return [
        stored(
            entity,
            {**item, "PromotionID": item["ID"]},
            order_key=order.key,
            position=place,
            code=item["Code"] if str(item.get("Code")).lower() in places.codes else None,
            terms={name: item.get(name) for name in TERMS} if order.submitted else None,
            redeemer_key=order.user_key if order.submitted and order.status != OrderStatus.CANCELED else None,
        )
        for place, item in enumerate(sorted(items, key=lambda item: str(item.get("DateApplied"))))
    ]


def payment_rows(entity: Entity, order: Order, items: Sequence[Values], places: Places) -> list[Values]:
    """Of an order's payments. What spending accounts have been charged with is in their balance already."""
    rows = []
    for item in items:
        named = item.get("SpendingAccountID")
        account = places.accounts.get((order.buyer, "", str(named).lower())) if named else None
        charged = account is not None and order.status in SUBMITTED and item.get("Accepted")
        amount = item.get("Amount") if charged else None
        rows.append(stored(entity, item, order_key=order.key, account_key=account, debited=amount))
    return rows


def return_row(entity: Entity, order: Order, item: Values) -> Values:
    """Of a return."""
    refunds = [each.get("RefundAmount") for each in item.get("ItemsToReturn") or ()]
    refund = item.get("RefundAmount")
    summed = sum(Decimal(each) for each in refunds if each is not None)
    return stored(
        entity,
        item,
        order_key=order.key,
        user_key=order.user_key,
        overridden=refund is not None and Decimal(refund) != summed,
    )


def subscription_row(entity: Entity, item: Values, places: Places, marketplace: str) -> Values | None:
    """Of a subscription; None for one whose user is not here."""
    to_seller = str(item.get("ToCompanyID")).lower() == marketplace.lower()
    buyer = str(item.get("FromCompanyID")).lower()
    user = places.users.get((buyer, "", str(item.get("FromUserID")).lower()))
    return None if user is None else stored(entity, item, user_key=user, to_seller=to_seller)


def is_submitted(status: str) -> bool:
    """Whether an order in this state has been submitted, as far as its promotions go (PROMO-12)."""
    return status not in DRAFT


def _deciding(item: Values, buyer: str, places: Places) -> Values:
    approver = item.get("Approver")
    named = str(approver.get("ID")).lower() if isinstance(approver, dict) else ""
    return {
        "group_key": places.groups.get((buyer, "", str(item.get("ApprovingGroupID")).lower())),
        "approver_key": places.users.get((buyer, "", named)),
    }


def _is_stored(column: Column) -> bool:
    return column.stored and not column.computed


def _typed(column: Column, value: Any) -> Any:
    match column.type.kind:
        case "datetime" if isinstance(value, str):
            moment = parse_datetime(value)
            # Which typed clients are shown where there is none.
            return None if moment == EARLIEST else moment
        case "decimal" if value is not None:
            return Decimal(value)
        case "list" if value is None:
            return None if column.type.item is not None and column.type.item.kind == "object" else []
        case _:
            return value
