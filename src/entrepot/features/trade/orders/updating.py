"""An order as it would be submitted now (SUB-2.8): of what has been read, without a statement."""

from __future__ import annotations

from entrepot.domain.orders.status import OrderStatus
from entrepot.domain.orders.submitting import OrderedLine, Standing, Submission
from entrepot.features.trade.orders.environment import environment
from entrepot.features.trade.orders.lines.checks import refusals_of
from entrepot.features.trade.orders.priced import PricedOrder
from entrepot.features.trade.orders.pricing.prices import put_prices
from entrepot.features.trade.orders.pricing.stock import Records, draws_of, record_of
from entrepot.features.trade.orders.promotions.terms import basket
from entrepot.features.trade.orders.promotions.uses import redeeming
from entrepot.features.trade.orders.reading import Read
from entrepot.features.trade.orders.rows import LineRow
from entrepot.features.trade.orders.store import Loaded
from entrepot.features.trade.orders.trading import is_calculated, put_trading
from entrepot.kernel.errors import ApiError, NotFoundError, PurchaseBundleError


def bring_up_to_date(loaded: Loaded, found: Read) -> Submission:
    """Copies, prices and sums become those of now; what is to be decided of them."""
    order = loaded.order
    trading = put_trading(loaded, found.traders)
    priced = put_prices(loaded, found.products, found.now)
    seen = environment(loaded, priced, found.categories, found.now, found.budget)
    promotions = None
    if found.uses is not None:
        loaded.terms = found.uses.terms
        promotions = redeeming(loaded, found.uses, basket(seen, found.seller_id))
    return Submission(
        status=OrderStatus(order["Status"]),
        total=order["Total"],
        environment=seen,
        calculated=is_calculated(loaded, found.traders),
        trading=trading,
        lines=tuple(_ordered(priced, found.records, line) for line in loaded.lines),
        payments=found.payments,
        promotions=promotions,
        draws=tuple(draws_of(loaded, priced, found.records)),
        rules=found.rules,
    )


def _ordered(priced: PricedOrder, records: Records, line: LineRow) -> OrderedLine:
    """A line as the decision takes it. Lines of ad-hoc products are what an integration says they are (LI-6)."""
    if line["ad_hoc"]:
        return OrderedLine(line["ID"], line["ProductID"])
    standing = _standing(priced, line)
    refusals: list[ApiError] = []
    if standing is Standing.ORDERABLE:
        product = priced.product(line)
        if product is not None and product.is_bundle and not line["IsBundle"]:
            refusals.append(PurchaseBundleError({"ProductID": line["ProductID"]}))
        refusals += refusals_of(priced, line, final=True)
    if line["InventoryRecordID"] and record_of(records, line) is None:
        refusals.append(NotFoundError("InventoryRecord", line["InventoryRecordID"]))
    return OrderedLine(line["ID"], line["ProductID"], standing, tuple(refusals))


def _standing(priced: PricedOrder, line: LineRow) -> Standing:
    """LI-5. What the user cannot see any more is gone for it."""
    product = priced.product(line)
    if product is None:
        return Standing.GONE
    if not product.active:
        return Standing.INACTIVE
    if product.is_parent:
        return Standing.PARENT
    if not product.visible:
        return Standing.GONE
    return Standing.ORDERABLE if product.sold else Standing.NOT_SOLD
