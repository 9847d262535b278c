"""What is stored of invitations to orders (orders spec section 15)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index, Sorts, Stored
from entrepot.declare.resource import READ, Resource
from entrepot.declare.roles import Roles
from entrepot.features.trade.orders.models.group_orders import GroupOrderInvitation

INVITATION = Entity(
    model=GroupOrderInvitation,
    table="group_order_invitations",
    object_type="GroupOrderInvitation",
    stored=(
        Stored(name="order_key", type="bigint", nullable=False, references="orders"),
        Stored(name="user_key", type="bigint", nullable=False, references="users"),
    ),
    indexes=(Index("ix_group_order_invitations_end", '"ExpirationDate"'),),
    sorts=(Sorts(("ID",), ("user_key",)),),
)
"""`user_key` is who invites: the user of the order."""
ENTITIES = (INVITATION,)

INVITATIONS = Resource(
    name="GroupOrderInvitations",
    entity=INVITATION,
    path="/me/orderinvitations",
    item="invitationID",
    roles=Roles.of(read=("Shopper",), write=("Shopper",)),
    verbs=READ,
    search=("ID", "Name", "OrderID", "OrderStatus"),
    sort=("ID", "Name", "OrderID", "OrderStatus"),
)
"""How these show themselves in lists; not registered, since they are listed by who invites."""
