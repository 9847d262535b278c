"""What administrators do with users beside the uniform verbs: unlock, log out, move, list across buyers."""

from __future__ import annotations

from typing import Any

import asyncpg

from entrepot.declare.feeds import Changed
from entrepot.declare.operation import Operation, QueryParameter, Reply, Returns, Unit, operation
from entrepot.declare.resource import Resource, Verb
from entrepot.declare.roles import SELLERS_ONLY, Right
from entrepot.declare.types import WireType
from entrepot.domain.orders.status import DRAFT
from entrepot.engine import totals
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.conflicts import refusal
from entrepot.engine.query import parameters
from entrepot.engine.row_lists import rows_list
from entrepot.engine.rows import render
from entrepot.engine.scoping import parents, refuse_foreign_parents, require_parents
from entrepot.engine.statements import statements, texts
from entrepot.features.people import holdings
from entrepot.features.people.identity.enums import UserOrderMoveOption
from entrepot.features.people.identity.hooks import has_open_order, in_use
from entrepot.features.people.identity.resources import ADMIN_USERS, SUPPLIER_USERS, USER, USERS, User
from entrepot.features.people.identity.sessions import end_sessions
from entrepot.kernel.errors import (
    IdExistsError,
    MoveDefaultContextUserError,
    MoveImpersonationUserError,
    MoveUserWithOpenOrderError,
    NotFoundError,
)
from entrepot.kernel.user_types import UserType

UNLOCK = """
UPDATE users SET "FailedLoginAttempts" = 0, locked_until = NULL, locked_indefinitely = false
WHERE marketplace_id = $1 AND key = $2
"""
BUYER_ID = 'SELECT "ID" FROM buyers WHERE marketplace_id = $1 AND "ID" = $2 FOR KEY SHARE'
MOVE = 'UPDATE users SET "BuyerID" = $3 WHERE marketplace_id = $1 AND key = $2'
MOVE_COLLECTIONS = """
UPDATE product_collections SET "BuyerID" = $3 WHERE marketplace_id = $1 AND user_key = $2
"""
MOVE_ORDERS = f"""
UPDATE orders SET "FromCompanyID" = $3, "LastUpdated" = $4
WHERE marketplace_id = $1 AND user_key = $2 AND NOT guest AND ($5::boolean OR "Status" IN ({texts(DRAFT)}))
"""
LEFT_BEHIND = (
    "user_group_members",
    "security_profile_assignments",
    "address_assignments",
    "credit_card_assignments",
    "spending_account_assignments",
    "product_collection_invitations",
    "message_cc_listeners",
)
"""Tables of what a user holds in its company: memberships and user-level assignments (USR-4), collections of others that
it has joined, messages to the company of which it gets copies."""


async def lock_user(call: Call, resource: Resource) -> asyncpg.Record:
    """The user that the path names, locked. 404 for the outermost part of the path that does not exist."""
    refuse_foreign_parents(call, resource)
    user_id = call.path[resource.item]
    row = await call.db.fetchrow(
        statements(resource).lock, call.marketplace_id, *parents(call, resource), user_id
    )
    if row is None:
        await require_parents(call, resource)
        raise NotFoundError(USER.object_type, user_id)
    return row


def _user_operations(resource: Resource) -> tuple[Operation, Operation]:
    """Unlock and revoke for one kind of users: 204 without a body (AUTH-26, AUTH-63)."""
    facts: dict[str, Any] = {
        "tag": resource.title,
        "status": 204,
        "roles": resource.roles.write,
        "user_types": allowed_types(resource.access, Right.WRITE),
        "errors": (NotFoundError,),
        "unit": Unit.WRITE,
        "table": resource.entity.table,
    }
    path = f"{resource.path}/{{{resource.item}}}"

    @operation(
        f"{resource.name}.UnlockUserAccount",
        "POST",
        f"{path}/unlock",
        summary="Unlock a user account that was locked after failed logins",
        **facts,
    )
    async def unlock(call: Call) -> Reply:
        row = await lock_user(call, resource)
        await call.db.execute(UNLOCK, call.marketplace_id, row["key"])
        return Reply()

    @operation(
        f"{resource.name}.RevokeUserTokens",
        "DELETE",
        f"{path}/tokens",
        summary="End every session of a user",
        **facts,
    )
    async def revoke(call: Call) -> Reply:
        row = await lock_user(call, resource)
        await end_sessions(call, row["key"])
        return Reply()

    return unlock, revoke


