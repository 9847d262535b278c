"""The walls: three strangers call every operation with the IDs of a marketplace's objects and with whole bodies (security 3, 14,
16; CONV-10). They learn nothing of it and change nothing in it.

The strangers hold FullAccess: the administrator of another marketplace, and users of a buyer and of a supplier that nobody has
anything to do with. What is told by chance, in an error or a list, is found by a text that all objects have in their xp.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.api.batching import send
from tests.api.marketplace import PASSWORD, Api, Server, User
from tests.api.uniform.subjects import RESOURCES, Subject, checked
from tests.api.world import KNOWN, PARAMETER, World, tables_with

from entrepot.app.registry import registry
from entrepot.declare.operation import Operation
from entrepot.declare.roles import Right
from entrepot.declare.wire import Column, Wire
from entrepot.engine.references import ReferenceGraph
from entrepot.http.routing import mounted
from entrepot.kernel.user_types import UserType

MARKER = "nobody-elses"
BUILT = [operation for operation in registry().operations.values() if not operation.public]
ORDER = {verb: place for place, verb in enumerate(("GET", "POST", "PATCH", "PUT", "DELETE"))}
"""A stranger reads first, and deletes last."""
FOR_EVERYBODY = {
    resource.entity.table
    for resource in RESOURCES.values()
    if Right.READ_ALL in (resource.access.buyer, resource.access.supplier)
}
"""Tables of what a marketplace keeps for all."""
SHARED = {resource.entity.table for resource in RESOURCES.values() if resource.entity.owners}
SOMEBODYS = ' AND ("BuyerID" IS NOT NULL OR "SupplierID" IS NOT NULL)'
"""Of these tables what belongs to a company is nobody else's."""
NOT_KEPT = {"security_epochs", "catalog_epochs"}
"""Tables that count what strangers do to their own."""


class Victim:
    """A marketplace with one object of everything, and its rows as they were before strangers came."""

    def __init__(self, api: Api, world: World, urls: dict[str, str]) -> None:
        self.api = api
        self.urls = urls
        self.bodies: dict[str, Any] = {}
        self._world = world

    @classmethod
    async def create(cls, api: Api) -> Victim:
        world = await World.create(api)
        await world.make_bundle()
        await stock_by_variant(api)
        urls = {
            operation.id: tracked(operation) if OF_VARIANTS in operation.path else await world.url(operation)
            for operation in sorted(BUILT, key=lambda each: stage(each.path))
        }
        victim = cls(api, world, urls)
        for operation in BUILT:
            if operation.body is not None:
                victim.bodies[operation.id] = await victim._body(operation)
        victim.bodies["Batches.Create"] = {
            "Requests": [
                {"Verb": "PATCH", "Path": urls["Buyers.Patch"], "Body": victim.bodies["Buyers.Patch"]}
            ]
        }
        tables = await tables_with(api, "xp")
        for table in tables:
            ours = SOMEBODYS if table in FOR_EVERYBODY else ""
            if table not in FOR_EVERYBODY or table in SHARED:
                sql = f"UPDATE {table} SET xp = $2 WHERE marketplace_id = $1{ours}"
                await api.execute(sql, json.dumps({"of": MARKER}))
        for table in await tables_with(api, "OwnerID"):
            # What is the seller's suppliers may read (ORG-4); so let it all be one supplier's.
            if table not in FOR_EVERYBODY:
                await api.execute(f'UPDATE {table} SET "OwnerID" = $2 WHERE marketplace_id = $1', KNOWN)
        await api.execute("UPDATE security_epochs SET epoch = epoch + 1 WHERE marketplace_id = $1")
        return victim

    async def _body(self, operation: Operation) -> Any:
        assert operation.body is not None
        for name, resource in RESOURCES.items():
            if resource.entity.model is operation.body.model and operation.path.startswith(resource.path):
                known = {within.parameter: KNOWN for within in resource.within}
                return await Subject(name, self.api, known, self.api.seller).full()
        return whole(operation.body.model)

    async def rows(self) -> set[str]:
        """Every row of the marketplace, as text."""
        rows: set[str] = set()
        for table in await tables_with(self.api, "marketplace_id"):
            if table not in NOT_KEPT:
                found = await self.api.rows(
                    f"SELECT (to_jsonb(t) - 'LastActive')::text FROM {table} t WHERE marketplace_id = $1"
                )
                rows |= {f"{table} {row[0]}" for row in found}
        return rows


