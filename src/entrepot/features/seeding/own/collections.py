"""Product collections with their owners, their entries, and who has been invited (catalog spec section 14).

Each belongs to a user, whom the lists of administrators do not show: one whose owner nobody knows is nobody's here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entrepot.declare.operation import Reply, chore
from entrepot.declare.resource import CRUD, Within
from entrepot.declare.types import Bool, Date, Id
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.engine.rows import json_columns
from entrepot.engine.statements import quoted
from entrepot.engine.wire.json import dump
from entrepot.engine.wire.models import check_xp_size, validate
from entrepot.features.catalog.collections.entries import MOST_ENTRIES
from entrepot.features.catalog.collections.hooks import CollectionHooks
from entrepot.features.catalog.collections.resources import (
    COLLECTIONS,
    INVITATION,
    ProductCollection,
    ProductCollectionEntry,
    ProductCollectionInvitation,
)
from entrepot.features.people.identity.computed import user_of
from entrepot.features.people.organizations.resources import IN_BUYER
from entrepot.features.seeding.own.plain import Named, Plain, own_operation
from entrepot.features.seeding.problems import Problems
from entrepot.kernel.errors import CollectionEntryLimitError, NotFoundError
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

CHECK = chore("Seeding.CheckCollections")
USER = 'SELECT key FROM users WHERE marketplace_id = $1 AND "BuyerID" = $2 AND "ID" = $3'
COLLECTION = 'SELECT key FROM product_collections WHERE marketplace_id = $1 AND "BuyerID" = $2 AND "ID" = $3'
PRODUCT = 'SELECT "ID" FROM products WHERE marketplace_id = $1 AND "ID" = $2'
INVITED = ("Name", "Admin", "Accepted", "ExpirationDate", "xp")


class OwnedCollection(Wire, then=ProductCollection):
    """A collection, and the user of the buyer whose it is."""

    UserID: Id = column(computed=user_of("user_key"))


class EntryOfCollection(Wire, then=ProductCollectionEntry):
    """An entry with the moment since which it is there."""

    DateAdded: Date = column(nullable=True)


class SentInvitation(Wire, then=ProductCollectionInvitation):
    """An invitation, and the user who has accepted it."""

    ID: Id = column(required=True)
    Accepted: Bool = column()
    UserID: Id = column()


class OwnerHooks(CollectionHooks):
    """The owner is whom the record names."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        new["user_key"] = await _user(call, new["BuyerID"], new.get("UserID"))


OWNED_COLLECTIONS = replace(
    COLLECTIONS,
    entity=replace(COLLECTIONS.entity, model=OwnedCollection),
    verbs=CRUD,
    hooks=OwnerHooks(),
)
IN_COLLECTION = (*IN_BUYER, Within("productCollectionID", "ProductCollectionID", COLLECTIONS))


async def _user(call: Call, buyer: str, user: str | None) -> int | None:
    return await _found(call, "User", USER, buyer, user) if user else None


async def _found(call: Call, object_type: str, sql: str, *ids: str) -> Any:
    found = await call.db.fetchval(sql, call.marketplace_id, *ids)
    if found is None:
        raise NotFoundError(object_type, ids[-1])
    return found


async def _collection(call: Call) -> int:
    buyer, collection = (call.path[within.parameter] for within in IN_COLLECTION)
    key: int = await _found(call, "ProductCollection", COLLECTION, buyer, collection)
    return key


async def _save_entry(call: Call) -> Reply:
    entry = validate(EntryOfCollection, call.body, partial=False)
    key = await _collection(call)
    product = await _found(call, "Product", PRODUCT, entry["ProductID"])
    added = entry["DateAdded"] or call.clock()
    await call.db.execute(ADD, call.marketplace_id, key, product, entry["ListOrder"], added)
    return Reply()


async def _delete_entry(call: Call) -> Reply:
    await call.db.execute(REMOVE, call.marketplace_id, await _collection(call), call.body["ProductID"])
    return Reply()


async def _save_invitation(call: Call) -> Reply:
    invitation = validate(SentInvitation, call.body, partial=False)
    check_xp_size(invitation["xp"])
    key = await _collection(call)
    user = await _user(call, call.path["buyerID"], invitation["UserID"])
    json = json_columns(INVITATION)
    values = (
        dump(invitation[name]) if name in json and invitation[name] is not None else invitation[name]
        for name in INVITED
    )
    await call.db.execute(INVITE, call.marketplace_id, key, invitation["ID"], user, *values)
    return Reply()


