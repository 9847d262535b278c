"""Which orders a caller reaches, and which it may change (ORD-1 to ORD-4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from entrepot.declare.roles import FULL_ACCESS
from entrepot.domain.orders.approvals import UNANSWERED
from entrepot.domain.orders.status import DECIDABLE, OrderStatus
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.engine.statements import texts
from entrepot.features.trade.orders.companies import NOBODY, received_by, sent_by
from entrepot.features.trade.orders.models.enums import OrderDirection
from entrepot.features.trade.orders.models.orders import Order
from entrepot.features.trade.orders.reference import side_of
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.kernel.errors import InsufficientRolesError, ModifySubmittedGroupOrderError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

ADMINS = ("OrderAdmin", FULL_ACCESS)
READERS = ("OrderReader", *ADMINS)
UNSUBMITTED_READERS = ("UnsubmittedOrderReader", FULL_ACCESS)
WRITERS = ("OrderAdmin", "Shopper")
NOTED = frozenset({"Comments", "xp"})
"""What a shopper may still say about an order that it has submitted."""

SIDES = {
    (UserType.BUYER, OrderDirection.OUTGOING): sent_by(UserType.BUYER, ":company"),
    (UserType.BUYER, OrderDirection.INCOMING): NOBODY,
    (UserType.BUYER, OrderDirection.ALL): sent_by(UserType.BUYER, ":company"),
    (UserType.SUPPLIER, OrderDirection.OUTGOING): NOBODY,
    (UserType.SUPPLIER, OrderDirection.INCOMING): received_by(UserType.SUPPLIER, ":company"),
    (UserType.SUPPLIER, OrderDirection.ALL): received_by(UserType.SUPPLIER, ":company"),
    (UserType.SELLER, OrderDirection.OUTGOING): sent_by(UserType.SELLER, ":company"),
    (UserType.SELLER, OrderDirection.INCOMING): received_by(UserType.SELLER, ":company"),
    (UserType.SELLER, OrderDirection.ALL): "true",
}
"""ORD-1. What the seller is no party to, it reaches with All only."""

MINE = "t.user_key = :user_key AND NOT t.guest"
ACTED = f"""EXISTS (
    SELECT 1 FROM order_approvals a
    WHERE a.marketplace_id = :marketplace_id AND a.order_key = t.key
      AND (a.approver_key = :user_key
           OR t."Status" IN ({texts(DECIDABLE)}) AND a."Status" IN ({texts(UNANSWERED)}) AND a.group_key IN (
               SELECT g.group_key FROM user_group_members g
               WHERE g.marketplace_id = :marketplace_id AND g.user_key = :user_key)
              AND a.round = (SELECT max(x.round) FROM order_approvals x
                             WHERE x.marketplace_id = :marketplace_id AND x.order_key = t.key)))"""
"""That an order waits for one of the caller's groups, or was approved or declined by the caller."""

OF_INVITATION = """t.key = (
    SELECT i.order_key FROM group_order_invitations i WHERE i.marketplace_id = :marketplace_id AND i."ID" = :guest_order)"""


@dataclass(frozen=True, slots=True)
class OrderSight:
    """What decides which orders a caller sees; the same for many callers."""

    user_type: UserType
    reads_all: bool
    reads_unsubmitted: bool
    guest: bool
    invited: bool = False


def sight(principal: Principal, also: tuple[str, ...] = ()) -> OrderSight:
    """How this caller looks at orders (ORD-3). `also` are roles that read as OrderReader does."""
    return OrderSight(
        user_type=principal.user_type,
        reads_all=not principal.roles.isdisjoint((*READERS, *also)),
        reads_unsubmitted=not principal.roles.isdisjoint(UNSUBMITTED_READERS),
        guest=principal.is_guest,
        invited=principal.is_invited,
    )


