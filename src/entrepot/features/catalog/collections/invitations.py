"""Invitations to product collections (COL-5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from entrepot.declare.operation import Body, Counted, Created, ListOptions, Operation, Reply, Returns
from entrepot.domain.listing.request import list_meta, read_list_request
from entrepot.domain.messages.audiences import Audience, Told
from entrepot.domain.messages.declared import Subject
from entrepot.domain.messages.types import MessageType
from entrepot.engine import statements
from entrepot.engine.call import Call
from entrepot.engine.lists import MARKETPLACE, field_expressions, page_columns
from entrepot.engine.rows import from_row, renderer, to_row
from entrepot.engine.wire.merge import merge
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.catalog.collections.access import Access, find_access, missing, require_owned
from entrepot.features.catalog.collections.own import ITEM, my_operation
from entrepot.features.catalog.collections.resources import (
    INVITATION,
    ProductCollectionInvitation,
)
from entrepot.features.people.messages.telling import tell_messages
from entrepot.kernel.errors import (
    AcceptedInvitationError,
    InvalidBodyError,
    ModifyCollectionError,
    NotFoundError,
    OwnInvitationError,
    PropertyError,
    ValidationError,
)
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType
from entrepot.storage.listing.compile import compile_list
from entrepot.storage.listing.fetch import fetch_page
from entrepot.storage.listing.shapes import shape_of
from entrepot.storage.listing.source import Source
from entrepot.storage.tables import entity_alias

Values = dict[str, Any]

LIFETIME = timedelta(days=30)
LONGEST_LIFETIME = timedelta(days=366)
COLLECTION = "collection"
OPTIONS = ListOptions(search=("ID", "Name"), sort=("Name", "ID"), premium=True)
COLUMNS = ("ID", "Name", "Admin", "Accepted", "ExpirationDate", "xp")
SELECT = f"""
SELECT {", ".join(f't."{name}"' for name in COLUMNS)}, t.user_key FROM product_collection_invitations t
WHERE t.marketplace_id = $1 AND t.collection_key = $2 AND t."ID" = $3"""
LOCK = f"{SELECT} FOR NO KEY UPDATE"
DELETE = """
DELETE FROM product_collection_invitations WHERE marketplace_id = $1 AND collection_key = $2 AND "ID" = $3
"""
CHANGE = """
UPDATE product_collection_invitations SET "Name" = $4, "Admin" = $5, "ExpirationDate" = $6, xp = $7
WHERE marketplace_id = $1 AND collection_key = $2 AND "ID" = $3
"""
ACCEPT = """
UPDATE product_collection_invitations SET "Accepted" = true, user_key = $4
WHERE marketplace_id = $1 AND collection_key = $2 AND "ID" = $3
"""

_table = entity_alias(INVITATION)
_columns = ProductCollectionInvitation.__columns__.values()
_shape = shape_of(ProductCollectionInvitation, OPTIONS, ())
_source = Source(
    shape=_shape,
    table=_table,
    columns=tuple(page_columns(_columns, _table, ())),
    fields=field_expressions(INVITATION, _columns, _table),
    where=(
        _table.c.marketplace_id == sa.bindparam(MARKETPLACE, type_=sa.BigInteger()),
        _table.c.collection_key == sa.bindparam(COLLECTION, type_=sa.BigInteger()),
    ),
)


async def list_invitations(call: Call) -> Reply:
    """Of a collection of the caller's."""
    access = await require_owned(call)
    request = read_list_request(call.query, _shape)
    compiled = compile_list(_source, request, {MARKETPLACE: call.marketplace_id, COLLECTION: access.key})
    rows, total = await fetch_page(call.db, compiled)
    meta = list_meta(request, total, len(rows), next_page_key=request.next_page_key(total))
    return Reply({"Meta": meta, "Items": _render.render_all(rows)})


async def get(call: Call) -> Reply:
    access = await require_owned(call)
    return Reply(_render.render(await _find(call, access, SELECT)))


async def create(call: Call) -> Reply:
    """POST: 201 with a generated ID, which is what the owner sends to whom it invites."""
    access = await require_owned(call)
    values = validate(ProductCollectionInvitation, call.body, partial=False)
    _complete(call, values)
    row = to_row(INVITATION, {"ID": new_id(), "collection_key": access.key, **values})
    sql = statements.insert(INVITATION.table, tuple(row))
    await call.db.execute(sql, call.marketplace_id, *row.values())
    shown = await call.db.fetchrow(SELECT, call.marketplace_id, access.key, row["ID"])
    assert shown is not None
    above = {"productCollectionID": access.id}
    return Reply(_render.render(shown), created=Created(row["ID"], above))


async def patch(call: Call) -> Reply:
    access = await require_owned(call)
    old = from_row(INVITATION, await _find(call, access, LOCK))
    changes = validate(ProductCollectionInvitation, call.body, partial=True)
    new = merge(ProductCollectionInvitation, old, changes)
    _complete(call, new, renewed="ExpirationDate" in changes)
    row = to_row(INVITATION, new)
    changed = (row["Name"], row["Admin"], row["ExpirationDate"], row["xp"])
    await call.db.execute(CHANGE, call.marketplace_id, access.key, old["ID"], *changed)
    shown = await call.db.fetchrow(SELECT, call.marketplace_id, access.key, old["ID"])
    assert shown is not None
    return Reply(_render.render(shown))