@operation(
    "Users.Move",
    "POST",
    "/buyers/{buyerID}/users/{userID}/moveto/{newBuyerID}",
    tag=USERS.title,
    summary="Move a user to another buyer",
    status=201,
    roles=USERS.roles.write,
    user_types=frozenset({UserType.SELLER}),
    query=(
        QueryParameter(
            "orders",
            WireType("enum", enum=UserOrderMoveOption),
            required=True,
            description="Which of the user's orders go along.",
        ),
    ),
    returns=Returns(User),
    errors=(
        NotFoundError,
        MoveDefaultContextUserError,
        MoveImpersonationUserError,
        MoveUserWithOpenOrderError,
        IdExistsError,
    ),
    unit=Unit.WRITE,
)
async def move_user(call: Call) -> Reply:
    """USR-4. Memberships and user-level assignments are dropped, sessions end."""
    orders = parameters(call)["orders"]
    async with holdings.changing(call.db, call.marketplace_id) as holders:
        row = await lock_user(call, USERS)
        buyer_id = await call.db.fetchval(BUYER_ID, call.marketplace_id, call.path["newBuyerID"])
        if buyer_id is None:
            raise NotFoundError("Buyer", call.path["newBuyerID"])
        if buyer_id.lower() != row["BuyerID"].lower():
            holders.users.add(row["key"])
            await _move(call, row, buyer_id, orders)
    shown = await call.db.fetchrow(statements(USERS).read, call.marketplace_id, buyer_id, row["ID"])
    assert shown is not None
    return Reply(render(call, USERS, shown))


async def _move(call: Call, row: asyncpg.Record, buyer_id: str, orders: UserOrderMoveOption) -> None:
    speaks_for_client, impersonated = await in_use(call, row["key"])
    if speaks_for_client:
        raise MoveDefaultContextUserError
    if impersonated:
        raise MoveImpersonationUserError
    if await has_open_order(call, row["key"]):
        raise MoveUserWithOpenOrderError
    with call.changing(Changed(users=frozenset({row["key"]}))):
        for table in LEFT_BEHIND:
            await call.db.execute(
                f"DELETE FROM {table} WHERE marketplace_id = $1 AND user_key = $2",
                call.marketplace_id,
                row["key"],
            )
    with call.changing(Changed(users=frozenset({row["key"]}))):
        await _rewrite(call, row, buyer_id, orders)
    await end_sessions(call, row["key"])


async def _rewrite(call: Call, row: asyncpg.Record, buyer_id: str, orders: UserOrderMoveOption) -> None:
    """The rows of the user that go with it."""
    try:
        await call.db.execute(MOVE, call.marketplace_id, row["key"], buyer_id)
        await totals.keep(call.db, call.marketplace_id, USER, dict(row), {**row, "BuyerID": buyer_id})
        await call.db.execute(MOVE_COLLECTIONS, call.marketplace_id, row["key"], buyer_id)
        if orders is not UserOrderMoveOption.NONE:
            everything = orders is UserOrderMoveOption.ALL
            await call.db.execute(
                MOVE_ORDERS, call.marketplace_id, row["key"], buyer_id, call.clock(), everything
            )
    except asyncpg.UniqueViolationError as error:
        raise refusal(error, USER, row["ID"]) from error


BUYER_USERS = Resource(
    name="BuyerUsers",
    entity=USER,
    path="/buyerusers",
    item="userID",
    roles=USERS.roles,
    access=SELLERS_ONLY,
    verbs=frozenset({Verb.LIST}),
    search=USERS.search,
    sort=USERS.sort,
    hooks=USERS.hooks,
)
"""How the list across buyers shows its rows; not registered."""

_across_buyers = rows_list(BUYER_USERS, 't."BuyerID" IS NOT NULL')


@operation(
    "Users.ListAcrossBuyers",
    "GET",
    "/buyerusers",
    tag=USERS.title,
    summary="List users across buyers",
    roles=USERS.roles.read,
    user_types=frozenset({UserType.SELLER}),
    lists=USERS.lists,
    returns=Returns(User, page=True),
    confirms=True,
)
async def list_across_buyers(call: Call) -> Reply:
    return await _across_buyers(call, {})


OPERATIONS = (
    *(made for resource in (USERS, SUPPLIER_USERS, ADMIN_USERS) for made in _user_operations(resource)),
    move_user,
    list_across_buyers,
)