async def _delete_invitation(call: Call) -> Reply:
    await call.db.execute(UNINVITE, call.marketplace_id, await _collection(call), call.body["ID"])
    return Reply()


ADD = """
INSERT INTO product_collection_entries (marketplace_id, collection_key, "ProductID", "ListOrder", date_added)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (marketplace_id, collection_key, "ProductID")
DO UPDATE SET "ListOrder" = excluded."ListOrder", date_added = excluded.date_added
"""
REMOVE = """
DELETE FROM product_collection_entries WHERE marketplace_id = $1 AND collection_key = $2 AND "ProductID" = $3
"""
INVITE = f"""
INSERT INTO product_collection_invitations (marketplace_id, collection_key, "ID", user_key, {", ".join(map(quoted, INVITED))})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (marketplace_id, collection_key, "ID")
DO UPDATE SET user_key = excluded.user_key, {", ".join(f'"{name}" = excluded."{name}"' for name in INVITED)}
"""
UNINVITE = """
DELETE FROM product_collection_invitations WHERE marketplace_id = $1 AND collection_key = $2 AND "ID" = $3
"""
FULL = f"""
SELECT c."BuyerID", c."ID" FROM product_collection_entries e
JOIN product_collections c ON c.marketplace_id = $1 AND c.key = e.collection_key
WHERE e.marketplace_id = $1 GROUP BY c.key, 1, 2 HAVING count(*) > {MOST_ENTRIES} ORDER BY 1, 2
"""


async def refuse_full(call: Call, problems: Problems) -> None:
    """COL-1: once all entries are written, and those that are to go are gone. Raises SeedRefusedError."""
    for buyer, collection in await call.db.fetch(FULL, call.marketplace_id):
        problems.add_refusal(0, f"{ENTRIES.name} of {buyer}, {collection}", CollectionEntryLimitError())
    problems.refuse()


IN = 'c."BuyerID", c."ID" AS "ProductCollectionID"'
OF = (
    "JOIN product_collections c ON c.marketplace_id = :marketplace_id AND c.key = t.collection_key "
    "WHERE t.marketplace_id = :marketplace_id ORDER BY 1, 2, 3"
)


def _select(columns: str, table: str) -> str:
    return Sql(f"SELECT {IN}, {columns} FROM {table} t {OF}").bound("marketplace_id")


PARENTS = (Named("BuyerID", "buyers"), Named("ProductCollectionID", "product_collections", ("BuyerID",)))
PLACE = "/buyers/{buyerID}/productcollections/{productCollectionID}"

ENTRIES = Plain(
    name="ProductCollectionEntries",
    model=EntryOfCollection,
    table="product_collection_entries",
    within=IN_COLLECTION,
    path=f"{PLACE}/products",
    renames={"ID": "ProductID"},
    key=("ProductID",),
    names=(*PARENTS, Named("ProductID", "products")),
    select=_select('t."ProductID", t."ListOrder", t.date_added AS "DateAdded"', "product_collection_entries"),
    save=own_operation(
        "PUT", f"{PLACE}/products", EntryOfCollection, _save_entry, "product_collection_entries"
    ),
    delete=own_operation(
        "DELETE", f"{PLACE}/products", EntryOfCollection, _delete_entry, "product_collection_entries"
    ),
)
INVITATIONS = Plain(
    name="ProductCollectionInvitations",
    model=SentInvitation,
    table="product_collection_invitations",
    within=IN_COLLECTION,
    key=("ID",),
    names=(*PARENTS, Named("UserID", "users", ("BuyerID",))),
    select=_select(
        f't."ID", {", ".join(f"t.{quoted(name)}" for name in INVITED)}, ({user_of("user_key")}) AS "UserID"',
        "product_collection_invitations",
    ),
    save=own_operation(
        "PUT", f"{PLACE}/invitations", SentInvitation, _save_invitation, "product_collection_invitations"
    ),
    delete=own_operation(
        "DELETE", f"{PLACE}/invitations", SentInvitation, _delete_invitation, "product_collection_invitations"
    ),
)
