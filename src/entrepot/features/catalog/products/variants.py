"""Variants: what a product is with certain options (catalog spec section 11)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Parent, Stored
from entrepot.declare.resource import Resource, Verb
from entrepot.declare.synced import Synced, Thing
from entrepot.declare.types import Bool, Date, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.domain.pricing.markups import PriceMarkupType
from entrepot.features.catalog.products.resources import IN_PRODUCT, PRODUCTS
from entrepot.features.catalog.products.variants_hooks import VariantHooks
from entrepot.kernel.user_types import UserType

SPECS = """
SELECT coalesce(json_agg(json_build_object(
    'SpecID', s."ID", 'Name', s."Name", 'OptionID', o."ID", 'Value', o."Value",
    'PriceMarkupType', o."PriceMarkupType", 'PriceMarkup', trim_scale(o."PriceMarkup")
) ORDER BY s."ListOrder", lower(s."Name"), s."ID"), CAST('[]' AS json))
FROM spec_options o JOIN specs s ON s.marketplace_id = :marketplace_id AND s."ID" = o."SpecID"
WHERE o.marketplace_id = :marketplace_id AND o.number = ANY(t.options)
"""
"""As specs and options are now; what has been deleted is left out (inferred)."""


class VariantSpec(Wire):
    """The option that makes a variant, of one spec."""

    SpecID: Id = column(required=True)
    Name: Text = column(read_only=True)
    OptionID: Id = column()
    Value: Text = column(max=2000)
    PriceMarkupType: PriceMarkupType = column(nullable=True)
    PriceMarkup: Money = column(nullable=True)


class VariantInventory(Wire):
    """How many of a variant are there (VAR-8)."""

    QuantityAvailable: Int = column(nullable=True)
    NotificationPoint: Int = column(nullable=True)
    LastUpdated: Date = column(read_only=True)


class Variant(Wire):
    """A product with one option of each spec that defines variants."""

    ID: Id = column(max=100)
    Name: Text = column(max=100)
    Description: Text = column(max=2000)
    Active: Bool = column()
    ShipWeight: Money = column(nullable=True)
    ShipHeight: Money = column(nullable=True)
    ShipWidth: Money = column(nullable=True)
    ShipLength: Money = column(nullable=True)
    Inventory: VariantInventory = column()
    Specs: list[VariantSpec] = column(read_only=True, computed=SPECS)
    xp: Xp = column()


VARIANT = Entity(
    model=Variant,
    table="variants",
    object_type="Variant",
    parents=(Parent("ProductID", "products"),),
    stored=(
        Stored(name="options", type="bigint[]", nullable=False, default="'{}'"),
        Stored(name="written_quantity", type="bigint"),
    ),
    synced=(Synced(of=Thing.PRODUCTS, by=("ProductID",), quiet=("written_quantity",)),),
)
"""`options` are the numbers of its spec options; `written_quantity` is the quantity that was last written while the shown
one is a sum over inventory records (IRC-3), else null."""
VARIANTS = Resource(
    name="Products",
    noun="Variant",
    entity=VARIANT,
    path="/products/{productID}/variants",
    item="variantID",
    within=IN_PRODUCT,
    roles=PRODUCTS.roles,
    access=PRODUCTS.access,
    visible={UserType.BUYER: 't."Active"'},
    verbs=frozenset({Verb.LIST, Verb.GET, Verb.SAVE, Verb.PATCH}),
    search=("ID", "Name", "Description"),
    sort=("ID", "Name"),
    hooks=VariantHooks(),
)
RESOURCES = (VARIANTS,)
