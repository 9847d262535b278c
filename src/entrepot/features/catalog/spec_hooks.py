"""Rules of specs and their options (catalog spec section 10)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.call import Call
from entrepot.features.ownership import BelowOwnedHooks, OwnedHooks
from entrepot.kernel.errors import SpecNotRequiredError, SpecOpenTextError, SpecOptionNotFoundError

Values = dict[str, Any]

OWNER = 'SELECT s."OwnerID" FROM specs s WHERE s.marketplace_id = $1 AND s."ID" = $2'
OPTION = (
    'SELECT "ID" FROM spec_options WHERE marketplace_id = $1 AND "SpecID" = $2 AND "ID" = $3 FOR KEY SHARE'
)
LOCK_SPEC = 'SELECT 1 FROM specs WHERE marketplace_id = $1 AND "ID" = $2 FOR NO KEY UPDATE'
CHANGE_DEFAULT = """
UPDATE specs SET "DefaultOptionID" = $4 WHERE marketplace_id = $1 AND "ID" = $2 AND "DefaultOptionID" = $3
"""


class SpecHooks(OwnedHooks):
    """What defines variants is chosen (SPC-1), and the default option exists (SPC-2)."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        await super().check_write(call, old, new)
        if new["DefinesVariant"] and not new["Required"]:
            raise SpecNotRequiredError
        if new["DefinesVariant"] and new["AllowOpenText"]:
            raise SpecOpenTextError
        option = new["DefaultOptionID"]
        if option and (old is None or option != old["DefaultOptionID"]):
            spec = None if old is None else old["ID"]
            stored = await call.db.fetchval(OPTION, call.marketplace_id, spec, option)
            if stored is None:
                raise SpecOptionNotFoundError({"Property": "DefaultOptionID", "Value": option})
            new["DefaultOptionID"] = stored


class SpecOptionHooks(BelowOwnedHooks):
    """The spec's default option follows its option (SPC-5): specs and options cannot refer to one another by foreign
    keys in both directions.
    """

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        if old is not None and old["ID"] != new["ID"]:
            await call.db.execute(CHANGE_DEFAULT, call.marketplace_id, old["SpecID"], old["ID"], new["ID"])

    async def check_delete(self, call: Call, old: Values) -> None:
        await super().check_delete(call, old)
        # Meanwhile nobody makes it the default: no foreign key would stop the deletion.
        await call.db.execute(LOCK_SPEC, call.marketplace_id, old["SpecID"])
        await call.db.execute(CHANGE_DEFAULT, call.marketplace_id, old["SpecID"], old["ID"], None)
