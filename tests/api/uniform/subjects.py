"""One builder per uniform resource: valid bodies, their parents, and what they refer to.

Nearly all of it follows from the declarations; EXCEPTIONS names what a resource's own rules ask for beyond them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
from tests.api.marketplace import PASSWORD, Api
from tests.rows import by, tabled

from entrepot.app.registry import registry
from entrepot.declare.resource import Resource, Verb
from entrepot.declare.wire import Column
from entrepot.http.routing import mounted

RESOURCES = registry().resources
"""By name; a noun makes part of it: ApiClientsSecret."""
CREATABLE = sorted(name for name, resource in RESOURCES.items() if Verb.CREATE in resource.verbs)
NAMED = sorted(name for name in CREATABLE if RESOURCES[name].entity.model.__columns__["ID"].writable)
"""Those whose objects can be given an ID."""
WITH_XP = sorted(name for name in CREATABLE if RESOURCES[name].entity.has_xp)
PATCHABLE = sorted(name for name, resource in RESOURCES.items() if Verb.PATCH in resource.verbs)
LISTED = sorted(name for name, resource in RESOURCES.items() if Verb.LIST in resource.verbs)
OWNED = {(name, "OwnerID") for name in RESOURCES if "OwnerID" in RESOURCES[name].entity.model.__columns__}
"""ORG-3: never null, and the same from the creation on."""
FIXED = {"TrackingEvents": ("EventType", "ClientID")}
"""TRK-1: what an object has from its creation on, and no other object has together."""
XP: dict[str, Any] = {"z": [1, "two", None], "a": {"y": True, "b": 1.25}}
MOMENT = "2021-02-03T04:05:06.78+00:00"

_numbers = count(1)


def _homes() -> dict[str, str]:
    """By name of a resource: a company below which it is, or a wing of features; never two of one table. Faults are by themselves:
    for their sake other requests fail.
    """
    taken: dict[tuple[str, str], int] = defaultdict(int)
    homes = {}
    for name, resource in RESOURCES.items():
        companies = [within.resource.name for within in resource.within if within.resource.company]
        wing = resource.entity.model.__module__.split(".")[2]
        home = name if name == "Faults" else companies[0] if companies else wing
        taken[home, resource.entity.table] += 1
        number = taken[home, resource.entity.table]
        homes[name] = home if number == 1 else f"{home} {number}"
    return homes


HOMES = _homes()
"""Resources that one marketplace can serve together: a test names its objects as it likes, and counts those of a table."""


def for_each(names: Iterable[str]) -> Callable[[Callable[..., Awaitable[None]]], Any]:
    """Makes of a test of one resource, whose name is its first argument, a test of each of HOMES, which tries all of these."""
    return tabled(by(HOMES.__getitem__, names))


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
        return mounted(path)

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
        if self.name == "ProductsVariant":
            return await _variant(self, body)
        if Verb.CREATE in self.resource.verbs or self.name == "ApiClientsSecret":
            made = (await checked(self.http.post(self.path, json=body), 201)).json()
            return dict((await checked(self.http.get(self.url(made["ID"])), 200)).json())
        await checked(self.http.put(self.path, json=body), 204)
        return {name: body.get(name) for name in self.columns}

    def follows(self, name: str) -> bool:
        """Whether a read-only property tells of an object that a writable one refers to."""
        followers = ("IntegrationEventName", "FromAddress", "ToAddress")
        return self.columns[name].read_only and name.endswith(followers)

    def like(self, other: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        """The body with the other one's FIXED properties, so that it can replace it."""
        return body | {name: other[name] for name in FIXED.get(self.name, ())}

    async def _filled(self, wanted: Callable[[Column], bool], changes: dict[str, Any]) -> dict[str, Any]:
        number = next(_numbers)
        body = {
            column.name: await _value(self.api, column, number)
            for column in self.columns.values()
            if wanted(column)
        }
        own = await EXCEPTIONS[self.name](self.api, number) if self.name in EXCEPTIONS else {}
        if self.name in OF_PARENTS:
            own = await OF_PARENTS[self.name](self.api, self.parents)
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
    """The sent properties as a response shows them: secrets are null, at any depth."""
    return masked(subject.columns, sent)


