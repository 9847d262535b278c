"""Product facets: xp paths that product lists count the values of (conventions section 9)."""

from __future__ import annotations

from entrepot.declare.entity import Entity, Index
from entrepot.declare.feeds import Changed, Feed, Feeds
from entrepot.declare.resource import Resource
from entrepot.declare.roles import SELLERS_WRITE, Roles
from entrepot.declare.types import Id, Int, Text, Xp
from entrepot.declare.wire import Wire, column
from entrepot.kernel.errors import XpPathInUseError


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
    feeds=(Feeds(feed=Feed.CATALOG, scope=Changed(structure=True)),),
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
)
RESOURCES = (PRODUCT_FACETS,)
