"""Generated codes of promotions as they are (GEN-1): those that a file lists are a promotion's codes, and no others are made for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entrepot.declare.operation import chore
from entrepot.declare.resource import CRUD, Hooks, Resource, Within
from entrepot.engine.call import Call
from entrepot.features.trade.promotions.generating import generate_codes
from entrepot.features.trade.promotions.hooks import PromotionHooks
from entrepot.features.trade.promotions.resources import PROMOTION_CODE, PROMOTIONS
from entrepot.kernel.errors import PromotionCodeInUseError

Values = dict[str, Any]

GENERATE = chore("Seeding.GenerateCodes")
IS_CODE = (
    'SELECT EXISTS (SELECT 1 FROM promotions p WHERE p.marketplace_id = $1 AND lower(p."Code") = lower($2))'
)
ASKING = """
SELECT p."ID", p."GeneratedCodeCount", p."GeneratedCodeLength", p."GeneratedCodePrefix" FROM promotions p
WHERE p.marketplace_id = $1 AND p."GeneratedCodeCount" > 0 AND CASE
  WHEN $2::citext[] IS NOT NULL THEN p."ID" = ANY($2::citext[])
  ELSE NOT EXISTS (SELECT 1 FROM promotion_codes c WHERE c.marketplace_id = $1 AND c."PromotionID" = p."ID") END
"""
"""Promotions of these IDs, or else those that have no code yet."""


class CodeHooks(Hooks):
    """A code leads to one promotion."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        if await call.db.fetchval(IS_CODE, call.marketplace_id, new["Code"]):
            raise PromotionCodeInUseError


PROMOTIONS_ALONE = replace(PROMOTIONS, hooks=PromotionHooks(generates=False))
"""Whose codes are not made with them."""
PROMOTION_CODES = Resource(
    name="PromotionCodes",
    entity=PROMOTION_CODE,
    path="/promotions/{promotionID}/codes",
    item="code",
    within=(Within("promotionID", "PromotionID", PROMOTIONS),),
    roles=PROMOTIONS.roles,
    verbs=CRUD,
    hooks=CodeHooks(),
)


async def generate_missing(call: Call, promotions: list[str] | None = None) -> None:
    """The codes that these promotions ask for and do not have; or of all that have none."""
    for row in await call.db.fetch(ASKING, call.marketplace_id, promotions):
        await generate_codes(call, dict(row))
