"""People of the portal, for tests: accounts, their calls, and the mail that they get."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import httpx
from tests.api.marketplace import PASSWORD, Api, Server

from entrepot.features.people.mail.rendering import Renderer
from entrepot.features.people.portal import accounts, messages, organizations
from entrepot.features.people.portal.accounts import Person
from entrepot.features.people.portal.organizations import DEFAULT_REGION, Organization

ROOT = "/api/v1"
CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{10}\b")
_numbers = count(1)


@dataclass(frozen=True)
class Someone:
    """An account of a test. Its password is PASSWORD; `http` calls with its token."""

    key: int
    username: str
    email: str
    http: httpx.AsyncClient
    refresh_token: str


@dataclass
class Portal:
    """The portal of a server; `http` calls it without a token."""

    server: Server
    http: httpx.AsyncClient
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        form = {"grant_type": "password", "username": name, "password": password}
        return await self.http.post(f"{ROOT}/oauth/token", data=form)

    async def calls(self, token: str) -> httpx.AsyncClient:
        return await self._stack.enter_async_context(self.server.client(token))

    async def someone(self, *, operates: bool = False) -> Someone:
        """A new account, signed in."""
        name = f"person-{next(_numbers)}"
        person = Person(
            key=0,
            username=name,
            email=f"{name}@example.com",
            name=name.title(),
            country=None,
            region=None,
            terms_accepted=None,
            verified=True,
            operates=operates,
            password_hash=await self.server.passwords.hash(PASSWORD),
        )
        key = await accounts.add(self.server.database, person, self.server.clock())
        answer = await self.sign_in(name)
        assert answer.status_code == 200, answer.text
        tokens = answer.json()
        return Someone(
            key, name, person.email, await self.calls(tokens["access_token"]), tokens["refresh_token"]
        )

    async def mail(self, email: str, most: int = 10) -> list[messages.Kept]:
        """What nothing sent to an address, the newest first."""
        return await messages.latest(
            self.server.database, self.server.box, Renderer(link_hosts=None), email, most
        )

    async def code(self, email: str) -> str:
        """The one of the newest mail."""
        (newest,) = await self.mail(email, 1)
        (found,) = set(CODE.findall(newest.text))
        return str(found)


@asynccontextmanager
async def portal_of(server: Server) -> AsyncIterator[Portal]:
    async with AsyncExitStack() as stack:
        yield Portal(server, await stack.enter_async_context(server.client()), stack)


async def owner_of(api: Api, portal: Portal, environment: str = "Sandbox") -> Someone:
    """A new account that owns the test's marketplace."""
    someone = await portal.someone()
    organization = Organization(
        marketplace_id=api.marketplace_id,
        id=api.marketplace,
        name="Test",
        environment=environment,
        region=DEFAULT_REGION,
        owner=someone.key,
    )
    await organizations.add(api.server.database, organization, api.server.clock())
    return someone


async def waiting(portal: Portal, count: int, or_done: asyncio.Task[httpx.Response] | None = None) -> None:
    """Until so many statements wait for locks, or an answer has come."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(60):
        while await portal.server.database.fetchval(waits) < count and not (or_done and or_done.done()):
            await asyncio.sleep(0.02)
