"""One object of every resource in a marketplace, all of one ID, and what a marketplace holds as a whole."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from tests.api.marketplace import Api, User
from tests.api.uniform.subjects import RESOURCES, Subject, checked

from entrepot.declare.operation import OWN_ROOT, Operation
from entrepot.declare.resource import Resource
from entrepot.features.people.catchers import places as catchers
from entrepot.features.people.mail import mailbox
from entrepot.http.routing import mounted
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType

PERSON = {"FirstName": "First", "LastName": "Last", "Email": "first@example.com", "Active": True}
COMPANY = {"Name": "Company", "Active": True}
GROUP = {"Name": "Group"}
CLIENT = {"AppName": "Client", "AccessTokenDuration": 60, "Active": True, "AllowSeller": True}
SECRET = {"Name": "Secret"}
OBJECTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/buyers/{id}", COMPANY),
    ("/suppliers/{id}", COMPANY),
    ("/buyergroups/{id}", GROUP),
    ("/buyers/{id}/usergroups/{id}", GROUP),
    ("/suppliers/{id}/usergroups/{id}", GROUP),
    ("/usergroups/{id}", GROUP),
    ("/buyers/{id}/users/{id}", {**PERSON, "Username": "buyer-{id}"}),
    ("/suppliers/{id}/users/{id}", {**PERSON, "Username": "supplier-{id}"}),
    ("/adminusers/{id}", {**PERSON, "Username": "seller-{id}"}),
    ("/incrementors/{id}", {"Name": "Incrementor", "LastNumber": 5, "LeftPaddingCount": 4}),
    ("/locales/{id}", {"Currency": "USD", "Language": "{id}"}),
    ("/securityprofiles/{id}", {"Name": "Profile", "Roles": ["Shopper"]}),
    ("/xpindices", {"ThingType": "Company", "Key": "{id}"}),
)
"""What a PUT makes: path below /v1 and body. API clients and their secrets cannot have a chosen ID."""

KNOWN = "known"
RECORDINGS = "/entrepot/v1/recordings"
PRIVATE: dict[str, tuple[str, dict[str, Any]]] = {
    "/me/addresses": ("Addresses", {"Shipping": True, "Billing": True}),
    "/me/creditcards": ("CreditCards", {}),
}
"""What shoppers make for themselves: the resource with the same bodies, and what such a body has beyond it."""
MORE: dict[str, dict[str, Any]] = {"Products": {"Inventory": {"Enabled": True}}}
"""What objects need beyond the least, for others to be made under them."""
COMPLETED = """
UPDATE orders SET "Status" = 'Completed', "IsSubmitted" = true WHERE marketplace_id = $1 AND "ID" = $2::citext
"""
DELIVERY = """
INSERT INTO deliveries (marketplace_id, "ID", kind, integration, integration_id, target, endpoint, lane, aggregate, status, log,
    request_id, told_at, created_at, ended_at)
VALUES ($1, $2::text, 'Webhook', 'Webhook', $2::text, 'Url', concat('Webhook/', $2::text, '/Url'), '', 'order/1', 'Failed', '[]', '',
    now(), now(), now())