@lru_cache(maxsize=256)
def visible(seen: OrderSight, direction: OrderDirection) -> Sql:
    """The condition that an order `t` is one that the caller reaches in a direction: a user `:user_key` of `:company`.

    `:guest_order` is the order ID that an anonymous shopper's token names; for who was invited the invitation. It stands in
    the conditions of these alone.
    """
    side = SIDES[seen.user_type, direction]
    if seen.guest:
        return Sql(f'({side} AND t.user_key = :user_key AND t.guest AND t."ID" = :guest_order)')
    if seen.invited:
        return Sql(f"({side} AND t.user_key = :user_key AND {OF_INVITATION})")
    arms = [MINE, ACTED]
    if seen.reads_all:
        arms.append("true" if seen.reads_unsubmitted else 't."IsSubmitted"')
    return Sql(f"(({side}) AND ({' OR '.join(f'({arm})' for arm in arms)}))")


MINE_OR_ACTED = f"""t.key IN (
    SELECT o.key FROM orders o
    WHERE o.marketplace_id = :marketplace_id AND o.user_key = :user_key AND NOT o.guest AND NOT o."IsSubmitted"
    UNION ALL
    SELECT a.order_key FROM order_approvals a WHERE a.marketplace_id = :marketplace_id AND a.approver_key = :user_key
    UNION ALL
    SELECT a.order_key FROM order_approvals a
    JOIN orders o ON o.marketplace_id = :marketplace_id AND o.key = a.order_key AND o."Status" IN ({texts(DECIDABLE)})
    WHERE a.marketplace_id = :marketplace_id AND a."Status" IN ({texts(UNANSWERED)}) AND a.group_key IN (
        SELECT g.group_key FROM user_group_members g WHERE g.marketplace_id = :marketplace_id AND g.user_key = :user_key))"""
"""MINE or ACTED for unsubmitted orders, as a set that is read first: in a list nothing is asked for every row."""


@lru_cache(maxsize=256)
def listed(seen: OrderSight, direction: OrderDirection, *, submitted: bool) -> Sql:
    """As `visible`, for lists of submitted or of unsubmitted orders, whose condition on that stands beside this one."""
    side = SIDES[seen.user_type, direction]
    if seen.guest or seen.invited or not seen.reads_all:
        return visible(seen, direction)
    if submitted or seen.reads_unsubmitted:
        return Sql(side)
    return Sql(f"({side} AND {MINE_OR_ACTED})")


def direction_of(call: Call) -> OrderDirection:
    """The path's direction; 404 for what is none."""
    return side_of(call.path["direction"])


def is_admin(principal: Principal) -> bool:
    """OA of the spec: OrderAdmin or FullAccess."""
    return not principal.roles.isdisjoint(ADMINS)


def owns(principal: Principal, order: OrderRow) -> bool:
    """Whether the order is the caller's own."""
    return bool(order["user_key"] == principal.user_key)


def require_own(principal: Principal, order: OrderRow) -> None:
    """What the order's own user and administrators of orders may do; else 403."""
    if not owns(principal, order) and not is_admin(principal):
        raise InsufficientRolesError(ADMINS, sorted(principal.roles))


def require_writable(principal: Principal, order: OrderRow) -> None:
    """ORD-4: others than administrators change their own orders, as long as these are unsubmitted; else 403.

    Who was invited to an order changes it until it is submitted (GRP-2).
    """
    if principal.is_invited and order["Status"] != OrderStatus.UNSUBMITTED:
        raise ModifySubmittedGroupOrderError
    if is_admin(principal):
        return
    if not owns(principal, order) or order["Status"] != OrderStatus.UNSUBMITTED:
        raise InsufficientRolesError(ADMINS, sorted(principal.roles))


def patchable(principal: Principal, order: OrderRow) -> Collection[str]:
    """The properties that a PATCH of the order may change: all of them where the caller may write it, Comments and xp
    of an order that the caller itself has submitted (ORD-4); else 403.
    """
    submitted = order["Status"] != OrderStatus.UNSUBMITTED
    if submitted and owns(principal, order) and not (is_admin(principal) or principal.is_invited):
        return NOTED
    require_writable(principal, order)
    return Order.__columns__.keys()
