"""Which price schedule a shopper gets for a product (PRC-1, PRC-2). The lists of shoppers decide the same in SQL."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
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


class PriceSource(enum.IntEnum):
    """Where a price comes from; the number is its rank (PRC-2)."""

    GROUP = 1
    BUYER = 2
    SUPPLIER = 3
    PRODUCT = 4


@dataclass(frozen=True, slots=True)
class Offered:
    """A price schedule that somebody or something gives a shopper. of_parent: the parent of the product does (rank 5)."""

    source: PriceSource
    schedule: str
    group: str | None
    of_parent: bool
    qualifies: bool
    """Whether it is in the shopper's currency (PRC-1)."""


def offered(
    product: PricedProduct, seeker: PriceSeeker, currencies: Mapping[str, str | None]
) -> tuple[Offered, ...]:
    """All price schedules that come into question, by rank (PRC-2). Several groups: the lowest ID first (inferred).

    Where no seller is named, it is the product's owner; a parent is asked for the same seller. `currencies` are those of all price
    schedules.
    """
    seller = seeker.seller or product.owner
    found = []
    here: PricedProduct | None = product
    while here is not None:
        of_here = sorted(_given(here, seeker, seller), key=lambda each: each[:2])
        found += [
            Offered(source, schedule, group, here is not product, currencies[schedule] == seeker.currency)
            for source, schedule, group in of_here
        ]
        here = here.parent
    return tuple(found)


def resolve(product: PricedProduct, seeker: PriceSeeker, currencies: Mapping[str, str | None]) -> str | None:
    """The ID of the price schedule; None: visible, not orderable. A schedule in another currency is passed over like a row
    without one.
    """
    found = (each.schedule for each in offered(product, seeker, currencies) if each.qualifies)
    return next(found, None)


def _given(
    product: PricedProduct, seeker: PriceSeeker, seller: str
) -> Iterator[tuple[PriceSource, str, str | None]]:
    for row in product.rows:
        if row.seller != seller or row.buyer != seeker.buyer:
            continue
        if row.group is None:
            yield PriceSource.BUYER, row.schedule, None
        elif row.group in seeker.groups:
            yield PriceSource.GROUP, row.schedule, row.group
    supplied = product.supplier_defaults.get(seller)
    if supplied is not None:
        yield PriceSource.SUPPLIER, supplied, None
    if product.default is not None:
        yield PriceSource.PRODUCT, product.default, None
