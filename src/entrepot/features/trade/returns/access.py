"""Which returns a caller reaches, and what it may do with them (RET-1, RET-5)."""

from __future__ import annotations

from typing import Any

from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.returns.status import Actor, ReturnEvent, transition
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.features.trade.orders.access import ADMINS, READERS, is_admin
from entrepot.features.trade.orders.companies import received_by, sent_by
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.returns.rows import ReturnRow
from entrepot.kernel.errors import InsufficientRolesError
from entrepot.kernel.sql import Sql
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]


def reach(principal: Principal, order: str) -> Sql:
    """The condition that a caller, a user `:user_key` of `:company`, reaches the returns of an order, whose alias is given
    (inferred: also of those that are not submitted). Readers and administrators of orders reach more than their own.
    """
    own = f"({order}.user_key = :user_key AND NOT {order}.guest)"
    if principal.roles.isdisjoint(READERS):
        return Sql(f"({own})")
    return Sql(f"({own} OR {_of_company(principal.user_type, order)})")


def _of_company(kind: UserType, order: str) -> str:
    match kind:
        case UserType.BUYER:
            return sent_by(kind, ":company", order)
        case UserType.SUPPLIER:
            return received_by(kind, ":company", order)
        case _:
            return "true"


def require_writer(call: Call, order: OrderRow) -> None:
    """Shoppers return what they have ordered, administrators of orders what they reach; else 403."""
    own = order["user_key"] == call.principal.user_key and not order["guest"]
    if not own and not is_admin(call.principal):
        raise_insufficient(call)


def may(call: Call, row: ReturnRow, event: ReturnEvent) -> bool:
    """Whether a return's status allows the event, and to this caller; who reaches the return, `require_writer` says."""
    move = transition(event, OrderStatus(row["Status"]))
    return move is not None and (move.actor is not Actor.ADMIN or is_admin(call.principal))


def raise_insufficient(call: Call) -> None:
    """403, as for a missing role."""
    raise InsufficientRolesError(ADMINS, sorted(call.principal.roles))
