"""Users as administrators see them, for what is told of them abroad."""

from __future__ import annotations

from typing import Any

from entrepot.declare.resource import Resource
from entrepot.engine.call import Call
from entrepot.engine.rows import render
from entrepot.engine.statements import statements
from entrepot.features.people.identity.resources import ADMIN_USERS, SUPPLIER_USERS, USER, USERS
from entrepot.kernel.errors import NotFoundError

PLACE = 'SELECT "ID", "BuyerID", "SupplierID" FROM users WHERE marketplace_id = $1 AND key = $2'


async def shown_user(call: Call, key: int) -> dict[str, Any]:
    """The user of a key, with its AvailableRoles and without its password. Raises NotFoundError."""
    place = await call.db.fetchrow(PLACE, call.marketplace_id, key)
    resource: Resource = ADMIN_USERS
    parents: tuple[str, ...] = ()
    if place is not None and place["BuyerID"] is not None:
        resource, parents = USERS, (place["BuyerID"],)
    elif place is not None and place["SupplierID"] is not None:
        resource, parents = SUPPLIER_USERS, (place["SupplierID"],)
    sql = statements(resource).read
    row = place and await call.db.fetchrow(sql, call.marketplace_id, *parents, place["ID"])
    if row is None:
        raise NotFoundError(USER.object_type, str(key))
    return render(call, resource, row)
