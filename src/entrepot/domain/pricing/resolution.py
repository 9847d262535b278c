"""Which price schedule a shopper gets for a product (PRC-1, PRC-2). The lists of shoppers decide the same in SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A product assignment that names a price schedule; `group` is None for the whole buyer."""

    seller: str
    buyer: str
    schedule: str
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedProduct:
    """Where a product's prices may come from. `supplier_defaults` are the product-supplier rows, by supplier."""

    owner: str
    default: str | None = None
    rows: tuple[PriceRow, ...] = ()
    supplier_defaults: Mapping[str, str | None] = field(default_factory=dict)
    parent: PricedProduct | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSeeker:
    """A shopper with its currency (LOC-4). `seller` is the one that the request names, if any."""

    buyer: str
    groups: frozenset[str] = frozenset()
    currency: str | None = None
    seller: str | None = None


def resolve(product: PricedProduct, seeker: PriceSeeker, currencies: Mapping[str, str | None]) -> str | None:
    """The ID of the price schedule; None: visible, not orderable. `currencies` are those of all price schedules.

    Where no seller is named, it is the product's owner; a parent is asked for the same seller. A schedule in another
    currency is passed over like a row without one.
    """
    seller = seeker.seller or product.owner

    def qualifies(schedule: str | None) -> bool:
        return schedule is not None and currencies[schedule] == seeker.currency

    here: PricedProduct | None = product
    while here is not None:
        found = _of_seller(here, seeker, seller, qualifies)
        if found is None and qualifies(here.default):
            found = here.default
        if found is not None:
            return found
        here = here.parent
    return None


def _of_seller(
    product: PricedProduct, seeker: PriceSeeker, seller: str, qualifies: Callable[[str | None], bool]
) -> str | None:
    """Ranks 1 to 3. Several groups: the lowest ID (inferred)."""
    rows = [
        row
        for row in product.rows
        if row.seller == seller and row.buyer == seeker.buyer and qualifies(row.schedule)
    ]
    of_groups = sorted(row.schedule for row in rows if row.group in seeker.groups)
    if of_groups:
        return of_groups[0]
    of_buyer = [row.schedule for row in rows if row.group is None]
    if of_buyer:
        return of_buyer[0]
    default = product.supplier_defaults.get(seller)
    return default if qualifies(default) else None
