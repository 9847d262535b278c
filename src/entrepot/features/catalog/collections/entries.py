"""The products of a collection: put in and taken out by those who may edit it (COL-1, COL-3)."""

from __future__ import annotations

from entrepot.declare.operation import Body, Operation, Reply
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.catalog.audience.memory import AudienceMemory, with_shopper
from entrepot.features.catalog.collections.access import require_editable
from entrepot.features.catalog.collections.own import ITEM, my_operation
from entrepot.features.catalog.collections.resources import ProductCollectionEntry
from entrepot.features.catalog.shopping.seen import require_seen
from entrepot.features.people.services import services
from entrepot.kernel.errors import (
    CollectionEntryLimitError,
    InvalidBodyError,
    ModifyCollectionError,
    NotFoundError,
    ValidationError,
)

MOST_ENTRIES = 500
LOCK = "SELECT 1 FROM product_collections WHERE marketplace_id = $1 AND key = $2 FOR NO KEY UPDATE"
OTHERS = """
SELECT count(*) FROM product_collection_entries
WHERE marketplace_id = $1 AND collection_key = $2 AND "ProductID" <> $3
"""
ADD = """
INSERT INTO product_collection_entries (marketplace_id, collection_key, "ProductID", date_added)
VALUES ($1, $2, $3, $4) ON CONFLICT (marketplace_id, collection_key, "ProductID") DO NOTHING
"""
PLACE = """
UPDATE product_collection_entries SET "ListOrder" = $4
WHERE marketplace_id = $1 AND collection_key = $2 AND "ProductID" = $3
"""
REMOVE = """
DELETE FROM product_collection_entries WHERE marketplace_id = $1 AND collection_key = $2 AND "ProductID" = $3
"""


async def add(call: Call) -> Reply:
    """PUT of a product: a repeated one changes nothing."""
    await _add(call, call.path["productID"])
    return Reply()


async def save(call: Call) -> Reply:
    """POST of a product and its place: a repeated one moves it, and DateAdded stays."""
    access = await require_editable(call)
    entry = validate(ProductCollectionEntry, call.body, partial=False)
    product = await _add(call, entry["ProductID"])
    await call.db.execute(PLACE, call.marketplace_id, access.key, product, entry["ListOrder"])
    return Reply()


async def remove(call: Call) -> Reply:
    """Whether the product is still visible or not."""
    access = await require_editable(call)
    product = call.path["productID"]
    if await call.db.execute(REMOVE, call.marketplace_id, access.key, product) == "DELETE 0":
        raise NotFoundError("Product", product)
    return Reply()


async def _add(call: Call, wanted: str) -> str:
    """Put in a product that the caller sees; its stored ID. Raises ProductCollection.ProductEntryLimit."""
    access = await require_editable(call)
    product = await with_shopper(
        call, services(call).memory(AudienceMemory), lambda shopper: require_seen(call, shopper, wanted)
    )
    entry = (call.marketplace_id, access.key, product)
    # Two at the same time would not count one another.
    await call.db.execute(LOCK, call.marketplace_id, access.key)
    if await call.db.fetchval(OTHERS, *entry) >= MOST_ENTRIES:
        raise CollectionEntryLimitError
    await call.db.execute(ADD, *entry, call.clock())
    return product


ONE = f"{ITEM}/{{productID}}"
EDITS = (NotFoundError, ModifyCollectionError)

OPERATIONS: tuple[Operation, ...] = (
    my_operation(
        "CreateProductCollectionEntry",
        "PUT",
        ONE,
        add,
        "Add a product to a product collection",
        status=204,
        errors=(*EDITS, CollectionEntryLimitError),
    ),
    my_operation(
        "SaveProductCollectionEntry",
        "POST",
        f"{ITEM}/products",
        save,
        "Add a product to a product collection at a place, or move it there",
        status=204,
        body=Body(ProductCollectionEntry),
        errors=(*EDITS, CollectionEntryLimitError, InvalidBodyError, ValidationError),
    ),
    my_operation(
        "DeleteProductCollectionEntry",
        "DELETE",
        ONE,
        remove,
        "Take a product out of a product collection",
        status=204,
        errors=EDITS,
    ),
)
