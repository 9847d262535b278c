"""Discounts on the prices of lines (DSC-2): `BaseDiscount` and `DiscountID`, at every pricing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from entrepot.domain.discounts.choice import base_discount, percent_at
from entrepot.domain.orders.prices import PricedLine, counted_quantities
from entrepot.engine.call import Call
from entrepot.features.audience.discounts import Priced, read_offers
from entrepot.features.orders.priced import Facts
from entrepot.features.orders.rows import LineRow
from entrepot.features.orders.store import Loaded
from entrepot.kernel.money import round_money

Values = dict[str, Any]
NOTHING = Decimal(0)


async def put_discounts(call: Call, loaded: Loaded, facts: Facts, priced: Mapping[str, PricedLine]) -> None:
    """The one discount of each line, by the quantity that chooses its price, on its LineSubtotal (inferred); prices of one's
    own, and products that the catalog lacks, have none (inferred). One statement where a discount is scoped to a catalog
    or a category, else none.
    """
    for line in loaded.lines:
        line["BaseDiscount"], line["DiscountID"] = NOTHING, None
    if not facts.discounts:
        return
    quantities = counted_quantities(priced.values())
    products = {line_id: _product(facts, line.product_id) for line_id, line in priced.items()}
    seen = [each for each in products.values() if each is not None]
    offers = await read_offers(call, facts.discounts, loaded.order["FromCompanyID"], seen)
    for line in loaded.lines:
        product = products.get(line["ID"])
        if product is None or line["PriceOverridden"] or line["ad_hoc"]:
            continue
        quantity = quantities[line["ID"]]
        best = offers.best(product, [quantity])
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
