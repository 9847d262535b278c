"""One builder per uniform resource: valid bodies, their parents, and what they refer to.

Nearly all of it follows from the declarations; EXCEPTIONS names what a resource's own rules ask for beyond them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
from tests.api.marketplace import PASSWORD, Api

from entrepot.app.registry import registry
from entrepot.declare.resource import Resource, Verb
from entrepot.declare.wire import Column

RESOURCES = registry().resources
"""By name; a noun makes part of it: ApiClientsSecret."""
CREATABLE = sorted(name for name, resource in RESOURCES.items() if Verb.CREATE in resource.verbs)
NAMED = sorted(name for name in CREATABLE if RESOURCES[name].entity.model.__columns__["ID"].writable)
"""Those whose objects can be given an ID."""
WITH_XP = sorted(name for name in CREATABLE if RESOURCES[name].entity.has_xp)
PATCHABLE = sorted(name for name, resource in RESOURCES.items() if Verb.PATCH in resource.verbs)
LISTED = sorted(name for name, resource in RESOURCES.items() if Verb.LIST in resource.verbs)
XP: dict[str, Any] = {"z": [1, "two", None], "a": {"y": True, "b": 1.25}}
MOMENT = "2021-02-03T04:05:06.78+00:00"

_numbers = count(1)


@dataclass
class Subject:
    """A resource in a marketplace, with a path that leads to it."""

    name: str
    api: Api
    parents: dict[str, str]
    http: httpx.AsyncClient
    """The calls of an administrator."""

    @property
    def resource(self) -> Resource:
        return RESOURCES[self.name]

    @property
    def columns(self) -> dict[str, Column]:
        return self.resource.entity.model.__columns__

    @property
    def path(self) -> str:
        """The collection."""
        path = self.resource.path
        for parameter, value in self.parents.items():
            path = path.replace(f"{{{parameter}}}", value)
        return f"/v1{path}"

    def url(self, object_id: str) -> str:
        return f"{self.path}/{object_id}"

    async def body(self, **changes: Any) -> dict[str, Any]:
        """The least that a POST accepts."""
        return await self._filled(lambda column: column.required, changes)

    async def full(self, **changes: Any) -> dict[str, Any]:
        """Every writable property but ID, none with its default value."""
        return await self._filled(lambda column: column.writable and column.name != "ID", changes)

    async def make(self, **changes: Any) -> dict[str, Any]:
        """A new object: as GET shows it."""
        body = await self.body(**changes)
        if Verb.CREATE in self.resource.verbs or self.name == "ApiClientsSecret":
            made = (await checked(self.http.post(self.path, json=body), 201)).json()
            return dict((await checked(self.http.get(self.url(made["ID"])), 200)).json())
        await checked(self.http.put(self.path, json=body), 204)
        return {name: body.get(name) for name in self.columns}

    async def _filled(self, wanted: Callable[[Column], bool], changes: dict[str, Any]) -> dict[str, Any]:
        number = next(_numbers)
        body = {
            column.name: await _value(self.api, column, number)
            for column in self.columns.values()
            if wanted(column)
        }
        own = await EXCEPTIONS[self.name](self.api, number) if self.name in EXCEPTIONS else {}
        body |= {name: value for name, value in own.items() if name in body or name.startswith("!")}
        body |= {name[1:]: body.pop(name) for name in list(body) if name.startswith("!")}
        return {name: value for name, value in (body | changes).items() if value is not OMITTED}


async def subject(name: str, api: Api) -> Subject:
    """A resource with parents of its own."""
    parents = {within.parameter: await PARENTS[within.parameter](api) for within in RESOURCES[name].within}
    return Subject(name, api, parents, api.seller)


async def checked(sent: Awaitable[httpx.Response], status: int) -> httpx.Response:
    """The response, which must have this status."""
    response = await sent
    assert response.status_code == status, f"{response.request.url}: {response.status_code} {response.text}"
    return response


def shown(subject: Subject, sent: dict[str, Any]) -> dict[str, Any]:
    """The sent properties as a response shows them: secrets are null."""
    return {name: None if subject.columns[name].write_only else value for name, value in sent.items()}


# --- values -------------------------------------------------------------------------------------------------------

OMITTED: Any = object()


async def _value(api: Api, column: Column, number: int) -> Any:
    if column.references is not None:
        return await REFERENCES[column.references.table](api)
    wire = column.type
    match wire.kind:
        case "id" | "string":
            return f"{column.name} {number}"
        case "password":
            return PASSWORD
        case "integer" | "decimal":
            return int(column.minimum or 0) + 7
        case "boolean":
            return True
        case "datetime":
            return MOMENT
        case "xp":
            return XP
        case "enum":
            assert wire.enum is not None
            return next(iter(wire.enum)).value
        case "list":
            assert wire.item is not None
            return [member.value for member in list(wire.item.enum)[:2]] if wire.item.enum else ["One", "Two"]
        case _:
            assert wire.model is not None
            inner = wire.model.__columns__.values()
            return {each.name: await _value(api, each, number) for each in inner if each.writable}


async def _catalog(api: Api) -> str:
    catalog = f"catalog-{next(_numbers)}"
    await api.execute(
        'INSERT INTO catalogs (marketplace_id, "ID", "Name") VALUES ($1, $2::citext, $2::text)', catalog
    )
    return catalog


async def _posted(api: Api, name: str) -> str:
    made: str = (await Subject(name, api, {}, api.seller).make())["ID"]
    return made


REFERENCES: dict[str, Callable[[Api], Awaitable[str]]] = {
    "buyers": Api.buyer,
    "suppliers": Api.supplier,
    "api_clients": Api.api_client,
    "catalogs": _catalog,
    "buyer_groups": lambda api: _posted(api, "BuyerGroups"),
    "security_profiles": lambda api: _posted(api, "SecurityProfiles"),
}
PARENTS: dict[str, Callable[[Api], Awaitable[str]]] = {
    "buyerID": Api.buyer,
    "supplierID": Api.supplier,
    "apiClientID": Api.api_client,
}


async def _user(api: Api, number: int) -> dict[str, Any]:
    return {"Email": f"u{number}@example.com"}


async def _profile(api: Api, number: int) -> dict[str, Any]:
    rules = {
        "LimitPasswordReuse": 3,
        "MaxConsecutiveDupeChars": 2,
        "MaximumPasswordAge": 90,
        "MinimumPasswordAge": 5,
        "AllowedFailedAttempts": 5,
        "LockoutDuration": 30,
        "UpperCaseRequired": True,
        "LowerCaseRequired": True,
        "SpecialCharacterRequired": True,
        "NumericRequired": True,
        "MinimumCharacterCount": 12,
    }
    return {"PasswordConfig": rules}


async def _impersonation(api: Api, number: int) -> dict[str, Any]:
    buyer, impersonated = await api.buyer(), await api.buyer()
    return {
        "ImpersonationBuyerID": buyer,
        "ImpersonationGroupID": OMITTED,
        "ImpersonationUserID": (await api.user(buyer=buyer)).id,
        "BuyerID": impersonated,
        "GroupID": OMITTED,
        "UserID": (await api.user(buyer=impersonated)).id,
    }


async def _api_client(api: Api, number: int) -> dict[str, Any]:
    """Integration events do not exist yet."""
    events = ("OrderCheckout", "OrderReturn", "AddToCart")
    return {
        **{f"{event}IntegrationEventID": OMITTED for event in events},
        "DefaultContextUserName": (await api.user(buyer=await api.buyer())).username,
        "AccessTokenDuration": 30,
        "AnonymousTokenDuration": 20160,
    }


async def _secret(api: Api, number: int) -> dict[str, Any]:
    return {"Expiration": "2099-02-03T04:05:06.78+00:00"}


async def _xp_index(api: Api, number: int) -> dict[str, Any]:
    return {"!ThingType": "Company", "!Key": f"Data.K{number}"}


EXCEPTIONS: dict[str, Callable[[Api, int], Awaitable[dict[str, Any]]]] = {
    "Users": _user,
    "SupplierUsers": _user,
    "AdminUsers": _user,
    "SecurityProfiles": _profile,
    "ImpersonationConfigs": _impersonation,
    "ApiClients": _api_client,
    "ApiClientsSecret": _secret,
    "XpIndices": _xp_index,
}
"""Values that replace the usual ones; `!` marks what even the smallest body needs."""
