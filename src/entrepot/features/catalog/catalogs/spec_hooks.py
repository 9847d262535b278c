"""Rules of specs and their options (catalog spec section 10)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.features.catalog.products.counts import count_specs
from entrepot.features.people.ownership import BelowOwnedHooks, OwnedHooks
from entrepot.kernel.errors import (
    BundleVariantSpecError,
    FamilyVariantSpecError,
    SpecNotRequiredError,
    SpecOpenTextError,
    SpecOptionNotFoundError,
)

Values = dict[str, Any]

OWNER = 'SELECT s."OwnerID" FROM specs s WHERE s.marketplace_id = $1 AND s."ID" = $2'
OPTION = (
    'SELECT "ID" FROM spec_options WHERE marketplace_id = $1 AND "SpecID" = $2 AND "ID" = $3 FOR KEY SHARE'
)
LOCK_SPEC = 'SELECT 1 FROM specs WHERE marketplace_id = $1 AND "ID" = $2 FOR NO KEY UPDATE'
CLEAR_DEFAULT = """
UPDATE specs SET "DefaultOptionID" = NULL WHERE marketplace_id = $1 AND "ID" = $2 AND "DefaultOptionID" = $3
"""
WITHOUT_VARIANTS = """
SELECT bool_or(p."IsBundle") AS bundles, bool_or(p."IsParent" OR p."ParentID" IS NOT NULL) AS families
FROM spec_product_assignments a JOIN products p ON p.marketplace_id = $1 AND p."ID" = a."ProductID"
WHERE a.marketplace_id = $1 AND a."SpecID" = $2
"""
TAKE_FROM_PRODUCTS = """
DELETE FROM spec_product_assignments WHERE marketplace_id = $1 AND "SpecID" = $2 RETURNING "ProductID"
"""


class SpecHooks(OwnedHooks):
    """What defines variants is chosen (SPC-1), by products that may have variants (SPC-3); the default option exists
    (SPC-2).
    """

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        if new["DefinesVariant"] and not new["Required"]:
            raise SpecNotRequiredError
        if new["DefinesVariant"] and new["AllowOpenText"]:
            raise SpecOpenTextError
        if old is not None and new["DefinesVariant"] and not old["DefinesVariant"]:
            given = await call.db.fetchrow(WITHOUT_VARIANTS, call.marketplace_id, old["ID"])
            assert given is not None
            if given["bundles"]:
                raise BundleVariantSpecError
            if given["families"]:
                raise FamilyVariantSpecError
        option = new["DefaultOptionID"]
        if option and (old is None or option != old["DefaultOptionID"]):
            new["DefaultOptionID"] = await stored_option(call, None if old is None else old["ID"], option)

    async def check_delete(self, call: Call, old: Values) -> None:
        await super().check_delete(call, old)
        rows = await call.db.fetch(TAKE_FROM_PRODUCTS, call.marketplace_id, old["ID"])
        await count_specs(call, [row["ProductID"] for row in rows])


class SpecOptionHooks(BelowOwnedHooks):
    """The spec's default option goes with its option (SPC-5): specs and options cannot refer to one another by foreign
    keys in both directions.
    """

    async def check_delete(self, call: Call, old: Values) -> None:
        await super().check_delete(call, old)
        # Meanwhile nobody makes it the default: no foreign key would stop the deletion.
        await call.db.execute(LOCK_SPEC, call.marketplace_id, old["SpecID"])
        await call.db.execute(CLEAR_DEFAULT, call.marketplace_id, old["SpecID"], old["ID"])


async def stored_option(call: Call, spec: str | None, option: str) -> str:
    """A default option's ID as it is stored, locked until the unit ends. Raises Spec.OptionNotFound; a spec that is not
    there yet has none.
    """
    stored: str | None = await call.db.fetchval(OPTION, call.marketplace_id, spec, option)
    if stored is None:
        raise SpecOptionNotFoundError({"Property": "DefaultOptionID", "Value": option})
    return stored
