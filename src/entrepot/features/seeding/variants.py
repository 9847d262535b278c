"""Variants: generated from the specs of their products, then saved with what the file says of them (SEED-4, SEED-5)."""

from __future__ import annotations

from typing import Any

from entrepot.engine.wire.json import load
from entrepot.features.catalog.products.variants import SPECS
from entrepot.features.seeding.batches import Single
from entrepot.features.seeding.problems import Problems
from entrepot.kernel.sql import Sql

Options = frozenset[tuple[str, str]]

VARIANTS = Sql(f"""
SELECT t."ProductID", t."ID", ({SPECS}) AS specs FROM variants t
WHERE t.marketplace_id = :marketplace_id AND t."ProductID" = ANY(:products::citext[])
""").bound("marketplace_id", "products")


class VariantPlan:
    """The products whose variants are generated, and what is known of single ones."""

    def __init__(self) -> None:
        self.products: dict[str, tuple[int, str]] = {}
        """ID in lower case -> the line that asks for its variants, the ID."""

    def take_product(self, line: int, record: dict[str, Any]) -> None:
        """A product with a VariantCount has variants."""
        count, product = record.get("VariantCount"), record.get("ID")
        if isinstance(count, int) and count > 0 and isinstance(product, str):
            self.products.setdefault(product.lower(), (line, product))

    def take_variant(self, line: int, record: dict[str, Any]) -> None:
        """The product of a variant has variants."""
        product = str(record["ProductID"])
        self.products.setdefault(product.lower(), (line, product))

    def address(self, singles: list[Single], generated: list[Any], problems: Problems) -> list[Single]:
        """The variants of the file as calls of SaveVariant: each under the ID that its options were generated with."""
        ids = {(row["ProductID"].lower(), _options(load(row["specs"]))): row["ID"] for row in generated}
        addressed = []
        for single in singles:
            product = single.path["productID"]
            found = ids.get((product.lower(), _options((single.body or {}).get("Specs"))))
            if found is None:
                problems.add(single.line, single.what, f"{product} has no variant of these options", "Specs")
            else:
                path = {"productID": product, "variantID": found}
                addressed.append(Single(single.line, single.what, path, single.body))
        return addressed


def _options(specs: Any) -> Options:
    """The options that a variant's Specs name."""
    pairs = [each for each in specs or () if isinstance(each, dict)]
    return frozenset((str(p.get("SpecID")).lower(), str(p.get("OptionID")).lower()) for p in pairs)
