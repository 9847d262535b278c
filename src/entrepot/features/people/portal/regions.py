"""Where the account may make marketplaces (PORT-6)."""

from __future__ import annotations

from entrepot.declare.operation import ListOptions, Operation, Reply, Returns
from entrepot.declare.types import Bool
from entrepot.declare.wire import Wire, column
from entrepot.domain.listing.request import list_meta, read_list_request
from entrepot.domain.portal.places import Environment, may_create, region_of
from entrepot.engine.call import Call
from entrepot.features.people.portal.declaring import portal_operation
from entrepot.features.people.portal.marketplaces import PortalRegion
from entrepot.features.people.portal.me import own_account
from entrepot.features.people.services import services
from entrepot.storage.listing.shapes import shape_of


class RegionAccess(Wire):
    """A region, and of which environments the account may make marketplaces there."""

    Region: PortalRegion = column(read_only=True)
    CanCreateQa: Bool = column(read_only=True)
    CanCreateProduction: Bool = column(read_only=True)
    CanCreateSandbox: Bool = column(read_only=True)


_SHAPE = shape_of(RegionAccess, ListOptions(bare=True), ())


@portal_operation(
    "ListRegions",
    "GET",
    "/me/regions",
    summary="List the regions in which the account may make marketplaces",
    lists=ListOptions(bare=True),
    returns=Returns(RegionAccess, page=True),
)
async def list_regions(call: Call) -> Reply:
    """In the order of the setting, the default first."""
    request = read_list_request(call.query, _SHAPE)
    operates = (await own_account(call, call.db)).operates
    may = {
        f"CanCreate{each.value}": may_create(each, operates=operates)
        for each in (Environment.Qa, Environment.Production, Environment.Sandbox)
    }
    every = [{"Region": region_of(each).wire(), **may} for each in services(call).regions]
    items = every[request.offset : request.offset + request.page_size]
    return Reply({"Meta": list_meta(request, len(every), len(items)), "Items": items})


OPERATIONS: tuple[Operation, ...] = (list_regions,)
