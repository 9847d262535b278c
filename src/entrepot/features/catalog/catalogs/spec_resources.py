"""Specs and their options: what a shopper chooses of a product (catalog spec section 10)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index, Parent, Stored
from entrepot.declare.named import Named
from entrepot.declare.resource import Resource, Within
from entrepot.declare.roles import Access, Right, Roles
from entrepot.declare.synced import Synced, Thing
from entrepot.declare.types import Bool, Id, Int, Money, Text, Xp
from entrepot.declare.wire import Reference, Wire, column
from entrepot.domain.pricing.markups import PriceMarkupType
from entrepot.features.catalog.audience.seen import seen
from entrepot.features.catalog.catalogs.spec_hooks import OWNER, SpecHooks, SpecOptionHooks
from entrepot.features.people.ownership import OWN_OR_SELLERS
from entrepot.kernel.errors import UserTypeError
from entrepot.kernel.user_types import UserType

COUNT = """
SELECT count(*)::int FROM spec_options o WHERE o.marketplace_id = :marketplace_id AND o."SpecID" = t."ID"
"""
OPTIONS = """
SELECT coalesce(json_agg(json_build_object(
    'ID', o."ID", 'Value', o."Value", 'ListOrder', o."ListOrder", 'IsOpenText', o."IsOpenText",
    'PriceMarkupType', o."PriceMarkupType", 'PriceMarkup', trim_scale(o."PriceMarkup"), 'xp', o.xp
) ORDER BY o."ListOrder", o."ID"), CAST('[]' AS json))
FROM spec_options o WHERE o.marketplace_id = :marketplace_id AND o."SpecID" = t."ID"
"""


class SpecOption(Wire):
    """One of the values of a spec."""

    ID: Id = column(max=100)
    Value: Text = column(required=True, max=2000)
    ListOrder: Int = column()
    IsOpenText: Bool = column()
    PriceMarkupType: PriceMarkupType = column(nullable=True)
    PriceMarkup: Money = column(nullable=True)
    xp: Xp = column()


class Spec(Wire):
    """Something to choose about a product: a list of options, or a text."""

    OwnerID: Id = column(references=Reference("suppliers", on_delete="hand_over"))
    ID: Id = column(max=100)
    ListOrder: Int = column()
    Name: Text = column(required=True)
    DefaultValue: Text = column(max=2000)
    Required: Bool = column()
    AllowOpenText: Bool = column()
    DefaultOptionID: Id = column()
    DefinesVariant: Bool = column()
    xp: Xp = column()
    OptionCount: Int = column(read_only=True, computed=COUNT)
    Options: list[SpecOption] = column(read_only=True, computed=OPTIONS)


SPEC = Entity(
    model=Spec,
    table="specs",
    object_type="Spec",
    names=(Named("DefaultOptionID", "spec_options", 't."ID" = :place', indexed=False),),
    synced=(Synced(of=Thing.SPECS, by=("ID",), new_rows=False),),
)
SPEC_OPTION = Entity(
    model=SpecOption,
    table="spec_options",
    object_type="SpecOption",
    parents=(Parent("SpecID", "specs"),),
    stored=(Stored(name="number", type="bigint", nullable=False, identity=True),),
    indexes=(Index("uq_spec_options_number", "number", unique=True),),
    synced=(Synced(of=Thing.SPECS, by=("SpecID",)),),
)
"""The number stands for an option in variants: it never changes and is never given anew."""

OF_SEEN_PRODUCT = f"""EXISTS (
    SELECT 1 FROM spec_product_assignments sp
    JOIN products p ON p.marketplace_id = :marketplace_id AND sp."ProductID" IN (p."ID", p."ParentID")
    WHERE sp.marketplace_id = :marketplace_id AND sp."SpecID" = t."ID" AND {seen("p")})"""
"""The specs of products that a buyer's user sees."""
SPECS = Resource(
    name="Specs",
    entity=SPEC,
    path="/specs",
    item="specID",
    roles=Roles.named("Product"),
    access=Access(supplier=Right.WRITE, buyer=Right.READ),
    visible={UserType.SUPPLIER: OWN_OR_SELLERS, UserType.BUYER: OF_SEEN_PRODUCT},
    search=("Name", "ID"),
    sort=("ListOrder", "Name", "ID"),
    hooks=SpecHooks(UserTypeError),
)
SPEC_OPTIONS = Resource(
    name="Specs",
    noun="Option",
    entity=SPEC_OPTION,
    path="/specs/{specID}/options",
    item="optionID",
    within=(Within("specID", "SpecID", SPECS),),
    roles=Roles.named("Product"),
    access=SPECS.access,
    search=("Value", "ID"),
    sort=("ListOrder", "ID"),
    hooks=SpecOptionHooks(UserTypeError, OWNER, "specID"),
)
RESOURCES = (SPECS, SPEC_OPTIONS)