STAGES = (
    "/lineitems/{",
    "/orders/{direction}/{orderID}",
    "/me/shipments/{",
    "/me/products",
    "",
    "/orderreturns/{",
)
"""Parts of paths by when what they name is made: an order of a product that has no choices yet, what is shipped of it, the
product's choices; last it is completed, to come back.
"""


def stage(path: str) -> int:
    """When in the making of a world a path is asked for."""
    found = [place for place, part in enumerate(STAGES) if part and part in path]
    return found[0] if found else STAGES.index("")


OF_VARIANTS = "/variants/{variantID}/inventoryrecords"


async def stock_by_variant(api: Api) -> None:
    """A product whose variant has an inventory record: the known one has a record of its own."""
    seller = api.seller
    product = {
        "Name": "Tracked",
        "Active": True,
        "Inventory": {"Enabled": True, "VariantLevelTracking": True},
    }
    spec = {"Name": "Spec", "DefinesVariant": True, "Required": True}
    for path, body in (("products/tracked", product), ("specs/tracked", spec)):
        await checked(seller.put(f"/v1/{path}", json=body), 200)
    await checked(seller.post("/v1/specs/tracked/options", json={"ID": "o", "Value": "O"}), 201)
    row = {"SpecID": "tracked", "ProductID": "tracked"}
    await checked(seller.post("/v1/specs/productassignments", json=row), 204)
    await checked(seller.post("/v1/products/tracked/variants/generate"), 201)
    body = await Subject("InventoryRecords", api, {"productID": "tracked"}, seller).body()
    url = "/v1/products/tracked/variants/tracked-o/inventoryrecords/tracked"
    await checked(seller.put(url, json=body), 200)


def tracked(operation: Operation) -> str:
    """The path of an operation on it."""
    path = operation.path.replace("{variantID}", "tracked-o")
    return mounted(PARAMETER.sub("tracked", path))


SPECIAL = {
    "Country": "DE",
    "Roles": ["Shopper"],
    "Password": PASSWORD,
    "NewPassword": PASSWORD,
    "CreditCardID": None,
}
"""Values that a property's type does not tell."""


def whole(model: type[Wire]) -> dict[str, Any]:
    """A body with every writable property, which names existing objects."""
    return {column.name: _value(column) for column in model.__columns__.values() if column.writable}


def _value(column: Column) -> Any:
    wire = column.type
    if column.name in SPECIAL:
        return SPECIAL[column.name]
    match wire.kind:
        case "integer" | "decimal":
            return int(column.minimum or 0) + 1
        case "boolean":
            return True
        case "datetime":
            return f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
        case "xp":
            return {}
        case "enum":
            assert wire.enum is not None
            return next(iter(wire.enum)).value
        case "list":
            assert wire.item is not None
            return [whole(wire.item.model)] if wire.item.model is not None else [KNOWN]
        case "object" | "model":
            return whole(wire.model) if wire.model is not None else {}
        case _:
            return KNOWN if wire.model is None else whole(wire.model)


@pytest.fixture(scope="module")
async def victim(server: Server) -> AsyncIterator[Victim]:
    async with Api.create(server) as api:
        yield await Victim.create(api)


@pytest.fixture(scope="module")
async def elsewhere(server: Server) -> AsyncIterator[Api]:
    async with Api.create(server) as api:
        yield api


async def sweep(victim: Victim, http: httpx.AsyncClient, user: User) -> dict[str, httpx.Response]:
    """What every operation answers to a stranger, by the operation's ID. Asserts that nothing of the victim's is told, and that
    nothing of it has changed that is not the stranger's own.
    """
    before = await victim.rows()
    answers: dict[str, httpx.Response] = {}
    for operation in sorted(BUILT, key=lambda each: ORDER[each.verb]):
        if operation.path in ("/me/tokens", "/oauth/token"):
            continue
        url = victim.urls[operation.id]
        if operation.verb == "DELETE" and any(each.name == "buyerID" for each in operation.query):
            url += f"?buyerID={KNOWN}"
        answer = await http.request(operation.verb, url, json=victim.bodies.get(operation.id))
        assert answer.status_code < 500, (operation.id, answer.text)
        assert MARKER not in answer.text, (operation.id, answer.text)
        assert answer.is_success or answer.status_code in (400, 401, 403, 404, 409), (
            operation.id,
            answer.text,
        )
        answers[operation.id] = answer
        if operation.verb == "GET" and not operation.is_own:
            batch = await send(http, {"Verb": "GET", "Path": url})
            assert MARKER not in batch.text, (operation.id, batch.text)
            assert batch.is_success is (answer.is_success and operation.path != "/oauth/userinfo"), (
                operation.id
            )
    gone = before - await victim.rows()
    others = sorted(row for row in gone if f'"{user.company}"' not in row and str(user.key) not in row)
    assert not others, others
    return answers


