"""Discounts on the prices of lines (DSC-2): `BaseDiscount` and `DiscountID`, at every pricing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from entrepot.domain.discounts.choice import base_discount, percent_at
from entrepot.domain.orders.prices import counted_quantities
from entrepot.engine.call import Call
from entrepot.features.catalog.audience.discounts import Offers, Priced, read_offers
from entrepot.features.trade.orders.priced import Facts, PricedOrder
from entrepot.features.trade.orders.rows import LineRow
from entrepot.features.trade.orders.store import Loaded
from entrepot.kernel.money import round_money

Values = dict[str, Any]
NOTHING = Decimal(0)


async def offers_for(call: Call, loaded: Loaded, facts: Facts) -> Offers | None:
    """The discounts that reach the order's user, for its products; None where none does. One statement where a discount is
    scoped to a catalog or a category, else none.
    """
    if not facts.discounts:
        return None
    products = (_product(facts, line["ProductID"]) for line in loaded.lines if not line["IsBundle"])
    seen = [each for each in products if each is not None]
    return await read_offers(call, facts.discounts, loaded.order["FromCompanyID"], seen)


def put_discounts(loaded: Loaded, priced: PricedOrder) -> None:
    """The one discount of each line, by the quantity that chooses its price, on its LineSubtotal (inferred); prices of one's
    own, and products that the catalog lacks, have none (inferred).
    """
    for line in loaded.lines:
        line["BaseDiscount"], line["DiscountID"] = NOTHING, None
    if priced.offers is None:
        return
    quantities = counted_quantities(priced.lines.values())
    for line in loaded.lines:
        if line["ID"] not in priced.lines or line["PriceOverridden"] or line["ad_hoc"]:
            continue
        product = _product(priced.facts, line["ProductID"])
        if product is None:
            continue
        quantity = quantities[line["ID"]]
        best = priced.offers.best(product, [quantity])
        percent = NOTHING if best is None else percent_at(best, quantity)
        if best is not None and percent > 0:
            line["BaseDiscount"] = base_discount(line["LineSubtotal"], percent)
            line["DiscountID"] = best.id


def keep_share(line: LineRow, before: Decimal) -> None:
    """A line of a submitted order keeps the share that its discount had of the LineSubtotal `before` (inferred)."""
    if line["BaseDiscount"]:
        share = line["BaseDiscount"] / before if before else NOTHING
        line["BaseDiscount"] = round_money(line["LineSubtotal"] * share)


def _product(facts: Facts, product_id: str) -> Priced | None:
    product = facts.product(product_id)
    if product is None:
        return None
    return Priced(product.wire["ID"], product.wire["ParentID"], product.wire["xp"])
