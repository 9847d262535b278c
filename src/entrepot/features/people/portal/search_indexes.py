"""Search indexes of a marketplace, which are always ready: what is written is found by the next request (PORT-14)."""

from __future__ import annotations

import enum
from typing import Any

from entrepot.declare.operation import Body, Operation, QueryParameter, Reply, Returns, Unit
from entrepot.declare.types import Bool, Date, Int, Text, WireType, Xp
from entrepot.declare.wire import Wire, column
from entrepot.domain.portal.places import Environment
from entrepot.engine.call import Call
from entrepot.engine.query import parameters
from entrepot.engine.units import unit_of
from entrepot.features.people.portal.access import access_of, administered
from entrepot.features.people.portal.declaring import OF_MARKETPLACE, newer, organization_id, portal_operation
from entrepot.features.people.portal.organizations import Organization
from entrepot.features.people.portal.self_service import Allowance, ask
from entrepot.kernel.clock import format_datetime
from entrepot.kernel.errors import (
    NotAdministratorError,
    NotFoundError,
    SearchRebuildsExceededError,
    ValidationError,
)

PATH = f"{OF_MARKETPLACE}/searchindexes"
KIND = "SearchIndexes"
SANDBOX = Allowance(KIND, hourly=10, weekly=30, refusal=SearchRebuildsExceededError)
OTHERS = Allowance(KIND, hourly=3, weekly=5, refusal=SearchRebuildsExceededError)
CREATED = "SELECT created_at FROM portal_organizations WHERE marketplace_id = $1"


class SearchIndexType(enum.StrEnum):
    """What is looked for."""

    Products = "Products"
    Orders = "Orders"


class SearchIndex(Wire):
    """An index, as it stands."""

    IndexID: Int = column(read_only=True)
    Type: Text = column(read_only=True)
    Status: Text = column(read_only=True)
    DateCreated: Date = column(read_only=True)
    PercentComplete: Int = column(read_only=True)
    IsActiveIndex: Bool = column(read_only=True)


class SearchIndexes(Wire):
    """All of a marketplace."""

    SearchIndexes: list[SearchIndex] = column(read_only=True)


class SearchIndexErrors(Wire):
    """What an index could not take up."""

    SearchIndexErrors: list[Xp] = column(read_only=True)


class RebuildRequest(Wire):
    """What says that a person asks, which is ignored."""

    Recaptcha: Xp = column()


@portal_operation(
    "ListSearchIndexes",
    "GET",
    PATH,
    summary="List the search indexes of a marketplace",
    query=(QueryParameter("type", WireType("enum", enum=SearchIndexType)),),
    returns=Returns(SearchIndexes),
    errors=(NotFoundError, ValidationError),
)
async def list_indexes(call: Call) -> Reply:
    """One of each type, ready since the marketplace was made."""
    found = await access_of(call.db, call.account.key, organization_id(call))
    since = await call.db.fetchval(CREATED, found.organization.marketplace_id)
    wanted = parameters(call).get("type")
    indexes = [_index(number, each, since) for number, each in enumerate(SearchIndexType, 1)]
    return Reply({"SearchIndexes": [each for each in indexes if wanted in (None, each["Type"])]})


@portal_operation(
    "ListSearchIndexErrors",
    "GET",
    f"{PATH}/{{indexID}}/errors",
    summary="List what a search index could not take up",
    returns=Returns(SearchIndexErrors),
    errors=(NotFoundError,),
)
async def list_errors(call: Call) -> Reply:
    """Nothing: what is stored is found."""
    await access_of(call.db, call.account.key, organization_id(call))
    if call.path["indexID"] not in map(str, range(1, len(SearchIndexType) + 1)):
        raise NotFoundError("SearchIndex", call.path["indexID"])
    return Reply({"SearchIndexErrors": []})


@portal_operation(
    "RebuildSearchIndex",
    "POST",
    f"{PATH}/{{indexType}}/rebuild",
    summary="Build a search index anew",
    status=204,
    body=Body(RebuildRequest, required=False),
    errors=(NotFoundError, NotAdministratorError, SearchRebuildsExceededError),
    unit=Unit.OWN,
)
async def rebuild(call: Call) -> Reply:
    """It is ready at once, and counted as elsewhere."""
    found = await administered(call.pool, call.account.key, organization_id(call))
    if call.path["indexType"].lower() not in {each.lower() for each in SearchIndexType}:
        raise NotFoundError("SearchIndex", call.path["indexType"])
    marketplace_id = found.organization.marketplace_id
    async with unit_of(call, marketplace_id) as unit:
        await ask(unit, marketplace_id, _allowance(found.organization), call.clock())
    return Reply()


def _allowance(organization: Organization) -> Allowance:
    return SANDBOX if organization.environment == Environment.Sandbox else OTHERS


def _index(number: int, kind: SearchIndexType, since: Any) -> dict[str, Any]:
    return {
        "IndexID": number,
        "Type": kind.value,
        "Status": "Ready",
        "DateCreated": format_datetime(since),
        "PercentComplete": 100,
        "IsActiveIndex": True,
    }


OPERATIONS: tuple[Operation, ...] = (
    list_indexes,
    list_errors,
    rebuild,
    newer(list_indexes),
    newer(list_errors),
    newer(rebuild),
)
