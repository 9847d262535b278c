"""A shopper's product collections: /me/productcollections (COL-1, COL-2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.declare.resource import declared_here
from entrepot.domain.listing.request import read_list_request
from entrepot.engine.call import Call
from entrepot.engine.expand import WRITES
from entrepot.engine.lists import MARKETPLACE, clause, page, source_of
from entrepot.engine.scoping import target
from entrepot.engine.verbs import UniformVerbs
from entrepot.features.catalog.collections.access import (
    LISTED,
    caller_key,
    find_access,
    require_owned,
    require_readable,
)
from entrepot.features.catalog.collections.resources import MY_COLLECTIONS, ProductCollection
from entrepot.kernel.errors import IdExistsError, ModifyCollectionError, NotFoundError
from entrepot.kernel.user_types import UserType
from entrepot.storage.listing.shapes import shape_of

Values = dict[str, Any]

CALLER = "caller"
OPTIONS = MY_COLLECTIONS.lists
_SHAPE = shape_of(ProductCollection, OPTIONS, ())
_OF_BUYER = source_of(MY_COLLECTIONS, _SHAPE, frozenset())
_LISTED = replace(_OF_BUYER, where=(*_OF_BUYER.where, clause(LISTED)))
_collections = UniformVerbs(MY_COLLECTIONS)


async def list_own(call: Call) -> Reply:
    """The caller's own, those it has joined, and the public ones of its buyer. One statement."""
    scope = {MARKETPLACE: call.marketplace_id, CALLER: caller_key(call), **target(call, MY_COLLECTIONS)}
    return await page(call, MY_COLLECTIONS, _LISTED, read_list_request(call.query, _SHAPE), scope)


async def get(call: Call) -> Reply:
    """Two statements, the second of which confirms the caller."""
    await require_readable(call)
    return await _collections.get(call)


async def create(call: Call) -> Reply:
    """POST: 201; the caller is the owner."""
    return await _collections.create(call)


async def save(call: Call) -> Reply:
    """PUT: an ID that a collection beyond the caller's reach has is taken."""
    access = await find_access(call)
    if access is not None and not access.owned:
        if access.readable:
            raise ModifyCollectionError
        raise IdExistsError("ProductCollection", call.path["productCollectionID"])
    return await _collections.save(call)


async def patch(call: Call) -> Reply:
    await require_owned(call)
    return await _collections.patch(call)


async def delete(call: Call) -> Reply:
    """DELETE: entries and invitations go along."""
    await require_owned(call)
    return await _collections.delete(call)


def my_operation(
    operation_id: str,
    verb: str,
    path: str,
    handler: Callable[[Call], Awaitable[Reply]],
    summary: str,
    **facts: Any,
) -> Operation:
    """An operation under /me/productcollections. Whatever writes is closed to anonymous shoppers (AUTH-35)."""
    usual: dict[str, Any] = {"user_types": frozenset({UserType.BUYER})}
    if verb != "GET":
        usual |= {"unit": Unit.WRITE, "guests": False}
    return Operation(
        id=f"Me.{operation_id}",
        verb=verb,
        path=f"/me/productcollections{path}",
        tag="Me",
        summary=summary,
        handler=handler,
        source=declared_here(2),
        roles=MY_COLLECTIONS.roles.read,
        table="product_collections",
        **(usual | facts),
    )


ITEM = "/{productCollectionID}"
RETURNS = Returns(ProductCollection)
REFUSALS = (*WRITES, ModifyCollectionError)

OPERATIONS: tuple[Operation, ...] = (
    my_operation(
        "ListProductCollections",
        "GET",
        "",
        list_own,
        "List the product collections that the caller may read",
        lists=OPTIONS,
        returns=Returns(ProductCollection, page=True),
        confirms=True,
    ),
    my_operation(
        "GetProductCollection",
        "GET",
        ITEM,
        get,
        "Get one product collection that the caller may read",
        returns=RETURNS,
        errors=(NotFoundError,),
        confirms=True,
    ),
    my_operation(
        "CreateProductCollection",
        "POST",
        "",
        create,
        "Create a product collection of the caller",
        status=201,
        body=Body(ProductCollection),
        returns=RETURNS,
        errors=WRITES,
    ),
    my_operation(
        "SaveProductCollection",
        "PUT",
        ITEM,
        save,
        "Create or replace a product collection of the caller",
        body=Body(ProductCollection),
        returns=RETURNS,
        errors=REFUSALS,
    ),
    my_operation(
        "PatchProductCollection",
        "PATCH",
        ITEM,
        patch,
        "Change some properties of a product collection of the caller",
        body=Body(ProductCollection, partial=True),
        returns=RETURNS,
        errors=REFUSALS,
    ),
    my_operation(
        "DeleteProductCollection",
        "DELETE",
        ITEM,
        delete,
        "Delete a product collection of the caller",
        status=204,
        errors=(NotFoundError, ModifyCollectionError),
    ),
)
