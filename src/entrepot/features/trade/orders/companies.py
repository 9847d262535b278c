"""Which company an order is from and to: an ID and its kind, since IDs alone do not tell the seller, buyers and suppliers apart.

A buyer and a supplier may share an ID, and IDs change hands over the years. So rows keep the kind beside the ID
(`from_seller`, `to_seller`: the seller's, else a buyer's or a supplier's), and what is asked of a company is asked by these
conditions alone (docs/decisions/0014).
"""

from __future__ import annotations

from entrepot.declare.entity import Stored
from entrepot.features.trade.orders.rows import OrderRow
from entrepot.kernel.user_types import UserType

FROM_SELLER = Stored(name="from_seller", type="boolean", nullable=False, default="false")
TO_SELLER = Stored(name="to_seller", type="boolean", nullable=False, default="false")
NOBODY = "false"


def sent_by(kind: UserType, company: str, order: str = "t") -> str:
    """The condition that an order, or a subscription, is from the company of this kind and ID."""
    match kind:
        case UserType.SELLER:
            return f'{order}.from_seller AND {order}."FromCompanyID" = {company}'
        case UserType.BUYER:
            return f'NOT {order}.from_seller AND {order}."FromCompanyID" = {company}'
        case _:
            return NOBODY


def received_by(kind: UserType, company: str, order: str = "t") -> str:
    """The condition that it is to the company of this kind and ID."""
    match kind:
        case UserType.SELLER:
            return f'{order}.to_seller AND {order}."ToCompanyID" = {company}'
        case UserType.SUPPLIER:
            return f'NOT {order}.to_seller AND {order}."ToCompanyID" = {company}'
        case _:
            return NOBODY


def buyer_of(order: OrderRow) -> str | None:
    """The buyer that an order is from; None for the seller's own."""
    return None if order["from_seller"] else order["FromCompanyID"]


def supplier_of(order: OrderRow) -> str | None:
    """The supplier that an order is to; None for those to the seller."""
    return None if order["to_seller"] else order["ToCompanyID"]
