"""What processes remember, and which rows it is made of: declared where these are, read by the unit that writes them."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class Feed(enum.IntEnum):
    """What is remembered, each under an epoch of the marketplace; in the order in which one unit raises both."""

    SECURITY = 1
    """Who calls, what it may do, what its company gives (ADR 0004)."""
    CATALOG = 2
    """What shoppers see, count and find in catalogs (ADR 0008)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What of catalogs a write may have changed, for those who bring what they remember up to date by the difference.

    products: their numbers; None for any. product_ids: further ones by ID. Children go with their parents. users: keys of those whose
    own audience may be another; None for everybody's. buyers: IDs of those of whose users the same is true. structure: what
    lists are made of beside products and audiences, trees of categories and definitions of facets.
    """

    products: frozenset[int] | None = frozenset()
    product_ids: frozenset[str] = frozenset()
    users: frozenset[int] | None = frozenset()
    buyers: frozenset[str] = frozenset()
    structure: bool = False

    def __or__(self, other: Changed) -> Changed:
        """Both together."""
        return Changed(
            products=_both(self.products, other.products),
            product_ids=self.product_ids | other.product_ids,
            users=_both(self.users, other.users),
            buyers=self.buyers | other.buyers,
            structure=self.structure or other.structure,
        )

    @classmethod
    def party(cls, row: Mapping[str, Any]) -> Changed:
        """The audience of the buyer that a row names, as one of its groups; everybody's where it names none."""
        return cls(buyers=frozenset({row["BuyerID"]})) if row.get("BuyerID") else EVERYBODY


def _both(one: frozenset[int] | None, other: frozenset[int] | None) -> frozenset[int] | None:
    return None if one is None or other is None else one | other


EVERYTHING = Changed(products=None, users=None, structure=True)
EVERYBODY = Changed(users=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """That rows of a table are among what is remembered.

    columns: those that are; None for all but `quiet`. What writes no other column changes nothing that is remembered.
    new_rows: whether a new row does. Nobody can see a thing yet that nothing leads to; a link is seen at once.
    unless: tells of a row, as it was, that nothing remembered is made of it. Asked where the engine's verbs write it.
    scope: of catalogs, what any write of the table may change. changes: what the engine's verbs change with a row, as it was.
    """

    feed: Feed
    columns: tuple[str, ...] | None = None
    quiet: tuple[str, ...] = ()
    new_rows: bool = True
    unless: Callable[[Mapping[str, Any]], bool] | None = None
    scope: Changed = EVERYTHING
    changes: Callable[[Mapping[str, Any]], Changed] | None = None