ON CONFLICT DO NOTHING
"""
ENDPOINT = "INSERT INTO delivery_endpoints (marketplace_id, endpoint) VALUES ($1, $2) ON CONFLICT DO NOTHING"
MESSAGE = """
INSERT INTO mailbox (marketplace_id, "ID", "MessageType", "Recipient", "Username", "Subject", "DateCreated", content)
VALUES ($1, $2, 'OrderSubmitted', 'a@example.com', 'a', 'Order', now(), $3) ON CONFLICT DO NOTHING
"""
CATCHER = """
INSERT INTO catchers (marketplace_id, "ID", "Name", "DateCreated", address) VALUES ($1, $2::text, $2::text, now(), $2::text)
ON CONFLICT DO NOTHING
"""
CAUGHT = """
INSERT INTO caught_requests (marketplace_id, "CatcherID", "ID", "DateCreated", "Method", "Path", content)
VALUES ($1, $2, $2, now(), 'POST', '', $3) ON CONFLICT DO NOTHING
"""
TABLES = """
SELECT columns.table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE column_name = $1 AND table_type = 'BASE TABLE' AND table_schema = 'public' ORDER BY 1
"""
DIGEST = """
SELECT '{table}', (SELECT md5(string_agg(row, ' ' ORDER BY row)) FROM
(SELECT (to_jsonb(t) - 'LastActive')::text AS row FROM {table} t WHERE marketplace_id = $1) rows)
"""
AT_ONCE = 40
"""Tables in a statement of DIGEST. asyncpg keeps no statement of more than 15 KiB, and to plan one of all tables takes five times as
long as to read them.
"""
_tables: dict[tuple[str, str], list[str]] = {}
PARAMETER = re.compile(r"\{\w+\}")


def wing(operation: Operation) -> str:
    """The wing of features that declares it."""
    return operation.source.partition("/features/")[2].partition("/")[0]


def area(operation: Operation) -> str:
    """Operations that one marketplace can serve together: those of a wing of features, but that a product is shown to shoppers or not,
    is a bundle or not, that its records are its own or its variants', and what is in the cart for one operation would be there
    for the next.
    """
    if operation.tag == "Cart":
        return operation.id
    if operation.tag in ("Me", "Bundles"):
        return f"{wing(operation)}, {operation.tag}"
    return f"{wing(operation)}, variants" if "/variants/" in operation.path else wing(operation)


def named(body: dict[str, Any], object_id: str) -> dict[str, Any]:
    """A body of OBJECTS with its ID filled in."""
    return {
        key: value.format(id=object_id) if isinstance(value, str) else value for key, value in body.items()
    }


class World:
    """OBJECTS in a marketplace, with an API client, its secret and an impersonation beside them.

    What else there is of the registry is made when an operation's path asks for it.
    """

    def __init__(self, api: Api, client: str, secret: str, shopper: User) -> None:
        self.api = api
        self._shopper = api.token(shopper, roles=["FullAccess"])
        self._guest = api.token(shopper, roles=["FullAccess"], order_id=new_id())
        self._special = {"apiClientID": client, "apiClientSecretID": secret, "thingType": "Company"}
        self._special |= {"direction": "All", "entity": "products"}
        self._made = {path for path, _ in OBJECTS}
        # A buyer comes with a catalog of its own ID (BUY-5).
        self._made |= {
            "/catalogs/{id}",
            "/apiclients/{id}",
            "/apiclients/{id}/secrets/{id}",
            "/impersonationconfig/{id}",
        }

    @classmethod
    async def create(cls, api: Api) -> World:
        http = api.seller
        for path, body in OBJECTS:
            answer = await http.put(f"/v1{path.format(id=KNOWN)}", json=named(body, KNOWN))
            assert answer.is_success, answer.text
        client = (await checked(http.post("/v1/apiclients", json=CLIENT), 201)).json()["ID"]
        secret = await checked(http.post(f"/v1/apiclients/{client}/secrets", json=SECRET), 201)
        config = {"ClientID": client, "ImpersonationBuyerID": KNOWN, "SecurityProfileID": KNOWN}
        config |= {"BuyerID": KNOWN}
        await checked(http.put(f"/v1/impersonationconfig/{KNOWN}", json=config), 200)
        await checked(http.post(RECORDINGS, json={"ID": KNOWN}), 201)
        await checked(http.post(f"{RECORDINGS}/{KNOWN}/stop"), 204)
        return cls(api, client, secret.json()["ID"], await api.user(buyer=KNOWN))

    def token(self, operation: Operation) -> str:
        """A token of somebody whom the operation admits: the administrator, a shopper, or an anonymous one."""
        # The cart refuses others than buyers by itself (CART-1), and subscriptions under /me are theirs.
        theirs = operation.tag == "Cart" or operation.path.startswith("/me/subscriptions")
        if UserType.SELLER in operation.user_types and not theirs:
            return self.api.token(self.api.admin, roles=["FullAccess"])
        return self._guest if _takes_guest(operation) else self._shopper

    def caller(self, operation: Operation) -> httpx.AsyncClient:
        """Calls with that token."""
        return self.api.with_token(self.token(operation))

    async def url(self, operation: Operation) -> str:
        """The operation's path to an existing object, which is made if it is none of OBJECTS."""
        for name, resource in sorted(RESOURCES.items(), key=lambda each: len(each[1].within)):
            item = f"{resource.path}/{{{resource.item}}}"
            if f"{operation.path}/".startswith(f"{item}/") and _shape(item) not in self._made:
                await self._make(name, resource)
        for home, (name, more) in PRIVATE.items():
            if operation.path.startswith(f"{home}/"):
                body = await Subject(name, self.api, {}, self.api.seller).full(**more)
                made = await checked(self.api.with_token(self._shopper).post(f"/v1{home}", json=body), 201)
                self._special[operation.path_parameters[0]] = made.json()["ID"]
        await self._make_others(operation.path)
        path = mounted(operation.path)
        for name in operation.path_parameters:
            path = path.replace(f"{{{name}}}", self._special.get(name, KNOWN))
        return f"{path}?anonUserToken={self._guest}" if _takes_guest(operation) else path

    async def make_bundle(self) -> None:
        """A bundle beside the known product, which otherwise is the one bundle itself: for who asks for both."""
        self._special["bundleID"] = "known-bundle"
        body = {"Name": "Bundle", "Active": True}
        await checked(self.api.seller.put("/v1/bundles/known-bundle", json=body), 200)
        self._made.add("/bundles/{id}")

    async def _make(self, name: str, resource: Resource) -> None:
        parents = {within.parameter: self._special.get(within.parameter, KNOWN) for within in resource.within}
        made = await Subject(name, self.api, parents, self.api.seller).make(ID=KNOWN, **MORE.get(name, {}))
        assert resource.item is not None
        self._special.setdefault(resource.item, made["ID"])
        self._made.add(_shape(f"{resource.path}/{{{resource.item}}}"))

    async def _make_others(self, path: str) -> None:
        """What no resource of the registry makes: records of variants, orders, their returns, product collections,
        invitations to these.
        """
        seller, shopper = self.api.seller, self.api.with_token(self._shopper)
        if path.startswith(OWN_ROOT):
            await self._make_own()
        if path.startswith("/me/products/{"):
            await self._show_product(path)
        if "/variants/{variantID}/inventoryrecords/{" in path:
            product = f"/v1/products/{KNOWN}"
            flag = {"Inventory": {"VariantLevelTracking": True}}
            await checked(seller.patch(product, json=flag), 200)
            body = await Subject("InventoryRecords", self.api, {"productID": KNOWN}, seller).body()
            url = f"{product}/variants/{KNOWN}/inventoryrecords/{KNOWN}"
            await checked(seller.put(url, json=body), 200)
        if "/orders/{direction}/{orderID}" in path:
            await checked(shopper.put(f"/v1/orders/Outgoing/{KNOWN}", json={}), 200)
        if "/lineitems/{lineItemID}" in path:
            await self._add_line()
        if path.startswith("/me/shipments/{"):
            await self._add_line()
            await checked(seller.put(f"/v1/shipments/{KNOWN}", json={}), 200)
            self._made.add("/shipments/{id}")
            item = {"OrderID": KNOWN, "LineItemID": KNOWN, "QuantityShipped": 1}
            await checked(seller.post(f"/v1/shipments/{KNOWN}/items", json=item), 200)
        if "/orderreturns/{" in path:
            await checked(shopper.put(f"/v1/orders/Outgoing/{KNOWN}", json={}), 200)
            await self.api.execute(COMPLETED, KNOWN)
            await checked(shopper.put(f"/v1/orderreturns/{KNOWN}", json={"OrderID": KNOWN}), 200)
        if "/subscriptions/{" in path:
            terms = {"Frequency": 1, "Interval": "Months", "NextOrderDate": "2099-01-01"}
            await checked(shopper.put(f"/v1/me/subscriptions/{KNOWN}", json=terms), 200)
        if "/productcollections/{" in path:
            url = f"/v1/me/productcollections/{KNOWN}"
            await checked(shopper.put(url, json={"Name": "Collection"}), 200)
            if "{invitationID}" in path:
                made = await checked(shopper.post(f"{url}/invitations", json={"Name": "Invitation"}), 201)
                self._special["invitationID"] = made.json()["ID"]

    async def _make_own(self) -> None:
        """What the server's own operations name, which no request makes."""
        self._special["deliveryTargetID"] = f"Webhook.{KNOWN}.Url"
        box, marketplace_id = self.api.server.box, self.api.marketplace_id
        content = box.seal(
            b'{"CCList":[],"Text":"","Html":"","EventBody":null}', mailbox.place(marketplace_id)
        )
        caught = box.seal(
            b'{"Query":"","Headers":[],"Body":"","IsCut":false}', catchers.place(marketplace_id)
        )
        await self.api.execute(CATCHER, KNOWN)
        await self.api.execute(CAUGHT, KNOWN, caught)
        await self.api.execute(DELIVERY, KNOWN)
        await self.api.execute(ENDPOINT, f"Webhook/{KNOWN}/Url")
        await self.api.execute(MESSAGE, KNOWN, content)

    async def _add_line(self) -> None:
        """The known order with a line of the known product."""
        seller, shopper = self.api.seller, self.api.with_token(self._shopper)
        await self._show_product("/me/products/{productID}")
        schedule = {"Name": "Price", "PriceBreaks": [{"Quantity": 1, "Price": 1}]}
        await checked(seller.put(f"/v1/priceschedules/{KNOWN}", json=schedule), 200)
        self._made.add("/priceschedules/{id}")
        facts = {"DefaultPriceScheduleID": KNOWN, "Inventory": {"Enabled": False}}
        await checked(seller.patch(f"/v1/products/{KNOWN}", json=facts), 200)
        order = f"/v1/orders/Outgoing/{KNOWN}"
        await checked(shopper.put(order, json={}), 200)
        await checked(shopper.put(f"{order}/lineitems/{KNOWN}", json={"ProductID": KNOWN}), 200)

    async def _show_product(self, path: str) -> None:
        """The product and the variant of the same path below /products, in the catalog of the shopper's buyer."""
        for name, resource in RESOURCES.items():
            item = f"{resource.path}/{{{resource.item}}}"
            if f"{path}/".startswith(f"/me{item}/") and _shape(item) not in self._made:
                await self._make(name, resource)
                await checked(self.api.seller.patch(f"/v1{item_path(item)}", json={"Active": True}), 200)
        row = {"CatalogID": KNOWN, "ProductID": KNOWN}
        await checked(self.api.seller.post("/v1/catalogs/productassignments", json=row), 204)


