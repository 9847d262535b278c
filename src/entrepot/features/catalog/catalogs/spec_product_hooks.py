"""Rules of the specs of products (SPC-3, SPC-4)."""

from __future__ import annotations

from typing import Any

import asyncpg

from entrepot.declare.assignment import AssignmentHooks
from entrepot.engine.call import Call
from entrepot.features.catalog.catalogs.spec_hooks import stored_option
from entrepot.features.catalog.products.counts import count_specs
from entrepot.features.catalog.products.sellers import SOLD_OR_OFFERED
from entrepot.features.people.ownership import belongs_to_another
from entrepot.kernel.errors import (
    BundleVariantSpecError,
    FamilyVariantSpecError,
    ModifyProductError,
    NotFoundError,
    SpecConfigurationError,
    SpecOwnerError,
)
from entrepot.kernel.sql import Sql

Values = dict[str, Any]


def _pair_of(spec_seen: str, seen: str) -> Sql:
    """A spec and a product. The lock keeps the spec as it is, for the rules that tie it to its products."""
    return Sql(f"""
SELECT s."OwnerID" AS spec_owner, s."AllowOpenText", s."DefaultValue", s."DefinesVariant", {spec_seen} AS spec_seen,
       t."OwnerID" AS owner, t."IsParent" OR t."ParentID" IS NOT NULL AS family, t."IsBundle", {seen} AS seen,
       EXISTS (SELECT 1 FROM spec_options o WHERE o.marketplace_id = :marketplace_id AND o."SpecID" = s."ID") AS has_options
FROM specs s JOIN products t ON t.marketplace_id = :marketplace_id AND t."ID" = :product
WHERE s.marketplace_id = :marketplace_id AND s."ID" = :spec
FOR SHARE OF s
""")


PAIR_OF_SUPPLIER = _pair_of(
    """(s."OwnerID" = :company
        OR s."OwnerID" = (SELECT mp."ID" FROM marketplaces mp WHERE mp.marketplace_id = :marketplace_id))""",
    f"({SOLD_OR_OFFERED})",
).bound("marketplace_id", "spec", "product", "company")
PAIR_OF_OTHERS = _pair_of("true", "true").bound("marketplace_id", "spec", "product")


class SpecProductHooks(AssignmentHooks):
    """A spec is given to products of its own owner, and has something to choose from."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        pair = await _pair(call, new["SpecID"], new["ProductID"])
        if pair["owner"] != pair["spec_owner"]:
            raise SpecOwnerError({"SpecID": new["SpecID"], "ProductID": new["ProductID"]})
        if not (pair["has_options"] or pair["AllowOpenText"] or pair["DefaultValue"] or new["DefaultValue"]):
            raise SpecConfigurationError({"SpecID": new["SpecID"]})
        if pair["DefinesVariant"] and pair["IsBundle"]:
            raise BundleVariantSpecError
        if pair["DefinesVariant"] and pair["family"]:
            raise FamilyVariantSpecError
        option = new["DefaultOptionID"]
        if option:
            new["DefaultOptionID"] = await stored_option(call, new["SpecID"], option)

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        await count_specs(call, [new["ProductID"]])

    async def check_delete(self, call: Call, old: Values) -> None:
        await _pair(call, old["SpecID"], old["ProductID"])

    async def after_delete(self, call: Call, old: Values) -> None:
        await count_specs(call, [old["ProductID"]])


async def _pair(call: Call, spec: str, product: str) -> asyncpg.Record:
    """404 for what a supplier does not see, Product.CannotModify for the product of another company (ORG-4)."""
    supplier = call.principal.supplier_id
    sql, more = (PAIR_OF_OTHERS, ()) if supplier is None else (PAIR_OF_SUPPLIER, (supplier,))
    pair = await call.db.fetchrow(sql, call.marketplace_id, spec, product, *more)
    if pair is None or not pair["spec_seen"]:
        raise NotFoundError("Spec", spec)
    if not pair["seen"]:
        raise NotFoundError("Product", product)
    if belongs_to_another(call, pair["owner"]):
        raise ModifyProductError
    return pair
