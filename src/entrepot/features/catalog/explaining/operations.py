"""GET /entrepot/v1/explain/buyers/{buyerID}/users/{userID}/products/{productID}: why a user sees a product, and at which price."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from entrepot.declare.operation import Operation, QueryParameter, Reply, Returns, operation
from entrepot.declare.types import WireType
from entrepot.domain.catalog.visibility import Ruling
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.standing import READ_EPOCH
from entrepot.engine.units import steady
from entrepot.features.catalog.audience.discounts import Priced as PlacedProduct
from entrepot.features.catalog.audience.discounts import read_offers
from entrepot.features.catalog.audience.shopper import Shopper, read_shopper
from entrepot.features.catalog.explaining import showing
from entrepot.features.catalog.explaining.facts import READ, ProductFacts, read_facts
from entrepot.features.catalog.explaining.models import ProductExplanation
from entrepot.features.catalog.explaining.price_steps import (
    PricedQuantity,
    discount_step,
    locale_step,
    price_step,
    quantity_steps,
    refuses,
    seller_step,
    stock_step,
)
from entrepot.features.catalog.explaining.sight_steps import sight_steps
from entrepot.features.catalog.explaining.world import Seeker, look, prices
from entrepot.features.catalog.pricing.schedules import as_schedule
from entrepot.features.people.explaining.models import StepOutcome
from entrepot.features.people.explaining.steps import COMMON, ROOT, passed, reason, row, step
from entrepot.kernel.errors import NotFoundError, UserGoneError
from entrepot.kernel.sql import Sql

Values = dict[str, Any]

NAMED = Sql(f"""
SELECT ({READ_EPOCH}) AS epoch, b."ID" AS buyer, b."Active" AS buyer_active, u."ID" AS user, u."Active" AS user_active, u.key,
    p."ID" AS product