def item_path(item: str) -> str:
    """The path of the known object."""
    return PARAMETER.sub(KNOWN, item)


def _shape(path: str) -> str:
    return PARAMETER.sub("{id}", path)


def _takes_guest(operation: Operation) -> bool:
    return any(parameter.name == "anonUserToken" for parameter in operation.query)


async def tables_with(api: Api, column: str) -> list[str]:
    """The tables that have a column, in the order of their names. A database is asked once: no test changes its schema."""
    place = api.server.settings.database_url or "", column
    if place not in _tables:
        _tables[place] = [name for (name,) in await api.server.database.fetch(TABLES, column)]
    return _tables[place]


async def stored(api: Api) -> dict[str, str | None]:
    """A digest of every table's rows of the marketplace, None where it has none; of users without their last activity."""
    digests: dict[str, str | None] = {}
    tables = await tables_with(api, "marketplace_id")
    for start in range(0, len(tables), AT_ONCE):
        statement = " UNION ALL ".join(
            DIGEST.format(table=table) for table in tables[start : start + AT_ONCE]
        )
        digests |= {row[0]: row[1] for row in await api.rows(statement)}
    return digests


@asynccontextmanager
async def unchanged(api: Api) -> AsyncIterator[None]:
    """CONV-9: what happens inside writes nothing to the marketplace."""
    before = await stored(api)
    yield
    assert await stored(api) == before
