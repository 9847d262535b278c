"""Specs of products: their assignments, and what a product shows of them (SPC-3, SPC-4)."""

from __future__ import annotations

from entrepot.declare.assignment import Assignment
from entrepot.declare.entity import Parent
from entrepot.declare.operation import ListOptions, Operation, Reply, Returns, operation
from entrepot.declare.roles import Right
from entrepot.declare.types import Id, Text
from entrepot.declare.wire import Reference, Wire, column
from entrepot.engine.access import allowed_types
from entrepot.engine.call import Call
from entrepot.engine.scoping import require
from entrepot.engine.selections import SelectedList
from entrepot.features.catalog.audience.seen import seen
from entrepot.features.catalog.catalogs.spec_product_hooks import SpecProductHooks
from entrepot.features.catalog.catalogs.spec_resources import COUNT, OPTIONS, SPECS, Spec
from entrepot.features.catalog.products.counts import OF_PRODUCT
from entrepot.features.catalog.products.resources import IN_PRODUCT, PRODUCTS
from entrepot.features.catalog.products.resources import OF_PRODUCT as OF_SYNCED_PRODUCT
from entrepot.kernel.errors import NotFoundError
from entrepot.kernel.user_types import UserType


class SpecProductAssignment(Wire):
    """A spec of a product, with defaults that hold for this product alone (SPC-4)."""

    SpecID: Id = column(required=True)
    ProductID: Id = column(required=True)
    DefaultValue: Text = column(max=2000)
    DefaultOptionID: Id = column(references=Reference("spec_options", on_delete="clear"))


SPEC_PRODUCTS = Assignment(
    name="Specs",
    noun="Product",
    model=SpecProductAssignment,
    table="spec_product_assignments",
    things=(Parent("SpecID", "specs"), Parent("ProductID", "products")),
    path="/specs/productassignments",
    delete_path="/specs/{specID}/productassignments/{productID}",
    roles=SPECS.roles,
    access=SPECS.access,
    verbs=frozenset({"Save", "Delete"}),
    hooks=SpecProductHooks(),
    synced=OF_SYNCED_PRODUCT,
)
ASSIGNED = """
SELECT a."SpecID", a."ProductID", a."DefaultValue", a."DefaultOptionID" FROM spec_product_assignments a
WHERE a.marketplace_id = :marketplace_id AND (CAST(:owner AS citext) IS NULL OR EXISTS (
    SELECT 1 FROM specs s WHERE s.marketplace_id = :marketplace_id AND s."ID" = a."SpecID" AND s."OwnerID" = :owner))
"""
"""Suppliers see the rows of their own specs, which are those of their own products (SPC-3)."""
OF_SEEN_PRODUCTS = f"""
SELECT a."SpecID", a."ProductID", a."DefaultValue", a."DefaultOptionID" FROM spec_product_assignments a
WHERE a.marketplace_id = :marketplace_id AND EXISTS (
    SELECT 1 FROM products p WHERE p.marketplace_id = :marketplace_id AND p."ID" = a."ProductID"
      AND {seen("p")})
"""
"""Buyers' users see those of the products that they see."""
HAVING = f"""
SELECT DISTINCT ON (a."SpecID") a."SpecID", a."DefaultValue", a."DefaultOptionID"
FROM products t JOIN spec_product_assignments a ON a.marketplace_id = :marketplace_id AND ({OF_PRODUCT})
WHERE t.marketplace_id = :marketplace_id AND t."ID" = CAST(:product AS citext)
ORDER BY a."SpecID", a."ProductID" = t."ID" DESC
"""
"""The rows of a product, and of its parent where it has none for the same spec (PRD-6)."""
OF_ONE_PRODUCT = f"""
SELECT t."OwnerID", t."ID", t."ListOrder", t."Name", coalesce(a."DefaultValue", t."DefaultValue") AS "DefaultValue",
       t."Required", t."AllowOpenText", coalesce(a."DefaultOptionID", t."DefaultOptionID") AS "DefaultOptionID",
       t."DefinesVariant", t.xp, ({COUNT}) AS "OptionCount",
       ({OPTIONS}) AS "Options"
FROM ({HAVING}) a JOIN specs t ON t.marketplace_id = :marketplace_id AND t."ID" = a."SpecID"
"""
ASSIGNMENT_OPTIONS = ListOptions(
    search=("SpecID", "ProductID"), sort=("SpecID", "ProductID", "DefaultOptionID", "DefaultValue")
)
_assigned, _of_seen_products = (
    SelectedList(SpecProductAssignment, select, ASSIGNMENT_OPTIONS, key=("SpecID", "ProductID"))
    for select in (ASSIGNED, OF_SEEN_PRODUCTS)
)
SPECS_OF_PRODUCT = SelectedList(Spec, OF_ONE_PRODUCT, SPECS.lists)


@operation(
    "Specs.ListProductAssignments",
    "GET",
    SPEC_PRODUCTS.path,
    tag=SPECS.title,
    summary="List product assignments of Specs",
    roles=SPECS.roles.list_assignments,
    user_types=allowed_types(SPECS.access, Right.READ),
    lists=ASSIGNMENT_OPTIONS,
    returns=Returns(SpecProductAssignment, page=True),
    confirms=True,
    resource=SPECS.name,
    table=SPEC_PRODUCTS.table,
)
async def list_product_assignments(call: Call) -> Reply:
    """With search, sort and filters, unlike other lists of assignments (ASG-5)."""
    if call.principal.user_type is UserType.BUYER:
        return await _of_seen_products.page(call, {"user": call.principal.user_key})
    return await _assigned.page(call, {"owner": call.principal.supplier_id})


@operation(
    "Products.ListSpecs",
    "GET",
    "/products/{productID}/specs",
    tag=PRODUCTS.title,
    summary="List the specs of a product",
    roles=PRODUCTS.roles.read,
    user_types=allowed_types(PRODUCTS.access, Right.READ),
    lists=SPECS_OF_PRODUCT.options,
    returns=Returns(Spec, page=True),
    errors=(NotFoundError,),
    confirms=True,
    resource=PRODUCTS.name,
    table=SPEC_PRODUCTS.table,
)
async def list_specs(call: Call) -> Reply:
    """The product's specs, a child's together with its parent's, with the defaults that are in effect. Two statements."""
    await require(call, IN_PRODUCT)
    return await SPECS_OF_PRODUCT.page(call, {"product": call.path["productID"]})


ASSIGNMENTS = (SPEC_PRODUCTS,)
OPERATIONS: tuple[Operation, ...] = (list_product_assignments, list_specs)