FROM (SELECT 1) one
LEFT JOIN buyers b ON b.marketplace_id = :marketplace_id AND b."ID" = CAST(:buyer AS citext)
LEFT JOIN users u ON u.marketplace_id = :marketplace_id AND u."BuyerID" = b."ID" AND u."ID" = CAST(:user AS citext)
LEFT JOIN products p ON p.marketplace_id = :marketplace_id AND p."ID" = CAST(:product AS citext)
""").bound("marketplace_id", "buyer", "user", "product")


@operation(
    "Explanations.Product",
    "GET",
    f"{ROOT}/buyers/{{buyerID}}/users/{{userID}}/products/{{productID}}",
    **COMMON,
    summary="Why a user sees a product, or does not, and at which price",
    description="Each step of the decision with the rows that decide it, and what shows these. Visible and PriceScheduleID are what "
    "the user's own requests would be answered with.",
    query=(
        QueryParameter("catalogID", description="Within one catalog, as Me.ListProducts has it."),
        QueryParameter("sellerID", description="Whose price; by default that of the product's owner."),
        QueryParameter(
            "quantity", WireType("integer"), description="How many are to be priced; by default the least."
        ),
    ),
    returns=Returns(ProductExplanation),
    errors=(NotFoundError,),
    confirms=True,
    table="products",
)
async def explain_product(call: Call) -> Reply:
    """Three statements, one more where a discount is scoped to a catalog; all see one moment of the database."""
    given = parameters(call)
    async with steady(call):
        path = call.path
        named = await call.db.fetchrow(
            NAMED, call.marketplace_id, path["buyerID"], path["userID"], path["productID"]
        )
        call.confirm(named["epoch"] if named else None)
        assert named is not None
        for column, kind in (("buyer", "Buyer"), ("user", "User"), ("product", "Product")):
            if named[column] is None:
                raise NotFoundError(kind, path[f"{column}ID"])
        shopper = await read_shopper(call.db, call.marketplace_id, named["key"])
        if shopper is None:
            raise UserGoneError
        seeker = Seeker(
            buyer=named["buyer"],
            currency=shopper.currency,
            catalog=given.get("catalogID"),
            seller=given.get("sellerID"),
            marketplace=call.principal.marketplace,
        )
        facts = await read_facts(call, shopper, named["product"], seeker.catalog, seeker.seller)
        priced = await _priced(call, shopper, facts, given.get("quantity"))
    told = (call, named, shopper, facts, seeker, priced)
    return Reply(await asyncio.to_thread(_explained, *told) if facts.is_large else _explained(*told))


async def _priced(
    call: Call, shopper: Shopper, facts: ProductFacts, quantity: int | None
) -> PricedQuantity | None:
    """The price that holds; None where there is none. At most one statement."""
    if facts.schedule is None:
        return None
    schedule, product = as_schedule(facts.schedule), facts.product
    asked = max(schedule.min_quantity or 1, 1) if quantity is None else quantity
    place = PlacedProduct(product["ID"], product["ParentID"], product["xp"])
    offers = await read_offers(call, shopper.discounts, shopper.buyer, [place])
    quantities = [each.quantity for each in schedule.breaks]
    best = offers.best(place, quantities) if quantities else None
    return PricedQuantity(wire=facts.schedule, schedule=schedule, quantity=asked, best=best)


def _explained(
    call: Call,
    named: asyncpg.Record,
    shopper: Shopper,
    facts: ProductFacts,
    seeker: Seeker,
    priced: PricedQuantity | None,
) -> Values:
    seen = look(facts, seeker)
    steps = [*_cut(facts), _login(named), *sight_steps(facts, seen, seeker), *_bundle(facts, named, seen)]
    kept = _kept(facts, seen)
    if kept and facts.cut:
        # What was read is not what decides.
        steps = [each | {"Decides": False} for each in steps]
    steps += kept
    steps += [seller_step(facts, seeker), locale_step(facts, seeker)]
    steps.append(price_step(facts, seeker, prices(facts, seeker)))
    if priced is not None:
        steps += [*quantity_steps(priced, call.clock()), discount_step(shopper.discounts, priced)]
    steps.append(stock_step(facts))
    return {
        "ProductID": named["product"],
        "BuyerID": named["buyer"],
        "UserID": named["user"],
        "CatalogID": seeker.catalog,
        "SellerID": seeker.seller,
        "Visible": facts.is_visible and not refuses(facts, seeker),
        "Complete": not facts.cut,
        "Reason": reason(steps),
        "Currency": shopper.currency,
        "PriceScheduleID": priced and priced.wire["ID"],
        "Quantity": priced and priced.quantity,
        "UnitPrice": priced and priced.unit,
        "IsOnSale": priced is not None and priced.is_on_sale,
        "DiscountID": priced and priced.best and priced.best.id,
        "DiscountPercent": priced and priced.percent,
        "QuantityAvailable": facts.available,
        "Steps": steps,
    }


def _cut(facts: ProductFacts) -> list[Values]:
    """Nothing, as long as all rows were read."""
    if not facts.cut:
        return []
    message = f"More rows concern the user than are read, of which these steps tell nothing: {READ} of each kind are"
    return [step("Rows", StepOutcome.NOTED, message, [row("List", name, "was cut") for name in facts.cut])]


def _login(named: asyncpg.Record) -> Values:
    """Whoever cannot log in sees nothing, whatever follows."""
    buyer, user = named["buyer"], named["user"]
    rows = [
        row("Buyer", buyer, _active(named["buyer_active"]), showing.buyer(buyer)),
        row("User", user, _active(named["user_active"]), showing.user(buyer, user)),
    ]
    holds = named["buyer_active"] and named["user_active"]
    message = (
        "The user can log in" if holds else "The user cannot log in; what follows would be so if it could"
    )
    return step("User", StepOutcome.NOTED, message, rows)


def _active(value: bool) -> str:
    return f"Active is {str(value).lower()}"


def _bundle(facts: ProductFacts, named: asyncpg.Record, seen: Ruling) -> list[Values]:
    """BND-2: a bundle is visible together with all of its products."""
    if not facts.product["IsBundle"]:
        return []
    parts = facts.rows["parts"]
    hidden = [each for each in parts if not each["Visible"]]
    rows = [
        row(
            "Product",
            each["ID"],
            "is visible" if each["Visible"] else "is not visible",
            showing.explanation(named["buyer"], named["user"], each["ID"]),
            decides=not each["Visible"],
        )
        for each in parts
    ]
    message = (
        "Of the products of the bundle some are not visible"
        if hidden
        else "All products of the bundle are visible"
    )
    return [step("Bundle", passed(not hidden), message, rows, decides=bool(hidden) and seen.is_visible)]


def _kept(facts: ProductFacts, seen: Ruling) -> list[Values]:
    """Nothing, as long as what is kept of the product's audience says what its rows say."""
    hidden = any(not each["Visible"] for each in facts.rows["parts"])
    if facts.is_visible is (seen.is_visible and not hidden):
        return []
    if facts.cut:
        message = "What decides is beyond the rows that were read; the answer is the server's own"
        return [step("Audience", passed(facts.is_visible), message, decides=True)]
    message = "What the server keeps of the product's audience is not what these rows make of it, and it is what counts"
    return [step("Audience", StepOutcome.FAILED, message, decides=True)]


OPERATIONS: tuple[Operation, ...] = (explain_product,)
