"""Making the variants of a product from the options of its specs (VAR-1 to VAR-5)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import asyncpg

from entrepot.declare.operation import Body, Operation, QueryParameter, Reply, Returns, Unit, operation
from entrepot.declare.roles import Right
from entrepot.declare.types import Bool, WireType
from entrepot.declare.wire import Wire, column
from entrepot.domain.catalog.variants import NewVariant, Option, TooManyVariantsError, missing_variants
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.scoping import require
from entrepot.engine.verbs import UniformVerbs
from entrepot.engine.wire.models import validate
from entrepot.features.catalog.products.counts import count_variants
from entrepot.features.catalog.products.resources import IN_PRODUCT, PRODUCTS, Product
from entrepot.features.catalog.products.variants import VARIANT
from entrepot.features.catalog.products.variants_stock import show_sum
from entrepot.features.people.ownership import belongs_to_another
from entrepot.kernel.errors import (
    BundleVariantsError,
    FamilyVariantsError,
    InvalidBodyError,
    ModifyProductError,
    NotFoundError,
    ValidationError,
    VariantLimitError,
)

LOCK_PRODUCT = """
SELECT "OwnerID", "IsParent" OR "ParentID" IS NOT NULL AS family, "IsBundle", "Active" FROM products
WHERE marketplace_id = $1 AND "ID" = $2 FOR NO KEY UPDATE
"""
OPTIONS = """
SELECT s."ID" AS spec, o.number, o."ID", o."Value" FROM spec_product_assignments a
JOIN specs s ON s.marketplace_id = $1 AND s."ID" = a."SpecID" AND s."DefinesVariant"
LEFT JOIN spec_options o ON o.marketplace_id = $1 AND o."SpecID" = s."ID"
WHERE a.marketplace_id = $1 AND a."ProductID" = $2
ORDER BY s."ListOrder", lower(s."Name"), s."ID", o."ListOrder", o."ID"
"""
EXISTING = 'SELECT "ID", options FROM variants WHERE marketplace_id = $1 AND "ProductID" = $2'
DELETE_ALL = 'DELETE FROM variants WHERE marketplace_id = $1 AND "ProductID" = $2'
INSERT = """
INSERT INTO variants (marketplace_id, "ProductID", "ID", "Name", "Active", options)
SELECT $1, $2, CAST(n.id AS citext), n.name, $3, CAST(n.options AS bigint[])
FROM unnest($4::text[], $5::text[], $6::text[]) AS n(id, name, options)
"""


class VariantOverrides(Wire):
    """What new variants have that does not come from the product."""

    Active: Bool = column(default=True)


_products = UniformVerbs(PRODUCTS)


@operation(
    "Products.GenerateVariants",
    "POST",
    "/products/{productID}/variants/generate",
    tag=PRODUCTS.title,
    summary="Make a variant of each combination of options",
    status=201,
    roles=PRODUCTS.roles.write,
    user_types=allowed_types(PRODUCTS.access, Right.WRITE),
    query=(QueryParameter("overwriteExisting", WireType("boolean")),),
    body=Body(VariantOverrides, required=False),
    returns=Returns(Product),
    errors=(
        NotFoundError,
        InvalidBodyError,
        ValidationError,
        ModifyProductError,
        FamilyVariantsError,
        BundleVariantsError,
        VariantLimitError,
    ),
    unit=Unit.WRITE,
    resource=PRODUCTS.name,
    table=VARIANT.table,
)
async def generate_variants(call: Call) -> Reply:
    """201 with the product. The combinations that are missing are added; with overwriteExisting all are made anew.

    At most ten statements, however many variants there are.
    """
    (product_id,) = await require(call, IN_PRODUCT)
    product = await call.db.fetchrow(LOCK_PRODUCT, call.marketplace_id, product_id)
    if product is None:
        raise NotFoundError("Product", product_id)
    _check_product(call, product)
    active = _wanted_activity(call, product["Active"])
    overwrite = bool(parameters(call).get("overwriteExisting"))
    variants = await _missing(call, product_id, overwrite=overwrite)
    if overwrite:
        await call.db.execute(DELETE_ALL, call.marketplace_id, product_id)
        await show_sum(call, product_id)
    if variants:
        await call.db.execute(
            INSERT,
            call.marketplace_id,
            product_id,
            active,
            [each.id for each in variants],
            [each.name for each in variants],
            ["{" + ",".join(map(str, each.options)) + "}" for each in variants],
        )
    await count_variants(call, product_id)
    return Reply(await _products.read(call, product_id))


def _check_product(call: Call, product: asyncpg.Record) -> None:
    """ORG-4 and VAR-7."""
    if belongs_to_another(call, product["OwnerID"]):
        raise ModifyProductError
    if product["IsBundle"]:
        raise BundleVariantsError
    if product["family"]:
        raise FamilyVariantsError


def _wanted_activity(call: Call, of_product: bool) -> bool:
    """VAR-5: a body says it, by saying nothing too."""
    if not call.content.is_given:
        return of_product
    active: bool = validate(VariantOverrides, call.body, partial=False)["Active"]
    return active


async def _missing(call: Call, product_id: str, *, overwrite: bool) -> list[NewVariant]:
    """The variants to be made; Variant.ExceededLimit for too many combinations (VAR-2)."""
    rows = await call.db.fetch(OPTIONS, call.marketplace_id, product_id)
    existing = () if overwrite else await call.db.fetch(EXISTING, call.marketplace_id, product_id)
    try:
        return missing_variants(
            product_id,
            _by_spec(rows),
            existing={frozenset(row["options"]) for row in existing},
            taken=[row["ID"] for row in existing],
        )
    except TooManyVariantsError as error:
        raise VariantLimitError from error


def _by_spec(rows: Sequence[asyncpg.Record]) -> list[list[Option]]:
    """The options of each spec; of one without options none."""
    return [
        [Option(row["number"], row["ID"], row["Value"]) for row in group if row["number"] is not None]
        for _, group in groupby(rows, key=lambda row: row["spec"])
    ]


OPERATIONS: tuple[Operation, ...] = (generate_variants,)
