"""The steps to a price, each with the rows that decide it (PRC-1 to PRC-5, PS-4, PS-6, DSC-2, INV)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from entrepot.domain.discounts.choice import percent_at
from entrepot.domain.discounts.terms import Discount
from entrepot.domain.pricing.breaks import (
    Break,
    Schedule,
    break_for,
    in_sale_period,
    quantity_fault,
    unit_base,
)
from entrepot.domain.pricing.resolution import Offered, PriceSource
from entrepot.features.catalog.explaining import showing
from entrepot.features.catalog.explaining.facts import ProductFacts
from entrepot.features.catalog.explaining.world import Seeker, fold
from entrepot.features.people.explaining.models import StepOutcome
from entrepot.features.people.explaining.steps import passed, row, step
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.money import plain_text

Values = dict[str, Any]

SOURCES = {
    PriceSource.GROUP: "assigned to a group of the user",
    PriceSource.BUYER: "assigned to the buyer",
    PriceSource.SUPPLIER: "the default of the supplier that sells it",
    PriceSource.PRODUCT: "the default of the product",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedQuantity:
    """The price of a quantity. wire: the schedule that holds for the shopper; best: the discount on it."""

    wire: Values
    schedule: Schedule
    quantity: int
    best: Discount | None

    @property
    def is_on_sale(self) -> bool:
        return bool(self.wire["IsOnSale"])

    @property
    def chosen(self) -> Break | None:
        return break_for(self.schedule.breaks, self.quantity)

    @property
    def unit(self) -> Decimal | None:
        return None if self.chosen is None else unit_base(self.chosen, on_sale=self.is_on_sale)

    @property
    def percent(self) -> Decimal | None:
        return None if self.best is None else percent_at(self.best, self.quantity)


def refuses(facts: ProductFacts, seeker: Seeker) -> bool:
    """PRC-3: whether the product is not there because the supplier that is named does not sell it. Lists show it without a price."""
    return seeker.catalog is None and not facts.sells


def locale_step(facts: ProductFacts, seeker: Seeker) -> Values:
    """LOC-3: the currency of the user, in which a price has to be."""
    rows = [
        row(
            "LocaleAssignment",
            f"{each['ID']}/{seeker.buyer}" + (f"/{each['UserGroupID']}" if each["UserGroupID"] else ""),
            f"gives {each['Currency']}",
            showing.locale_assignments(each["ID"], seeker.buyer, each["UserGroupID"]),
            decides=index == 0,
        )
        for index, each in enumerate(facts.rows["locales"])
    ]
    currency = seeker.currency
    message = (
        f"The locale of the user has {currency}: prices in it count, and no others"
        if currency
        else "The user has no locale: prices without a currency count, and no others"
    )
    return step("Locale", StepOutcome.NOTED, message, rows)


def seller_step(facts: ProductFacts, seeker: Seeker) -> Values:
    """PRC-1, PRC-3: whose prices, and whether they sell it to the buyer."""
    if seeker.seller is None:
        owner = facts.product["OwnerID"]
        return step(
            "Seller", StepOutcome.NOTED, f"No seller is named: the prices are those of the owner, {owner}"
        )
    if fold(seeker.seller) == fold(seeker.marketplace):
        return step("Seller", StepOutcome.PASSED, "The marketplace sells every product")
    rows = [
        row(
            "ProductSupplier",
            f"{each['ProductID']}/{each['SupplierID']}",
            "the supplier is related to it",
            showing.suppliers(each["ProductID"]),
        )
        for each in facts.rows["supplier_rows"]
    ]
    message = (
        "The supplier sells the product to the buyer"
        if facts.sells
        else "The supplier is not there, is not active, does not serve the buyer, or does not sell the product"
    )
    return step("Seller", passed(facts.sells), message, rows, decides=refuses(facts, seeker))


def price_step(facts: ProductFacts, seeker: Seeker, found: Sequence[Offered]) -> Values:
    """PRC-2: all price schedules in question, by rank; the first in the user's currency holds."""
    known = {fold(each["ID"]): each for each in facts.rows["schedules"]}
    held = next((each for each in found if each.qualifies), None)
    rows = []
    for each in found:
        schedule = known[each.schedule]
        says = SOURCES[each.source] + (" of the parent" if each.of_parent else "")
        if each.group is not None:
            says += f", {each.group}"
        if not each.qualifies:
            says += f"; its currency is {schedule['Currency'] or 'none'}, and the user's {seeker.currency or 'none'}"
        where = showing.price_schedule(schedule["ID"])
        rows.append(row("PriceSchedule", schedule["ID"], says, where, decides=each is held))
    if held is not None:
        message = f"The price is {SOURCES[held.source]}" + (" of the parent" if held.of_parent else "")
    elif found:
        message = "No price schedule in question is in the currency of the user: the product can be seen, not ordered"
    else:
        message = "Nothing gives the user a price schedule: the product can be seen, not ordered"
    return step("PriceSchedule", passed(held is not None), message, rows)