def masked(columns: dict[str, Column], value: dict[str, Any]) -> dict[str, Any]:
    """An object with its write-only properties null."""
    return {name: _masked(columns[name], inner) for name, inner in value.items()}


def _masked(column: Column, value: Any) -> Any:
    if column.write_only:
        return None
    if column.type.model is not None and isinstance(value, dict):
        return masked(column.type.model.__columns__, value)
    return value


async def _variant(subject: Subject, body: dict[str, Any]) -> dict[str, Any]:
    """A variant of an option of its own, changed to be what the body says: there is no other way (VAR-6)."""
    http, product, option = subject.http, subject.parents["productID"], f"o{next(_numbers)}"
    spec = {"Name": "Spec", "DefinesVariant": True, "Required": True}
    await checked(http.put(f"/v1/specs/of-{product}", json=spec), 200)
    await checked(http.post(f"/v1/specs/of-{product}/options", json={"ID": option, "Value": option}), 201)
    row = {"SpecID": f"of-{product}", "ProductID": product}
    await checked(http.post("/v1/specs/productassignments", json=row), 204)
    await checked(http.post(f"{subject.path}/generate"), 201)
    changed = await checked(http.patch(subject.url(f"{product}-{option}"), json=body), 200)
    return dict(changed.json())


# --- values -------------------------------------------------------------------------------------------------------

OMITTED: Any = object()

OX = "\N{OX}"
CONNECTION = (
    "Endpoint=sb://hub.example/;SharedAccessKeyName=n;SharedAccessKey=a2V5;AccountName=a;AccountKey=a2V5;"
    "AccountEndpoint=https://documents.example/"
)
"""What each target with a connection string finds its own in."""


def longest(column: Column, limit: int) -> str:
    """A text of so many characters that the property takes: expressions, filters and paths have to be such."""
    before, after = {
        "EligibleExpression": ("item.ID = '", "'"),
        "ValueExpression": ("'", "'"),
        "RuleExpression": ("order.ID = '", "'"),
        "ProductFilter": ("xp.a=", ""),
        "Path": ("/", ""),
    }.get(column.name, ("", ""))
    letter = {"OperationID": "*"}.get(column.name, "X" if column.name.endswith("HeaderName") else OX)
    return before + letter * (limit - len(before) - len(after)) + after


async def _value(api: Api, column: Column, number: int) -> Any:
    if column.references is not None:
        return await REFERENCES[column.references.table](api)
    wire = column.type
    match wire.kind:
        case _ if column.name == "ConnectionString":
            return CONNECTION
        case "id" | "string" if column.name.endswith("HeaderName"):
            return f"X-Header-{number}"
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
            if wire.item.model is not None:
                inner = wire.item.model.__columns__.values()
                return [{each.name: await _value(api, each, number) for each in inner if each.writable}]
            return [member.value for member in list(wire.item.enum)[:2]] if wire.item.enum else ["One", "Two"]
        case _:
            assert wire.model is not None
            inner = wire.model.__columns__.values()
            return {each.name: await _value(api, each, number) for each in inner if each.writable}


async def _posted(api: Api, name: str, **changes: Any) -> str:
    made: str = (await Subject(name, api, {}, api.seller).make(**changes))["ID"]
    return made


async def _none(api: Api) -> Any:
    """For what lives under another object: it would have to be the same one."""
    return OMITTED