READ_BY_ALL = {
    name
    for name, resource in RESOURCES.items()
    if Right.READ_ALL in (resource.access.buyer, resource.access.supplier)
}
ITS_OWN = {f"Me.{verb}ProductCollection" for verb in ("Save", "Patch", "Delete")} | {
    "Me.CreateProductCollectionInvitation"
}
"""Under /me a PUT makes what is the stranger's, which it then finds."""
INVALID = {"ValidationFailure", "Request.InvalidRequestBody"}
NOT_WHOLE = {"Catalogs.SaveAssignment"}
"""Operations that no body with all properties suits."""


def codes(answer: httpx.Response) -> list[str]:
    """The error codes of a refusal; none of another answer."""
    return [] if answer.is_success else [error["ErrorCode"] for error in answer.json()["Errors"]]


def names_an_object(operation: Operation) -> bool:
    """Whether the path names something that is there already."""
    return bool(set(operation.path_parameters) - {"direction", "entity", "thingType"})


async def test_another_marketplace(victim: Victim, elsewhere: Api) -> None:
    """Its administrator finds nothing, and makes things of its own with the same IDs."""
    http, before = elsewhere.seller, await victim.rows()
    answers = await sweep(victim, http, elsewhere.admin)
    assert await victim.rows() == before
    single = [each for each in BUILT if each.verb == "GET" and each.returns and not each.returns.page]
    for operation in filter(names_an_object, single):
        answer = answers[operation.id]
        assert answer.status_code in (403, 404), (operation.id, answer.text)


@pytest.mark.parametrize("kind", [UserType.BUYER, UserType.SUPPLIER])
async def test_another_party(victim: Victim, kind: UserType) -> None:
    """A user of a company that nobody serves, and that serves nobody."""
    api, company = victim.api, f"stranger-{kind.lower()}"
    user = await (
        api.user(buyer=await api.buyer(company))
        if kind is UserType.BUYER
        else api.user(supplier=await api.supplier(company))
    )
    answers = await sweep(victim, api.as_(user, roles=["FullAccess"]), user)
    told = {
        operation.id
        for operation in BUILT
        if operation.id in answers and names_an_object(operation) and answers[operation.id].is_success
    }
    assert told - ITS_OWN == {f"{name}.Get" for name in READ_BY_ALL}
    vain = {name for name, answer in answers.items() if INVALID & set(codes(answer))}
    assert vain <= NOT_WHOLE


WITHOUT_ROWS = {"subscription_items"}
"""Lines of subscriptions, which no path names alone."""
GRAPH = ReferenceGraph.of(registry())


@pytest.mark.parametrize("table", ["buyers", "suppliers"])
async def test_ids_that_are_still_named(victim: Victim, table: str) -> None:
    """Security 4, for every column that outlives a company: nobody has the ID that it names, neither anew nor by a rename."""
    api, path = victim.api, f"/v1/{table}"
    columns = list(GRAPH.outliving(table))
    assert columns
    await checked(api.seller.put(f"{path}/heir", json={"Name": "Heir"}), 200)
    for place, column in columns:
        row = f"FROM {place} WHERE marketplace_id = $1 LIMIT 1"
        rows = await api.rows(f'SELECT "{column}" AS value {row}')
        if place in WITHOUT_ROWS:
            assert not rows
            continue
        where = f'UPDATE {place} SET "{column}" = $2 WHERE marketplace_id = $1 AND ctid = (SELECT ctid {row})'
        await api.execute(where, "ghost")
        for verb, url in (("POST", path), ("PUT", f"{path}/ghost"), ("PATCH", f"{path}/heir")):
            answer = await api.seller.request(verb, url, json={"ID": "Ghost", "Name": "New"})
            assert (answer.status_code, codes(answer)) == (409, ["IdExists"]), (place, column, verb)
        back = f'UPDATE {place} SET "{column}" = $2 WHERE marketplace_id = $1 AND "{column}" = $3::citext'
        await api.execute(back, rows[0]["value"], "ghost")
    await checked(api.seller.patch(f"{path}/heir", json={"ID": "Ghost"}), 200)
