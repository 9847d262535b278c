"""The list of a promotion's generated codes (GEN-1)."""

from __future__ import annotations

from entrepot.declare.operation import ListOptions, Reply, Returns, operation
from entrepot.declare.resource import Within
from entrepot.declare.roles import Right
from entrepot.engine.access import allowed_types
from entrepot.engine.assignments import bare_page
from entrepot.engine.call import Call
from entrepot.engine.scoping import require
from entrepot.features.trade.promotions.resources import PROMOTIONS, PromotionCode
from entrepot.kernel.errors import NotFoundError

OF_PROMOTION = (Within("promotionID", "PromotionID", PROMOTIONS),)


@operation(
    "Promotions.ListCodes",
    "GET",
    "/promotions/{promotionID}/codes",
    tag="Promotions",
    summary="List the generated codes of a promotion",
    roles=PROMOTIONS.roles.read,
    # Buyers read promotions (AUTH-53), but each of these codes is meant for one who was given it.
    user_types=allowed_types(PROMOTIONS.access, Right.WRITE),
    lists=ListOptions(bare=True),
    returns=Returns(PromotionCode, page=True),
    errors=(NotFoundError,),
    resource="Promotions",
    table="promotion_codes",
)
async def list_codes(call: Call) -> Reply:
    """Two statements; codes in their alphabetical order."""
    (promotion,) = await require(call, OF_PROMOTION)
    body = 'FROM promotion_codes c WHERE c.marketplace_id = :marketplace_id AND c."PromotionID" = :promotion'
    return await bare_page(call, 'c."Code", c."Redeemed"', body, 'c."Code"', {"promotion": promotion})