async def delete(call: Call) -> Reply:
    """DELETE: whoever joined with it reads the collection no more."""
    access = await require_owned(call)
    row = await _find(call, access, LOCK)
    await call.db.execute(DELETE, call.marketplace_id, access.key, row["ID"])
    return Reply()


async def accept(call: Call) -> Reply:
    """The caller joins the collection, and the owner is told."""
    access, row = await _invited(call)
    await call.db.execute(ACCEPT, call.marketplace_id, access.key, row["ID"], call.principal.user_key)
    await _tell_owner(call, access, row["ID"], MessageType.PRODUCT_COLLECTION_INVITATION_ACCEPTED)
    return Reply()


async def decline(call: Call) -> Reply:
    """The invitation is gone, and the owner is told."""
    access, row = await _invited(call)
    await call.db.execute(DELETE, call.marketplace_id, access.key, row["ID"])
    await _tell_owner(call, access, row["ID"], MessageType.PRODUCT_COLLECTION_INVITATION_DECLINED)
    return Reply()


async def _find(call: Call, access: Access, sql: str) -> Any:
    row = await call.db.fetchrow(sql, call.marketplace_id, access.key, call.path["invitationID"])
    if row is None:
        raise _no_invitation(call)
    return row


async def _invited(call: Call) -> tuple[Access, Any]:
    """The invitation that the caller answers, locked. Whoever knows its ID has been invited, within the same buyer."""
    access = await find_access(call) if call.principal.buyer_id is not None else None
    if access is None:
        raise missing(call)
    row = await _find(call, access, LOCK)
    if access.owned:
        raise OwnInvitationError
    if row["Accepted"]:
        raise AcceptedInvitationError
    if row["ExpirationDate"] <= call.clock():
        raise _no_invitation(call)
    return access, row


def _complete(call: Call, values: Values, *, renewed: bool = True) -> None:
    """The end of its life: 30 days from now on unless it is said, a year at most. Raises ValidationError."""
    check_xp_size(values["xp"])
    if not renewed:
        return
    now = call.clock()
    end = values["ExpirationDate"] = values["ExpirationDate"] or now + LIFETIME
    if end > now + LONGEST_LIFETIME:
        message = "ExpirationDate cannot be more than a year away."
        raise ValidationError(PropertyError(message, {"Property": "ExpirationDate"}))


async def _tell_owner(call: Call, access: Access, invitation: str, message_type: MessageType) -> None:
    await tell_messages(
        call,
        call.marketplace_id,
        Subject.COLLECTION,
        f"collection/{access.key}",
        {"collection": access.key, "invitation": invitation, "user": call.principal.user_id},
        [Told(message_type, Audience(() if access.owner is None else (access.owner,)))],
        client_id=call.principal.client_id,
    )


def _no_invitation(call: Call) -> NotFoundError:
    return NotFoundError("ProductCollectionInvitation", call.path["invitationID"])


_render = renderer(ProductCollectionInvitation)
PATH = f"{ITEM}/invitations"
ONE = f"{PATH}/{{invitationID}}"
RETURNS = Returns(ProductCollectionInvitation)
OF_PATH = (NotFoundError, ModifyCollectionError)
OF_BODY = (*OF_PATH, InvalidBodyError, ValidationError)
ANYBODY: dict[str, Any] = {
    "user_types": frozenset(UserType),
    "status": 204,
    "errors": (NotFoundError, OwnInvitationError, AcceptedInvitationError),
    "counted": Counted.REFUSED,
}
"""The contract does not keep those who are no buyer's users out; they find no collection."""

OPERATIONS: tuple[Operation, ...] = (
    my_operation(
        "ListProductCollectionInvitations",
        "GET",
        PATH,
        list_invitations,
        "List the invitations to a product collection of the caller",
        lists=OPTIONS,
        returns=Returns(ProductCollectionInvitation, page=True),
        errors=OF_PATH,
        confirms=True,
    ),
    my_operation(
        "GetProductCollectionInvitation",
        "GET",
        ONE,
        get,
        "Get one invitation to a product collection of the caller",
        returns=RETURNS,
        errors=OF_PATH,
        confirms=True,
    ),
    my_operation(
        "CreateProductCollectionInvitation",
        "POST",
        PATH,
        create,
        "Invite somebody to a product collection of the caller",
        status=201,
        body=Body(ProductCollectionInvitation),
        returns=RETURNS,
        errors=OF_BODY,
    ),
    my_operation(
        "PatchProductCollectionInvitation",
        "PATCH",
        ONE,
        patch,
        "Change some properties of an invitation",
        body=Body(ProductCollectionInvitation, partial=True),
        returns=RETURNS,
        errors=OF_BODY,
    ),
    my_operation(
        "DeleteProductCollectionInvitation",
        "DELETE",
        ONE,
        delete,
        "Take an invitation back",
        status=204,
        errors=OF_PATH,
    ),
    my_operation(
        "AcceptProductCollectionInvitation",
        "POST",
        f"{PATH}/accept/{{invitationID}}",
        accept,
        "Join a product collection",
        **ANYBODY,
    ),
    my_operation(
        "DeclineProductCollectionInvitation",
        "POST",
        f"{PATH}/decline/{{invitationID}}",
        decline,
        "Decline to join a product collection",
        **ANYBODY,
    ),
)