def quantity_steps(priced: PricedQuantity, now: datetime) -> list[Values]:
    """PS-6, PRC-4, PRC-5 and PS-4 for the schedule that holds."""
    schedule, wire = priced.schedule, priced.wire
    where = showing.price_schedule(wire["ID"])
    period = in_sale_period(schedule.sale_start, schedule.sale_end, now)
    window = f"from {wire['SaleStart'] or 'ever'} to {wire['SaleEnd'] or 'always'}"
    says = f"{window}; it is {format_datetime(now)}"
    if priced.is_on_sale:
        sale = "It is on sale"
    else:
        sale = "It is not on sale: " + (
            "no break has a SalePrice" if period else "the time is outside of the sale"
        )
    steps = [
        step("Sale", StepOutcome.NOTED, sale, [row("PriceSchedule", wire["ID"], says, where, decides=True)])
    ]
    fault, chosen = quantity_fault(schedule, priced.quantity), priced.chosen
    rows = [
        row(
            "PriceBreak",
            f"{wire['ID']}/{each.quantity}",
            f"Price {plain_text(each.price)}"
            + (f", SalePrice {plain_text(each.sale_price)}" if each.sale_price is not None else ""),
            where,
            decides=each is chosen,
        )
        for each in sorted(schedule.breaks, key=lambda each: each.quantity)
    ]
    if fault is not None:
        message = f"{priced.quantity} may not be ordered: PriceSchedule.{fault.value}"
    else:
        assert priced.unit is not None
        message = f"The unit price of {priced.quantity} is {plain_text(priced.unit)}"
    return [*steps, step("Quantity", passed(fault is None), message, rows)]


def discount_step(discounts: Sequence[Discount], priced: PricedQuantity) -> Values:
    """DSC-2: which discount of those that reach the user is taken off."""
    best = priced.best
    rows = [
        row(
            "Discount",
            each.id,
            f"Priority {'null' if each.priority is None else each.priority}, "
            f"{plain_text(percent_at(each, priced.quantity))} % at {priced.quantity}",
            showing.discount(each.id),
            decides=best is not None and each.id == best.id,
        )
        for each in discounts
    ]
    if best is None:
        message = (
            "No discount reaches the user" if not discounts else "No discount that reaches the user covers it"
        )
    else:
        message = f"The discount {best.id} comes first of those that cover it, by priority and then by price"
    return step("Discount", StepOutcome.NOTED, message, rows)


def stock_step(facts: ProductFacts) -> Values:
    """INV-5, IRC-4: never hides a product, and says what the user may order of it."""
    product = facts.product
    inventory = product["Inventory"] or {}
    rows = [
        row(
            "InventoryRecord",
            each["ID"],
            f"{each['QuantityAvailable']} on hand, "
            + ("for the user" if each["Meant"] else "not for the user"),
            showing.record(product["ID"], each["VariantID"], each["ID"]),
            decides=each["Meant"],
        )
        for each in facts.rows["records"]
    ]
    if not inventory.get("Enabled"):
        message = "Stock is not kept, or does not limit orders"
    elif rows:
        message = f"The records that are for the user add up to {facts.quantity}"
    else:
        message = f"The product has {inventory.get('QuantityAvailable') or 0} on hand for everybody"
    if inventory.get("OrderCanExceed"):
        message += "; orders may exceed it"
    return step("Inventory", StepOutcome.NOTED, message, rows)
