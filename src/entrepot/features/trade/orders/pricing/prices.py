"""Bringing an order up to date: live products, choices, prices and sums (MON-2 to MON-9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from entrepot.domain.orders.choices import Choices, choose
from entrepot.domain.orders.prices import PricedLine, prices
from entrepot.domain.orders.totals import Charges, LineMoney, totals
from entrepot.engine.call import Call
from entrepot.features.trade.orders.priced import Known, PricedOrder
from entrepot.features.trade.orders.pricing.discounts import keep_share, offers_for, put_discounts
from entrepot.features.trade.orders.pricing.facts import read_facts, read_variants
from entrepot.features.trade.orders.pricing.promotions import cut_rows
from entrepot.features.trade.orders.rows import LineRow, by_name
from entrepot.features.trade.orders.store import Loaded
from entrepot.kernel.errors import ApiError

Values = dict[str, Any]
NOTHING = Decimal(0)


async def price_order(call: Call, loaded: Loaded) -> PricedOrder:
    """Re-price all lines of an order that is not submitted yet, and its sums. At most two statements, one more for a
    user that is not remembered, and one for discounts on catalogs.
    """
    return put_prices(loaded, await read_prices(call, loaded), call.clock())


async def read_prices(call: Call, loaded: Loaded) -> Known:
    """What the prices of an order depend on, which stays as it is. The statements of `price_order`."""
    live = [line for line in loaded.lines if not line["ad_hoc"]]
    facts = await read_facts(call, loaded.order, (line["ProductID"] for line in live))
    choices: dict[str, Choices] = {}
    faults: dict[str, ApiError] = {}
    for line in live:
        product = facts.product(line["ProductID"])
        if product is not None:
            try:
                choices[line["ID"]] = choose(product.specs, line["Specs"] or [])
            except ApiError as fault:
                faults[line["ID"]] = fault
    products = {line["ID"]: line["ProductID"].lower() for line in live}
    wanted = {(products[line_id], found.variant) for line_id, found in choices.items() if found.variant}
    await read_variants(call, facts, wanted)
    return Known(facts, choices, faults, await offers_for(call, loaded, facts))


def put_prices(loaded: Loaded, known: Known, now: datetime) -> PricedOrder:
    """The order with the prices and sums of now. Lines whose product is gone, cannot be seen or has no price keep what they
    had: submitting refuses them (LI-5).
    """
    for line in loaded.lines:
        if not line["ad_hoc"]:
            _copy(known, line)
    lines = {line["ID"]: _priced_line(known, line) for line in loaded.lines if not line["IsBundle"]}
    subscribed = loaded.order["SubscriptionID"] is not None
    priced = PricedOrder(
        known.facts,
        known.choices,
        known.faults,
        known.offers,
        lines=lines,
        prices=prices(lines.values(), now, in_subscription=subscribed),
    )
    for line in loaded.lines:
        _put_price(priced, line)
    put_discounts(loaded, priced)
    loaded.facts = priced
    add_up(loaded)
    return priced


def add_up(loaded: Loaded) -> None:
    """The sums of the order from its lines and the rows of its promotions, which are cut to what they allow (MON-2, AMT-5,
    RCL-2).
    """
    order = loaded.order
    order["Subtotal"] = sum((line["LineSubtotal"] for line in loaded.lines), NOTHING)
    order["BaseDiscount"] = sum((line["BaseDiscount"] for line in loaded.lines), NOTHING)
    on_order = cut_rows(loaded)
    money = []
    for line in loaded.lines:
        each = LineMoney(line["LineSubtotal"], line["BaseDiscount"], line["PromotionDiscount"])
        line["LineTotal"] = each.total
        money.append(each)
    charges = Charges(
        shipping=order["ShippingCost"], tax=order["TaxCost"], gratuity=order["Gratuity"], fees=order["Fees"]
    )
    sums = totals(money, charges, order_discount=on_order)
    order["Subtotal"], order["BaseDiscount"] = sums.subtotal, sums.base_discount
    order["PromotionDiscount"], order["Total"] = sums.promotion_discount, sums.total
    order["LineItemCount"] = sum(1 for line in loaded.lines if not line["IsBundle"])


def _copy(known: Known, line: LineRow) -> None:
    """The line's copies of product, choices and variant."""
    product = known.product(line)
    if product is None:
        return
    line["ProductID"] = product.wire["ID"]
    line["SupplierID"] = product.supplier
    _put(line, "Product", product.wire)
    found = known.choices.get(line["ID"])
    if found is not None:
        _put(line, "Specs", found.specs)
        variant = known.variant(line)
        _put(line, "Variant", None if variant is None else variant.wire)


def _put(line: LineRow, name: str, value: Any) -> None:
    # The same object stays, so that what has not changed is not written.
    if line.get(name) != value:
        by_name(line)[name] = value


def _priced_line(known: Known, line: LineRow) -> PricedLine:
    product, found = known.product(line), known.choices.get(line["ID"])
    return PricedLine(
        id=line["ID"],
        product_id=line["ProductID"],
        quantity=line["Quantity"],
        schedule=None if product is None else product.schedule,
        markups=() if found is None else found.markups,
        overridden=line["UnitPrice"] if line["PriceOverridden"] or line["ad_hoc"] else None,
        in_bundle=line["BundleItemID"] is not None,
    )


def _put_price(priced: PricedOrder, line: LineRow) -> None:
    if line["IsBundle"]:
        line["UnitPrice"] = line["LineSubtotal"] = NOTHING
        return
    price, product = priced.prices[line["ID"]], priced.product(line)
    if not line["PriceOverridden"] and product is not None:
        line["PriceScheduleID"] = product.schedule_id
    if price is None:
        line["LineSubtotal"] = line["LineSubtotal"] or NOTHING
        return
    line["UnitPrice"], line["LineSubtotal"], line["IsOnSale"] = price.unit, price.subtotal, price.on_sale


def reprice_frozen(line: LineRow) -> None:
    """The subtotal of a line of a submitted order after a change of its quantity: UnitPrice stays (MON-9)."""
    lines: Iterable[PricedLine] = [
        PricedLine(
            id=line["ID"],
            product_id=line["ProductID"],
            quantity=line["Quantity"],
            schedule=None,
            overridden=line["UnitPrice"] or NOTHING,
        )
    ]
    before = line["LineSubtotal"]
    for price in prices(lines, line["DateAdded"]).values():
        line["LineSubtotal"] = NOTHING if price is None else price.subtotal
    keep_share(line, before)
