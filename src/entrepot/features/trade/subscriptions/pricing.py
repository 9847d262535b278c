"""What the items of a subscription cost now, and which of them could be ordered (SBS-1, SBS-2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.engine.call import Call
from entrepot.features.trade.orders.lines.checks import check_product, refusals_of
from entrepot.features.trade.orders.priced import PricedOrder
from entrepot.features.trade.orders.pricing.prices import price_order
from entrepot.features.trade.orders.rows import LineRow
from entrepot.features.trade.subscriptions.store import Template, save
from entrepot.kernel.errors import ApiError

Values = dict[str, Any]


async def project(call: Call, template: Template) -> PricedOrder:
    """Price the items as an order of the subscription would be; ProjectedSubtotal is the sum of those that could be
    ordered now. Two statements at most, one more for a user that is not remembered.
    """
    priced = await price_order(call, template.loaded)
    orderable, _ = orderable_items(template, priced)
    template.subscription["ProjectedSubtotal"] = sum((item["LineSubtotal"] for item in orderable), Decimal(0))
    return priced


async def close(call: Call, template: Template) -> PricedOrder:
    """Price the subscription anew and write what has changed."""
    priced = await project(call, template)
    await save(call, template)
    return priced


def orderable_items(template: Template, priced: PricedOrder) -> tuple[list[LineRow], list[str]]:
    """The items that can be ordered now, and the products of the others. With its head a whole bundle is missing."""
    gone = {item["ID"] for item in template.loaded.lines if refusal_of(priced, item) is not None}
    gone |= {item["ID"] for item in template.loaded.lines if item["BundleItemID"] in gone}
    orderable = [item for item in template.loaded.lines if item["ID"] not in gone]
    products = {item["ProductID"]: None for item in template.loaded.lines if item["ID"] in gone}
    return orderable, list(products)


def refusal_of(priced: PricedOrder, item: LineRow) -> ApiError | None:
    """What stands against ordering the item, stock aside: that is looked at when the order is submitted."""
    try:
        check_product(priced, item)
    except ApiError as error:
        return error
    return next(iter(refusals_of(priced, item, final=False)), None)
