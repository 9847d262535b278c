"""Marketplaces for an hour: copies with clients and tokens of their own, which vanish by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from entrepot.declare.operation import (
    FILE_BODY,
    TEST_BENCH,
    Body,
    Created,
    ListOptions,
    Operation,
    Reply,
    Returns,
    Unit,
    operation,
)
from entrepot.declare.roles import FULL_ACCESS
from entrepot.domain.identity.roles import RoleSet
from entrepot.domain.time.virtual import parse_duration
from entrepot.engine.call import Call, Database
from entrepot.engine.read_models import ReadModel
from entrepot.engine.wire.models import validate
from entrepot.features.people.copies import limited
from entrepot.features.people.oauth import bootstrap
from entrepot.features.people.services import services
from entrepot.features.people.snapshots import administrators, bench, store
from entrepot.features.people.snapshots.administrators import Administrator
from entrepot.features.people.snapshots.models import (
    TestMarketplace,
    TestMarketplaceListed,
    TestMarketplaceRequest,
)
from entrepot.features.people.snapshots.origins import origin_of
from entrepot.kernel.errors import (
    CopyDurationError,
    CopyOriginError,
    InvalidBodyError,
    NotFoundError,
    RefusedSeedError,
    SeedTooLargeError,
    TooBusyError,
    TooManyCopiesError,
    ValidationError,
)
from entrepot.kernel.ids import new_id
from entrepot.storage.marketplace_copy import MAPPED

MARKETPLACES = ReadModel(
    name="TestMarketplaces",
    tag="Marketplaces for Tests",
    object_type=store.TEMPORARY,
    one="a marketplace for tests",
    many="the marketplaces for tests that were made of this one",
    model=TestMarketplaceListed,
    table="marketplace_copies",
    path=TEST_BENCH["marketplaces"],
    item="marketplaceID",
    select=store.copies_of_kind(store.TEMPORARY),
    options=ListOptions(search=("ID", "Name"), sort=("DateCreated", "ID", "ExpirationDate")),
)
USUAL, LONGEST = timedelta(hours=1), timedelta(days=30)
CLIENTS = f"""
SELECT s."ID" AS before, CAST({MAPPED.format(client='s."ID"')} AS text) AS id, s."AppName" AS name
FROM api_clients s WHERE s.marketplace_id = $1 ORDER BY s."AppName", s."ID" LIMIT 100
"""


@operation(
    "TestMarketplaces.Create",
    "POST",
    MARKETPLACES.path,
    **MARKETPLACES.facts,
    summary="Make a marketplace for tests: of a seed, of a snapshot or a copy of this one, that vanishes by itself",
    status=201,
    body=Body(TestMarketplaceRequest, required=False, limit=FILE_BODY),
    returns=Returns(TestMarketplace),
    errors=(
        InvalidBodyError,
        ValidationError,
        NotFoundError,
        CopyDurationError,
        CopyOriginError,
        TooManyCopiesError,
        RefusedSeedError,
        SeedTooLargeError,
        TooBusyError,
    ),
    unit=Unit.OWN,
)
async def create_marketplace(call: Call) -> Reply:
    """A copy inside the database. What would reach somebody outside reaches him from the copy, too."""
    values = validate(TestMarketplaceRequest, call.body, partial=False) if call.content.is_given else {}
    lifetime, name = _lifetime(values.get("TTL")), values.get("Name") or "Test"
    await store.require_room(call, store.TEMPORARY)
    origin = await origin_of(call, values.get("From"))
    copies, now, marketplace = await store.copiers(call).fresh(), call.server_clock(), new_id()
    async with call.pool.unit(call.marketplace_id) as connection:
        held = await origin.hold(call, connection)
        target = await bootstrap.add_marketplace(connection, marketplace, name, now)
        await store.add(call, connection, store.TEMPORARY, marketplace, name, target, now, now + lifetime)
        await limited(connection)
        await copies.copy(connection, services(call).box, held.key, target)
        await store.require_kept(call, connection, store.TEMPORARY)
    clients = [dict(row) for row in await call.pool.fetch(CLIENTS, held.key, target)]
    called = {each.lower(): name for name, each in held.origin.get("clients", {}).items()}
    shown = await MARKETPLACES.read(call, marketplace)
    is_foreign = origin.is_foreign or held.is_imported
    shown["AccessToken"] = await _token(call, target, clients, is_foreign=is_foreign)
    shown["Clients"] = [
        {
            "ID": row["id"],
            "AppName": row["name"],
            "CopyOf": called.get(row["before"].lower(), row["before"]),
        }
        for row in clients
    ]
    shown["Users"] = [{"Username": name, "Password": password} for name, password in origin.told.items()]
    return Reply(shown, created=Created(marketplace))


@operation(
    "TestMarketplaces.Delete",
    "DELETE",
    MARKETPLACES.item_path,
    **MARKETPLACES.facts,
    summary="Delete a marketplace for tests",
    status=204,
    errors=(NotFoundError,),
    unit=Unit.OWN,
)
async def delete_marketplace(call: Call) -> Reply:
    """At once nobody reaches it; its rows go in the background."""
    await store.delete(call, store.TEMPORARY, call.path["marketplaceID"])
    return Reply()


def _lifetime(text: str | None) -> timedelta:
    if not text:
        return USUAL
    try:
        lifetime = parse_duration(text)
    except ValueError:
        raise CopyDurationError from None
    if not timedelta() < lifetime <= LONGEST:
        raise CopyDurationError
    return lifetime


async def _token(call: Call, target: int, clients: list[dict[str, Any]], *, is_foreign: bool) -> str | None:
    """The caller's in a copy of its own marketplace, where that has its user and its client; elsewhere an administrator's."""
    caller = call.principal
    if is_foreign or bench.is_keyed(caller):
        somebody = await administrators.of(cast(Database, call.pool), target)
        roles = RoleSet.named((FULL_ACCESS,))
        if somebody is None:
            return None
        return await administrators.token_of(call, target, somebody, roles)
    named = [row["id"] for row in clients if row["before"].lower() == caller.client_id.lower()]
    if not named or caller.is_default_user:
        return None
    itself = Administrator(caller.user_key, named[0])
    return await administrators.token_of(call, target, itself, RoleSet.named(caller.roles))


OPERATIONS: tuple[Operation, ...] = (
    create_marketplace,
    *MARKETPLACES.operations(),
    delete_marketplace,
)
