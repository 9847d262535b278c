"""Who reads and who changes a product collection (COL-2, COL-5)."""

from __future__ import annotations

from dataclasses import dataclass

from entrepot.engine.call import Call
from entrepot.kernel.errors import ModifyCollectionError, NotFoundError
from entrepot.kernel.sql import Sql

JOINED = """EXISTS (
    SELECT 1 FROM product_collection_invitations i
    WHERE i.marketplace_id = :marketplace_id AND i.collection_key = t.key AND i.user_key = :caller)"""
LISTED = """t.key IN (
    SELECT own.key FROM product_collections own
    WHERE own.marketplace_id = :marketplace_id AND own.user_key = CAST(:caller AS bigint)
    UNION ALL
    SELECT open.key FROM product_collections open
    WHERE open.marketplace_id = :marketplace_id AND open."BuyerID" = :buyerID AND open."AccessLevel" = 'Public'
    UNION ALL
    SELECT i.collection_key FROM product_collection_invitations i
    WHERE i.marketplace_id = :marketplace_id AND i.user_key = CAST(:caller AS bigint))"""
"""Of the collections `t` of the caller's buyer, those that its lists show. One arm for each way, by its index."""
READABLE = f"""t.user_key = :caller OR t."AccessLevel" IN ('Public', 'Shareable') OR {JOINED}"""
ACCESS = Sql(f"""
SELECT s.epoch AS _epoch, t.key, t."ID", t.user_key,
       coalesce(t.user_key = :caller::bigint, false) AS owned,
       coalesce({READABLE}, false) AS readable,
       EXISTS (SELECT 1 FROM product_collection_invitations i
               WHERE i.marketplace_id = :marketplace_id AND i.collection_key = t.key AND i.user_key = :caller::bigint AND i."Admin") AS shared
FROM security_epochs s
LEFT JOIN product_collections t ON t.marketplace_id = :marketplace_id AND t."BuyerID" = :buyer AND t."ID" = :collection
WHERE s.marketplace_id = :marketplace_id
""").bound("marketplace_id", "buyer", "collection", "caller")


@dataclass(frozen=True, slots=True)
class Access:
    """What the caller may do with a collection of its buyer."""

    key: int
    id: str
    owner: int | None
    """The owner's user key; None where nobody knows it."""
    owned: bool
    readable: bool
    shared: bool
    """Whether the caller has joined it as one who edits its entries."""


def caller_key(call: Call) -> int | None:
    """Whom collections may belong to: nobody, if the caller is an anonymous shopper."""
    return None if call.principal.is_guest else call.principal.user_key


async def find_access(call: Call) -> Access | None:
    """The collection of the caller's buyer that the path names, readable or not. One statement, which confirms the
    caller.
    """
    row = await call.db.fetchrow(
        ACCESS,
        call.marketplace_id,
        call.principal.buyer_id,
        call.path["productCollectionID"],
        caller_key(call),
    )
    call.confirm(row["_epoch"] if row else None)
    if row is None or row["key"] is None:
        return None
    return Access(row["key"], row["ID"], row["user_key"], row["owned"], row["readable"], row["shared"])


async def require_readable(call: Call) -> Access:
    """404 for what the caller cannot read."""
    access = await find_access(call)
    if access is None or not access.readable:
        raise missing(call)
    return access


async def require_owned(call: Call) -> Access:
    """404 for what the caller cannot read, ProductCollection.CannotModify for what it does not own."""
    access = await require_readable(call)
    if not access.owned:
        raise ModifyCollectionError
    return access


async def require_editable(call: Call) -> Access:
    """As `require_owned`, for entries, which those who joined as administrators change too."""
    access = await require_readable(call)
    if not (access.owned or access.shared):
        raise ModifyCollectionError
    return access


def missing(call: Call) -> NotFoundError:
    return NotFoundError("ProductCollection", call.path["productCollectionID"])
