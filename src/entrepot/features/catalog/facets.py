"""Product facets: xp paths that product lists count the values of (conventions section 9)."""

from __future__ import annotations

from typing import Any

from entrepot.declare.entity import Entity, Index
from entrepot.declare.resource import Hooks, Resource
from entrepot.declare.roles import SELLERS_WRITE, Roles
from entrepot.declare.types import Id, Int, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Call
from entrepot.engine.catalog_epoch import raise_catalog_epoch
from entrepot.kernel.errors import XpPathInUseError

Values = dict[str, Any]


class ProductFacetHooks(Hooks):
    """Processes remember what facets count."""

    async def after_write(self, call: Call, old: Values | None, new: Values) -> None:
        await raise_catalog_epoch(call)

    async def after_delete(self, call: Call, old: Values) -> None:
        await raise_catalog_epoch(call)


class ProductFacet(Wire):
    """A facet of `xp.{XpPath}`, or of `xp.{ID}` where there is no path."""

    ID: Id = column(max=100)
    Name: Text = column(required=True, max=100)
    XpPath: Text = column(max=200)
    ListOrder: Int = column()
    MinCount: Int = column(default=1)
    xp: Xp = column()


PRODUCT_FACET = Entity(
    model=ProductFacet,
    table="product_facets",
    object_type="ProductFacet",
    indexes=(
        Index(
            "uq_product_facets_path",
            'coalesce(nullif("XpPath", \'\'), "ID"::text)',
            unique=True,
            error=XpPathInUseError,
        ),
    ),
)
PRODUCT_FACETS = Resource(
    name="ProductFacets",
    entity=PRODUCT_FACET,
    path="/productfacets",
    item="productFacetID",
    roles=Roles.named("ProductFacet"),
    access=SELLERS_WRITE,
    search=("ID", "Name", "XpPath"),
    sort=("ListOrder", "ID", "Name", "XpPath"),
    hooks=ProductFacetHooks(),
)
RESOURCES = (PRODUCT_FACETS,)
