"""Which returns a caller reaches, and what it may do with them (RET-1, RET-5)."""

from __future__ import annotations

from typing import Any

from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.returns.status import Actor, Event, transition
from entrepot.engine.call import Call
from entrepot.engine.principal import Principal
from entrepot.features.trade.orders.access import ADMINS, READERS, is_admin
from entrepot.features.trade.orders.companies import received_by, sent_by
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.features.trade.returns.rows import ReturnRow
from entrepot.kernel.errors import InsufficientRolesError
from entrepot.kernel.user_types import UserType

Values = dict[str, Any]

OWN = "({o}.user_key = {user} AND NOT {o}.guest)"
COMPANY = {
    UserType.BUYER: sent_by(UserType.BUYER, "{company}", "{o}"),
    UserType.SUPPLIER: received_by(UserType.SUPPLIER, "{company}", "{o}"),
    UserType.SELLER: "true",
}
"""The orders of which readers and administrators of orders reach the returns, beside their own."""


def reach(principal: Principal, order: str, company: str, user: str) -> str:
    """The condition that a caller reaches the returns of an order, whose alias is given, as the placeholders of the
    caller's company and key are (inferred: also of those that are not submitted).
    """
    arms = [OWN]
    if not principal.roles.isdisjoint(READERS):
        arms.append(COMPANY[principal.user_type])
    return f"({' OR '.join(arms)})".format(o=order, company=company, user=user)


def require_writer(call: Call, order: OrderRow) -> None:
    """Shoppers return what they have ordered, administrators of orders what they reach; else 403."""
    own = order["user_key"] == call.principal.user_key and not order["guest"]
    if not own and not is_admin(call.principal):
        raise_insufficient(call)


def may(call: Call, row: ReturnRow, event: Event) -> bool:
    """Whether a return's status allows the event, and to this caller; who reaches the return, `require_writer` says."""
    move = transition(event, OrderStatus(row["Status"]))
    return move is not None and (move.actor is not Actor.ADMIN or is_admin(call.principal))


def raise_insufficient(call: Call) -> None:
    """403, as for a missing role."""
    raise InsufficientRolesError(ADMINS, sorted(call.principal.roles))
