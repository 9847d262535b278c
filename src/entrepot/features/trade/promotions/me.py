"""The promotions that a shopper may use: /me/promotions (PROMO-9, PROMO-10)."""

from __future__ import annotations

from entrepot.declare.operation import Reply
from entrepot.declare.roles import sufficient
from entrepot.declare.view import View
from entrepot.engine.call import Call
from entrepot.engine.row_lists import rows_list
from entrepot.engine.rows import render
from entrepot.engine.statements import confirming, projection
from entrepot.features.trade.promotions.reach import reaches
from entrepot.features.trade.promotions.resources import PROMOTIONS, Promotion
from entrepot.kernel.errors import NotFoundError

SHOPPER = sufficient("Shopper")

VIEW = View(
    name="Promotion",
    names="Promotions",
    model=Promotion,
    table="promotions",
    path="/me/promotions",
    item="promotionID",
    lists=PROMOTIONS.lists,
    roles=SHOPPER,
)
_list = rows_list(PROMOTIONS, f't."Active" AND {reaches(buyer=":buyer", user=":caller")}')
_GET = confirming(
    "promotions",
    projection(PROMOTIONS.columns),
    f't.marketplace_id = :marketplace_id AND t."ID" = :promotion AND t."Active" AND {reaches(buyer=":buyer", user=":caller")}',
).bound("marketplace_id", "promotion", "caller", "buyer")


@VIEW.list("List the promotions that the caller may use")
async def list_my_promotions(call: Call) -> Reply:
    """One statement, which also confirms the caller; one more for an empty page."""
    return await _list(call, {"caller": call.principal.user_key, "buyer": call.principal.buyer_id})


@VIEW.get("Get one promotion that the caller may use")
async def get_my_promotion(call: Call) -> Reply:
    """One statement, which also confirms the caller."""
    caller, promotion = call.principal, call.path["promotionID"]
    arguments = (caller.marketplace_id, promotion, caller.user_key, caller.buyer_id)
    row = await call.db.fetchrow(_GET, *arguments)
    call.confirm(row["_epoch"] if row else None)
    if row is None or row["_found"] is None:
        raise NotFoundError("Promotion", promotion)
    return Reply(render(call, PROMOTIONS, row))