REFERENCES: dict[str, Callable[[Api], Awaitable[str]]] = {
    "buyers": Api.buyer,
    "suppliers": Api.supplier,
    "api_clients": Api.api_client,
    "catalogs": lambda api: _posted(api, "Catalogs"),
    "categories": _none,
    "buyer_groups": lambda api: _posted(api, "BuyerGroups"),
    "price_schedules": lambda api: _posted(api, "PriceSchedules"),
    "products": lambda api: _posted(api, "Products"),
    "security_profiles": lambda api: _posted(api, "SecurityProfiles"),
    "delivery_configs": lambda api: _posted(api, "DeliveryConfigurations"),
    "integration_events": lambda api: integration_event(api, "OpenIDConnect"),
}
PARENTS: dict[str, Callable[[Api], Awaitable[str]]] = {
    "catalogID": lambda api: _posted(api, "Catalogs"),
    "productID": lambda api: _posted(api, "Products", Inventory={"Enabled": True}, AllSuppliersCanSell=True),
    "specID": lambda api: _posted(api, "Specs"),
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


async def integration_event(api: Api, event_type: str) -> str:
    """A new integration event of this type; its ID."""
    made: str = (await Subject("IntegrationEvents", api, {}, api.seller).make(EventType=event_type))["ID"]
    return made


async def _api_client(api: Api, number: int) -> dict[str, Any]:
    events = ("OrderCheckout", "OrderReturn", "AddToCart")
    return {
        **{f"{event}IntegrationEventID": await integration_event(api, event) for event in events},
        "DefaultContextUserName": (await api.user(buyer=await api.buyer())).username,
        "AccessTokenDuration": 30,
        "AnonymousTokenDuration": 20160,
    }


async def _secret(api: Api, number: int) -> dict[str, Any]:
    return {"Expiration": "2099-02-03T04:05:06.78+00:00"}


async def _address(api: Api, number: int) -> dict[str, Any]:
    return {"Country": "DE"}


async def _credit_card(api: Api, number: int) -> dict[str, Any]:
    return {"!Token": f"Token {number}", "PartialAccountNumber": "12345"}


async def _price_schedule(api: Api, number: int) -> dict[str, Any]:
    prices = {"SalePrice": None, "SubscriptionPrice": 1.5, "BundlePrice": 0.25}
    return {
        "MinQuantity": 2,
        "MaxQuantity": 9,
        "PriceBreaks": [{"Quantity": quantity, "Price": 3 - quantity, **prices} for quantity in (1, 2)],
        "SaleEnd": "2022-02-03T04:05:06.78+00:00",
    }


async def _spec(api: Api, number: int) -> dict[str, Any]:
    """A default option would have to exist before the spec; what defines variants allows no open text."""
    return {"DefaultOptionID": OMITTED, "DefinesVariant": OMITTED}


async def _product(api: Api, number: int) -> dict[str, Any]:
    """A child, whose owner is its parent's. AutoForward needs a setting of the marketplace, AllSuppliersCanSell a product
    of its own; a stored Inventory shows more than was sent.
    """
    owner = await api.supplier()
    parent = {
        "Name": "Parent",
        "OwnerID": owner,
        "IsParent": True,
        "Active": True,
        "QuantityMultiplier": None,
    }
    made = await checked(api.seller.post("/v1/products", json=parent), 201)
    return {
        "OwnerID": owner,
        "ParentID": made.json()["ID"],
        "ShipFromAddressID": await _posted(api, "AdminAddresses"),
        **dict.fromkeys(("IsParent", "AutoForward", "AllSuppliersCanSell", "Inventory"), OMITTED),
    }


async def _shipment(api: Api, number: int) -> dict[str, Any]:
    """From the marketplace owner's address to the buyer's."""
    buyer, address = await api.buyer(), f"to-{number}"
    body = {"Street1": "1", "City": "Hull", "Country": "GB"}
    await checked(api.seller.put(f"/v1/buyers/{buyer}/addresses/{address}", json=body), 200)
    return {
        "!BuyerID": buyer,
        "ToAddressID": address,
        "FromAddressID": await _posted(api, "AdminAddresses"),
    }


async def _inventory_record(api: Api, number: int) -> dict[str, Any]:
    """The address is the owner's, who is the same for all records: a change of one alone would be refused. A quantity
    moves LastUpdated.
    """
    addresses = Subject("SupplierAddresses", api, {"supplierID": "keeper"}, api.seller)
    if not (await api.seller.get("/v1/suppliers/keeper")).is_success:
        await api.supplier("keeper")
        await addresses.make(ID="Store")
    return {"!OwnerID": "keeper", "!AddressID": "Store", "QuantityAvailable": OMITTED}


async def _promotion(api: Api, number: int) -> dict[str, Any]:
    """A limit of lines, which goes with LineItemLevel and without the other one; no integration, no generated codes."""
    return {
        "!Code": f"Code-{number}",
        "!LineItemLevel": True,
        "EligibleExpression": f"item.Quantity > {number}",
        "!ValueExpression": f"item.UnitPrice * .{number}",
        "ItemSortBy": "Quantity,Product.xp.Rank",
        "Active": False,
        **dict.fromkeys(("QuantityLimitPerOrder", "UseIntegration"), OMITTED),
        **dict.fromkeys((f"GeneratedCode{name}" for name in ("Count", "Length", "Prefix")), OMITTED),
    }


async def _approval_rule(api: Api, parents: dict[str, str]) -> dict[str, Any]:
    """The group is the buyer's."""
    group = await Subject("UserGroups", api, parents, api.seller).make()
    return {"ApprovingGroupID": group["ID"], "RuleExpression": f"order.Total > {next(_numbers)}"}


async def _seller_approval_rule(api: Api, number: int) -> dict[str, Any]:
    """The group is the owner's, who is the same for all rules: a change of one alone would be refused."""
    groups = Subject("SupplierUserGroups", api, {"supplierID": "approver"}, api.seller)
    if not (await api.seller.get("/v1/suppliers/approver")).is_success:
        await api.supplier("approver")
    group = await groups.make()
    return {
        "!OwnerID": "approver",
        "ApprovalType": "OrderReturn",
        "ApprovingGroupID": group["ID"],
        "RuleExpression": f"orderReturn.RefundAmount > {number}",
    }


async def _discount(api: Api, number: int) -> dict[str, Any]:
    return {"ProductFilter": f"xp.color=red{number}", "ProductID": await _posted(api, "Products")}


async def _webhook(api: Api, number: int) -> dict[str, Any]:
    """A delivery config goes with a webhook after the request only."""
    return {
        "!Url": f"https://example.com/hook{number}",
        "!HashKey": f"key {number}",
        "BeforeProcessRequest": OMITTED,
        "ApiClientIDs": [await api.api_client()],
    }


async def _message_sender(api: Api, number: int) -> dict[str, Any]:
    return {"!DeliveryConfigID": await _posted(api, "DeliveryConfigurations")}


async def _variant_values(api: Api, number: int) -> dict[str, Any]:
    """An Inventory needs a product that tracks it by variant (VAR-8)."""
    return {"Inventory": OMITTED}


async def _xp_index(api: Api, number: int) -> dict[str, Any]:
    return {"!ThingType": "Company", "!Key": f"Data.K{number}"}


async def _fault(_: Api, number: int) -> dict[str, Any]:
    """Does something, to requests that no test makes."""
    return {"!Path": f"/v1/nowhere/{number}", "!Status": 503, "!Cut": False, "OperationID": "Orders.Submit", "Share": 0.5}  # fmt: skip


EXCEPTIONS: dict[str, Callable[[Api, int], Awaitable[dict[str, Any]]]] = {
    "Users": _user,
    "SupplierUsers": _user,
    "AdminUsers": _user,
    "SecurityProfiles": _profile,
    "ImpersonationConfigs": _impersonation,
    "ApiClients": _api_client,
    "ApiClientsSecret": _secret,
    "Faults": _fault,
    "XpIndices": _xp_index,
    "Webhooks": _webhook,
    "MessageSenders": _message_sender,
    "PriceSchedules": _price_schedule,
    "Products": _product,
    "ProductsVariant": _variant_values,
    "InventoryRecords": _inventory_record,
    "Shipments": _shipment,
    "Specs": _spec,
    "Addresses": _address,
    "SupplierAddresses": _address,
    "AdminAddresses": _address,
    "CreditCards": _credit_card,
    "Promotions": _promotion,
    "SellerApprovalRules": _seller_approval_rule,
    "Discounts": _discount,
}
"""Values that replace the usual ones; `!` marks what even the smallest body needs."""
OF_PARENTS: dict[str, Callable[[Api, dict[str, str]], Awaitable[dict[str, Any]]]] = {
    "ApprovalRules": _approval_rule
}
"""The same for what depends on the parents."""
