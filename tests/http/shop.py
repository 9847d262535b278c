"""A small API of real operations, for driving the pipeline."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from tests.http.driver import bearer

from entrepot.declare import synced
from entrepot.declare.operation import (
    USUAL_BODY,
    Body,
    BodyLimit,
    Created,
    Handler,
    Operation,
    Reply,
    Returns,
    Unit,
)
from entrepot.declare.registry import Registry
from entrepot.declare.roles import sufficient
from entrepot.declare.types import Id, Text
from entrepot.declare.wire import Wire, column
from entrepot.engine.call import Backend, Call, Database
from entrepot.engine.feeding import Feeding
from entrepot.engine.principal import Principal
from entrepot.engine.recording import Recording
from entrepot.engine.syncing import Syncing
from entrepot.http.asgi import App, build_app
from entrepot.http.authentication import expiry
from entrepot.http.exchange import Opened
from entrepot.kernel.clock import utc_now
from entrepot.kernel.errors import InvalidTokenError, TokenRevokedError
from entrepot.kernel.user_types import UserType

BASE_URL = "https://shop.example"
ROLES = sufficient("ThingAdmin")


class NobodyOutside:
    """An outlook on nobody: what the shop sells is synchronized nowhere."""

    def __init__(self, registry: Registry) -> None:
        self.syncing = Syncing(registry)

    async def wanted(self, call: Call) -> frozenset[synced.Thing]:
        return frozenset()

    async def tell(self, call: Call, recording: Recording) -> None:
        raise NotImplementedError

    def raised(self, call: Call, recording: Recording) -> None:
        """Nothing is remembered."""


class Thing(Wire):
    """A thing."""

    ID: Id = column()
    Name: Text = column()


CALLERS: dict[str, Principal] = {
    "seller": Principal(
        marketplace_id=1,
        marketplace="m1",
        user_key=1,
        user_id="ann",
        username="ann",
        user_type=UserType.SELLER,
        company_id="m1",
        client_id="c",
        roles=frozenset({"FullAccess"}),
        epoch=1,
    )
}
CALLERS["shopper"] = replace(
    CALLERS["seller"], user_id="bob", user_type=UserType.BUYER, company_id="b1", roles=frozenset({"Shopper"})
)
CALLERS["keeper"] = replace(CALLERS["shopper"], user_id="kim", roles=frozenset({"ThingAdmin", "Shopper"}))
CALLERS["guest"] = replace(CALLERS["keeper"], user_id="eve", guest_order_id="qXswHcgcmE-PRuaJrtuBkA")

SELLER, SHOPPER, KEEPER, GUEST = (bearer(name) for name in ("seller", "shopper", "keeper", "guest"))


class Doorman:
    """An Authenticator over a table of callers; `epoch` and `revoked` stand for what the database would say."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.epoch = 1
        self.revoked = False
        self.keys: object = "the first"

    async def authenticate(self, token: str, database: Database | None = None) -> Principal:
        self.asked.append(token)
        if self.revoked:
            raise TokenRevokedError
        for name, principal in CALLERS.items():
            if token == bearer(name, expiry(token) or 0):
                return replace(principal, epoch=self.epoch)
        raise InvalidTokenError

    def note(self, principal: Principal, now: datetime) -> None:
        pass


async def echo(call: Call) -> Reply:
    """What the handler was given."""
    return Reply(
        {
            "operation": call.operation.id,
            "path": call.path,
            "query": call.query,
            "body": call.content.raw.decode(),
            "content_type": call.content_type,
            "authorization": call.authorization,
            "caller": call.caller.user_id if call.caller else None,
            "request_id": call.request_id,
            "base_url": call.base_url,
        }
    )


def operation(identity: str, verb: str, path: str, handler: Handler = echo, **more: Any) -> Operation:
    """An Operation; its caller counts as confirmed by its handler unless `confirms` is given."""
    if "confirms" not in more:
        handler = _confirming(handler)
    given = {"tag": "Things", "summary": "", "source": "", "roles": ROLES, "confirms": True, **more}
    return Operation(id=identity, verb=verb, path=path, handler=handler, **given)


def _confirming(handler: Handler) -> Handler:
    async def confirmed(call: Call) -> Reply:
        call.confirmed = True
        return await handler(call)

    return confirmed


async def _create(call: Call) -> Reply:
    return Reply({"ID": "t1", "Price": Decimal("12.50")}, created=Created("t1"))


async def _delete(_: Call) -> Reply:
    return Reply()


async def _many(_: Call) -> Reply:
    return Reply({"Items": [{"ID": f"thing-{number}"} for number in range(200)]})


async def _broken(_: Call) -> Reply:
    raise RuntimeError("secret detail")


def operations() -> list[Operation]:
    """Every kind of route that the pipeline tells apart."""
    body = Body(Thing)
    return [
        operation("Things.List", "GET", "/things"),
        operation("Things.Create", "POST", "/things", _create, body=body, status=201, returns=Returns(Thing)),
        operation("Things.Get", "GET", "/things/{thingID}", returns=Returns(Thing)),
        operation("Things.Save", "PUT", "/things/{thingID}", body=body, returns=Returns(Thing)),
        operation("Things.Delete", "DELETE", "/things/{ID}", _delete, status=204),
        operation("Things.ListAssignments", "GET", "/things/assignments"),
        operation("Things.ListParts", "GET", "/things/{thingID}/Parts"),
        operation("Things.GetPart", "GET", "/things/{thingID}/Parts/{partID}"),
        operation("Things.Ship", "POST", "/things/{thingID}/ship", status=201),
        operation("Things.Many", "GET", "/many", _many),
        operation("Things.Broken", "GET", "/broken", _broken),
        operation("Things.Sellers", "GET", "/sellers", user_types=frozenset({UserType.SELLER}), guests=False),
        operation("Things.NoGuests", "POST", "/noguests", guests=False, body=body),
        operation("Me.Get", "GET", "/me", roles=()),
        operation("Auth.Login", "POST", "/oauth/token", public=True, roles=(), unit=Unit.OWN),
        operation("Forgotten.Reset", "POST", "/password/reset", public=True, roles=(), body=body),
    ]


def shop(
    doorman: Doorman | None = None,
    extra: Iterable[Operation] = (),
    *,
    pool: Any = None,
    limit: BodyLimit = USUAL_BODY,
    **more: Any,
) -> App:
    """The application over `operations()` and `extra`; `limit` is that of every body that needs a token."""
    registry = Registry()
    registry.add_operations(
        replace(each, body=replace(each.body, limit=limit)) if each.body else each
        for each in (*operations(), *extra)
    )

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[Opened]:
        services = SimpleNamespace(feeding=Feeding(registry), outlook=NobodyOutside(registry))
        yield Opened(Backend(pool, services, utc_now, BASE_URL), doorman or Doorman())

    return build_app(registry, lifespan, base_url=BASE_URL, **more)
