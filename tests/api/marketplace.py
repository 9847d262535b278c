"""What the api tests hold in their hands: a server, a marketplace in it, its users."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any

import asyncpg
import httpx
from tests.api.calls import Calls
from tests.http.driver import App, started
from tests.strict.answers import answers
from tests.strict.application import Checked

from entrepot.app.asgi import create_app
from entrepot.app.settings import Settings
from entrepot.declare.feeds import Feed
from entrepot.domain.identity.roles import RoleSet
from entrepot.engine import totals
from entrepot.engine.recording import RAISE
from entrepot.features.people.credentials import keys, tokens
from entrepot.features.people.credentials.claims import AccessClaims, Validity
from entrepot.features.people.credentials.keys import SigningKey
from entrepot.features.people.credentials.passwords import Argon2Parameters, PasswordHasher
from entrepot.features.people.credentials.secrets import SecretBox
from entrepot.features.people.identity.resources import USER
from entrepot.features.people.oauth import bootstrap, client_secrets
from entrepot.features.people.oauth.bootstrap import FirstClient, FirstUser
from entrepot.kernel.clock import utc_now
from entrepot.kernel.ids import new_guid, new_id
from entrepot.kernel.user_types import UserType
from entrepot.storage.ready_pool import ReadyPool

PASSWORD = "Passw0rd-of-tests"
DEACTIVATE = 'UPDATE users SET "Active" = false WHERE marketplace_id = $1 AND key = $2'
MISCOUNTED = """
SELECT "BuyerID", "SupplierID", "Active", sum(each.rows) AS beyond FROM (
    SELECT "BuyerID", "SupplierID", "Active", -1 AS rows FROM users WHERE marketplace_id = $1
    UNION ALL
    SELECT "BuyerID", "SupplierID", "Active", rows FROM users_totals WHERE marketplace_id = $1) AS each
GROUP BY "BuyerID", "SupplierID", "Active" HAVING sum(each.rows) <> 0
"""
"""Where the kept totals are wrong: nowhere, whatever a test has done."""
END = """
DELETE FROM marketplace_directory WHERE kind = 'marketplace' AND marketplace_id = $1
AND NOT EXISTS (SELECT 1 FROM marketplace_copies WHERE marketplace_id = $1)
"""
"""What goes through all marketplaces finds it no more: else each chore of a test would go through those of all tests before it. One
that has copies stays, since what removes those of marketplaces that are gone would have them to do in another's test.
"""
_numbers = count(1)


def claims_of(token: str) -> dict[str, Any]:
    """The payload of a token, whose signature is not looked at."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def codes(answer: httpx.Response) -> list[str]:
    """The error codes of a refusal, in order."""
    return [error["ErrorCode"] for error in answer.json()["Errors"]]


class ShiftedClock:
    """The time at which a test has begun, plus what it has let pass, and a millisecond more at each look: however slow the machine
    is, nothing ends before a test lets it, and no other day begins meanwhile.
    """

    def __init__(self) -> None:
        self.reset()

    def __call__(self) -> datetime:
        self.advance(milliseconds=1)
        return self._now

    def advance(self, **duration: float) -> None:
        """`clock.advance(minutes=2)`"""
        self._now += timedelta(**duration)

    def reset(self) -> None:
        self._now = utc_now()


@dataclass(frozen=True)
class Server:
    """A running application. `database` sees what it stores."""

    app: App
    settings: Settings
    database: ReadyPool
    clock: ShiftedClock
    box: SecretBox
    key: SigningKey
    passwords: PasswordHasher

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        """An HTTP client of this server, with a bearer token or none."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return Calls(self.app, self.settings.base_url, headers)


@asynccontextmanager
async def run_server(settings: Settings, database: ReadyPool, clock: ShiftedClock) -> AsyncIterator[Server]:
    """The application with its real lifespan, but for its chores: they would come between two steps of a test whenever
    their time is, and work on every marketplace. A test of one calls it.
    """
    box = SecretBox(settings.secret_key.encode())
    passwords = PasswordHasher(
        Argon2Parameters(settings.argon2_memory_kib, settings.argon2_passes), threads=1
    )
    application = create_app(settings, clock=clock, chores=False)
    async with started(Checked(application, answers())) as app:
        ring = await keys.ensure(database, box, clock())
        yield Server(app, settings, database, clock, box, ring.current, passwords)
    passwords.close()


@dataclass(frozen=True)
class User:
    """A user of a test; `id` is the wire's. Its password is PASSWORD."""

    key: int
    id: str
    username: str
    type: UserType
    company: str


