"""Parent products and their children: what a child has set itself, and what its columns show (PRD-5, PRD-6)."""

from __future__ import annotations

from typing import Any

from entrepot.domain.catalog.inheritance import inherited
from entrepot.engine.call import Call
from entrepot.engine.wire.json import dump, load
from entrepot.kernel.errors import (
    ChildWithVariantsError,
    ModifyIsParentError,
    NotAParentError,
    NotFoundError,
    ParentBundleError,
    ParentOwnerError,
    ParentWithParentError,
    ParentWithVariantsError,
)

Values = dict[str, Any]

SUPPLIER = "DefaultSupplierID"
PRICE, PARENTS_PRICE = "DefaultPriceScheduleID", "inherited_price_schedule"
INHERITED = (
    "Description",
    "QuantityMultiplier",
    "ShipWeight",
    "ShipHeight",
    "ShipWidth",
    "ShipLength",
    "ship_from_key",
    SUPPLIER,
)
"""Properties that may be null, which is how a child leaves them to its parent; flags but Active are its own (inferred)."""
MERGED = (*INHERITED, "Active", "xp")
"""Where `as_written` leaves the row itself."""

READ = ", ".join(f'"{name}"' for name in ("ID", "OwnerID", "IsParent", "IsBundle", PRICE, *MERGED))
PARENT = f'SELECT {READ} FROM products WHERE marketplace_id = $1 AND "ID" = $2 FOR SHARE'
"""Locked, so that the parent neither changes nor leaves before the child is written."""
HAS_CHILDREN = 'SELECT EXISTS (SELECT 1 FROM products WHERE marketplace_id = $1 AND "ParentID" = $2)'
CHILDREN = f"""
SELECT "ID", own, "{SUPPLIER}" FROM products
WHERE marketplace_id = $1 AND "ParentID" = $2 ORDER BY "ID" FOR NO KEY UPDATE
"""
UPDATE_CHILDREN = f"""
UPDATE products t SET
    "Description" = n.description, "QuantityMultiplier" = n.multiplier,
    "ShipWeight" = n.weight, "ShipHeight" = n.height, "ShipWidth" = n.width, "ShipLength" = n.length,
    ship_from_key = n.address, "{SUPPLIER}" = n.supplier, "Active" = n.active, xp = n.xp,
    {PARENTS_PRICE} = $13
FROM unnest($2::citext[], $3::text[], $4::integer[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[],
            $9::bigint[], $10::citext[], $11::boolean[], $12::json[])
     AS n(id, description, multiplier, weight, height, width, length, address, supplier, active, xp)
WHERE t.marketplace_id = $1 AND t."ID" = n.id RETURNING t.number AS changed_product
"""


def as_written(row: Values) -> Values:
    """A stored product with what it has set itself in place of what it shows."""
    own = row["own"]
    return {**row, **({} if own is None else _own_values(own, row))}


def _own_values(own: Values, row: Values) -> Values:
    """What a child has set. Of a reference `own` knows only whether it has one: the ID is the column's, which follows
    a rename and a deletion.
    """
    return {**own, SUPPLIER: row[SUPPLIER] if own[SUPPLIER] else None}


def check_kind(old: Values | None, new: Values) -> None:
    """What a product cannot be at once (PRD-5)."""
    if new["IsParent"] and new["ParentID"]:
        raise ParentWithParentError
    if old is None:
        return
    if old["IsBundle"] and new["IsParent"]:
        raise ParentBundleError
    if old["IsBundle"] and new["ParentID"]:
        raise ParentBundleError(message="A bundle cannot be a child product.")
    if old["VariantCount"] and new["IsParent"] and not old["IsParent"]:
        raise ParentWithVariantsError
    if old["VariantCount"] and new["ParentID"] and not old["ParentID"]:
        raise ChildWithVariantsError


async def check_children_stay(call: Call, old: Values | None, new: Values) -> None:
    """Product.CannotModifyIsParent where a product with children would be no parent any more."""
    if old is not None and old["IsParent"] and not new["IsParent"] and await has_children(call, old["ID"]):
        raise ModifyIsParentError


async def has_children(call: Call, product_id: str) -> bool:
    return bool(await call.db.fetchval(HAS_CHILDREN, call.marketplace_id, product_id))


async def parent_of(call: Call, product: Values) -> Values | None:
    """The parent that a product names, locked until the unit ends; raises for what cannot be its parent. One statement
    for children, none for others.
    """
    if not product["ParentID"]:
        return None
    row = await call.db.fetchrow(PARENT, call.marketplace_id, product["ParentID"])
    parent = None if row is None else _loaded(dict(row))
    owner = call.principal.supplier_id
    if parent is None or (owner and parent["OwnerID"].lower() not in _known_owners(call, owner)):
        raise NotFoundError("Product", product["ParentID"])
    if not parent["IsParent"]:
        raise NotAParentError({"ParentID": parent["ID"]})
    if parent["OwnerID"].lower() != product["OwnerID"].lower():
        raise ParentOwnerError({"ParentID": parent["ID"]})
    return parent


def _known_owners(call: Call, supplier: str) -> tuple[str, str]:
    """Whose products a supplier may hear of."""
    return supplier.lower(), call.principal.marketplace.lower()


def settle(product: Values, parent: Values | None) -> None:
    """Bring a product as written into its stored form: its own values apart, the merged ones in the columns."""
    if parent is None:
        product["own"] = product[PARENTS_PRICE] = None
        return
    own = {name: product[name] for name in MERGED}
    product.update(inherited(own, parent, INHERITED))
    product["own"] = {**own, SUPPLIER: own[SUPPLIER] is not None}
    product[PARENTS_PRICE] = parent[PRICE]


def _loaded(row: Values) -> Values:
    """A selected row with its JSON read."""
    return {name: load(value) if name in ("own", "xp") and value else value for name, value in row.items()}


async def settle_children(call: Call, parent: Values) -> None:
    """Merge a changed parent anew into each of its children. Two statements, however many there are."""
    rows = await call.db.fetch(CHILDREN, call.marketplace_id, parent["ID"])
    if not rows:
        return
    children = [_loaded(dict(row)) for row in rows]
    merged = [inherited(_own_values(child["own"], child), parent, INHERITED) for child in children]
    for child in merged:
        child["xp"] = None if child["xp"] is None else dump(child["xp"])
    columns = [[child[name] for child in merged] for name in MERGED]
    ids = [row["ID"] for row in rows]
    await call.db.fetch(UPDATE_CHILDREN, call.marketplace_id, ids, *columns, parent[PRICE])