@dataclass
class Api:
    """One marketplace: `client_id` names a client without a secret that admits everybody, `admin` is a seller user
    with FullAccess, `seller` calls as it, `http` calls without a token.
    """

    server: Server
    marketplace_id: int
    marketplace: str
    client_id: str
    admin: User
    _open: list[httpx.AsyncClient] = field(default_factory=list)
    _seller: tuple[datetime, httpx.AsyncClient] | None = None
    """Until when it is given again."""
    sent: list[Any] = field(default_factory=list)
    """The messages that a test has seen (tests/api/outbox.py)."""

    @classmethod
    @asynccontextmanager
    async def create(cls, server: Server) -> AsyncIterator[Api]:
        """A marketplace of a test's own."""
        marketplace, client_id = new_id(), new_guid()
        async with server.database.acquire() as connection, connection.transaction():
            marketplace_id = await bootstrap.add_marketplace(connection, marketplace, "Test", server.clock())
            client = FirstClient(
                name="Everybody's",
                allow_seller=True,
                allow_any_buyer=True,
                allow_any_supplier=True,
                refresh_duration=1440,
            )
            await bootstrap.add_client(connection, marketplace_id, client, client_id=client_id)
            admin = FirstUser(
                id="admin", username="admin", first_name="A", last_name="D", email="admin@example.com"
            )
            key = await bootstrap.add_user(connection, marketplace_id, admin, server.clock())
            await bootstrap.add_profile(connection, marketplace_id, "full", "Full", ("FullAccess",))
            await bootstrap.assign_profile(connection, marketplace_id, "full", user_key=key)
        user = User(key, "admin", "admin", UserType.SELLER, marketplace)
        api = cls(server, marketplace_id, marketplace, client_id, user)
        try:
            yield api
        finally:
            for opened in api._open:
                await opened.aclose()
            await api.execute(END)
        assert await api.rows(MISCOUNTED) == []

    # --- callers ----------------------------------------------------------------------------------------------

    @property
    def seller(self) -> httpx.AsyncClient:
        """The administrator's calls, with a token that is good for hours yet."""
        now = self.server.clock()
        if self._seller is None or self._seller[0] < now:
            self._seller = now + timedelta(hours=1), self.as_(self.admin, roles=["FullAccess"])
        return self._seller[1]

    @cached_property
    def http(self) -> httpx.AsyncClient:
        """Calls without a token."""
        return self._kept(self.server.client())

    def as_(self, user: User, roles: Iterable[str] = (), **claims: Any) -> httpx.AsyncClient:
        """The calls of a user whose token carries exactly these roles; `claims` as for `token`."""
        return self.with_token(self.token(user, roles, **claims))

    def with_token(self, token: str, server: Server | None = None) -> httpx.AsyncClient:
        """Calls with a token, on this server or on another."""
        return self._kept((server or self.server).client(token))

    def token(self, user: User, roles: Iterable[str] = (), **claims: Any) -> str:
        """A token issued directly, without a login. `claims` are fields of AccessClaims (generation, order_id ...)."""
        facts: dict[str, Any] = {
            "username": user.username,
            "client_id": self.client_id.lower(),
            "user_key": user.key,
            "user_type": user.type,
            "roles": RoleSet.named(roles),
            "validity": Validity.starting(self.server.clock(), timedelta(hours=10), 0),
            "base_url": self.server.settings.base_url,
            "marketplace_key": self.marketplace_id,
            "generation": 0,
        }
        return tokens.issue(self.server.key, AccessClaims(**{**facts, **claims}))

    async def login(self, user: User | str, password: str = PASSWORD, **form: str) -> httpx.Response:
        """The password grant, on the client for everybody unless `client_id` says otherwise."""
        username = user if isinstance(user, str) else user.username
        return await self.grant(grant_type="password", username=username, password=password, **form)

    async def grant(self, **form: str) -> httpx.Response:
        """POST /oauth/token"""
        return await self.http.post("/oauth/token", data={"client_id": self.client_id, **form})

    def _kept(self, client: httpx.AsyncClient) -> httpx.AsyncClient:
        self._open.append(client)
        return client

    # --- rows -------------------------------------------------------------------------------------------------

    async def buyer(self, buyer_id: str | None = None, *, active: bool = True) -> str:
        """A buyer company; its ID."""
        return await self._company("buyers", buyer_id or f"buyer-{next(_numbers)}", active)

    async def supplier(self, supplier_id: str | None = None, *, active: bool = True) -> str:
        """A supplier company; its ID."""
        return await self._company("suppliers", supplier_id or f"supplier-{next(_numbers)}", active)

    async def user(
        self,
        *,
        buyer: str | None = None,
        supplier: str | None = None,
        roles: Iterable[str] = (),
        custom_roles: Iterable[str] = (),
        password: str | None = None,
        id: str | None = None,
    ) -> User:
        """An active user of a buyer, of a supplier, or of the seller. With `roles` it has a security profile of its
        own; without `password` nobody can log in as it.
        """
        name = id or f"user-{next(_numbers)}"
        fields = FirstUser(
            id=name,
            username=f"{name}@{buyer or supplier or 'seller'}",
            first_name="First",
            last_name="Last",
            email=f"{name}@example.com",
            password_hash=None if password is None else await self.server.passwords.hash(password),
            buyer_id=buyer,
            supplier_id=supplier,
        )
        roles, custom_roles = tuple(roles), tuple(custom_roles)
        async with self.server.database.acquire() as connection, connection.transaction():
            key = await bootstrap.add_user(connection, self.marketplace_id, fields, self.server.clock())
            if roles or custom_roles:
                profile = f"profile-{key}"
                await bootstrap.add_profile(
                    connection, self.marketplace_id, profile, profile, roles, custom_roles
                )
                await bootstrap.assign_profile(
                    connection,
                    self.marketplace_id,
                    profile,
                    user_key=key,
                    buyer_id=buyer,
                    supplier_id=supplier,
                )
                # Processes remember what profiles give.
                await connection.execute(RAISE[Feed.SECURITY], self.marketplace_id)
        kind = UserType.BUYER if buyer else UserType.SUPPLIER if supplier else UserType.SELLER
        return User(key, name, fields.username, kind, buyer or supplier or self.marketplace)

    async def shopper(self, **facts: Any) -> User:
        """A buyer user of a buyer of its own, who can log in; `facts` as for `user`."""
        usual = {"buyer": await self.buyer(), "roles": ("Shopper", "MeAdmin"), "password": PASSWORD}
        return await self.user(**{**usual, **facts})

    async def deactivate(self, user_key: int) -> None:
        """A user becomes inactive behind the server's back, which goes on believing in its tokens."""
        await self.execute(DEACTIVATE, user_key)
        await totals.settle(self.server.database, self.marketplace_id, USER)

    async def api_client(self, *, secret: str | None = None, **facts: Any) -> str:
        """An API client; its ID. `facts` are fields of FirstClient."""
        client_id = new_guid()
        sealed = (
            secret and client_secrets.seal(self.server.box, self.marketplace_id, client_id, secret)
        ) or None
        async with self.server.database.acquire() as connection:
            client = FirstClient(**{"name": "Another", **facts})
            assert not isinstance(sealed, str)
            await bootstrap.add_client(
                connection, self.marketplace_id, client, client_id=client_id, sealed_secret=sealed
            )
        return client_id

    async def _company(self, table: str, company: str, active: bool) -> str:
        await self.server.database.execute(
            f'INSERT INTO {table} (marketplace_id, "ID", "Name", "Active", "DateCreated") VALUES ($1, $2::citext, $2::text, $3, $4)',
            self.marketplace_id,
            company,
            active,
            self.server.clock(),
        )
        return company

    # --- the database -----------------------------------------------------------------------------------------

    async def value(self, sql: str, *arguments: Any) -> Any:
        """One value from the database; $1 is the marketplace."""
        return await self.server.database.fetchval(sql, self.marketplace_id, *arguments)

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """Rows from the database; $1 is the marketplace."""
        found: list[asyncpg.Record] = await self.server.database.fetch(sql, self.marketplace_id, *arguments)
        return found

    async def execute(self, sql: str, *arguments: Any) -> None:
        """A statement behind the server's back; $1 is the marketplace. Raise the epoch where standing changes."""
        await self.server.database.execute(sql, self.marketplace_id, *arguments)
