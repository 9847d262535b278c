"""Calls of the API's own operations, made by the seller on behalf of a seed file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn, cast

from entrepot.declare.operation import Operation
from entrepot.declare.roles import FULL_ACCESS
from entrepot.engine.call import Backend, Call, Database
from entrepot.engine.content import Content
from entrepot.engine.principal import Principal
from entrepot.features.people.services import Services
from entrepot.features.seeding.deferred import DeferredDatabase, NeedsStatementError
from entrepot.kernel.clock import Clock
from entrepot.kernel.ids import new_id
from entrepot.kernel.user_types import UserType
from entrepot.storage.ready_pool import ReadyPool


class _NoServices:
    """What a rule meets that would encrypt or hash: such a record is written alone."""

    def __getattr__(self, name: str) -> NoReturn:
        raise NeedsStatementError


@dataclass(frozen=True, slots=True)
class Acting:
    """As whom calls are made, and with what."""

    caller: Principal
    backend: Backend


class SeedCalls:
    """Makes the calls for one marketplace; they act for the seller with FullAccess, and for no user (PORT-13)."""

    def __init__(self, marketplace: str, clock: Clock, base_url: str) -> None:
        self.clock = clock
        self._marketplace = marketplace
        self._base_url = base_url
        self._nobody = self._seller(0)
        self._database = DeferredDatabase()
        self._without = self._backend(_NoServices())
        self._request_id = new_id()

    def deferred(self, operation: Operation, path: dict[str, str], body: Any) -> Call:
        """A call in which hooks cannot ask the database."""
        return self._call(operation, path, body, "", self._nobody, self._database, self._without)

    def on(
        self,
        database: Database,
        acting: Acting,
        operation: Operation,
        path: dict[str, str],
        body: Any,
        query: str = "",
    ) -> Call:
        """A call within an open transaction."""
        return self._call(operation, path, body, query, acting.caller, database, acting.backend)

    def acting(self, marketplace_id: int, services: Services, pool: ReadyPool | None = None) -> Acting:
        """What all calls of the marketplace have in common, once there is one. pool: of a marketplace that others know of."""
        return Acting(self._seller(marketplace_id), self._backend(services, pool))

    def _backend(self, services: Any, pool: ReadyPool | None = None) -> Backend:
        return Backend(cast(ReadyPool, pool), services, self.clock, self._base_url)

    def _call(
        self,
        operation: Operation,
        path: dict[str, str],
        body: Any,
        query: str,
        caller: Principal,
        database: Database,
        backend: Backend,
    ) -> Call:
        return Call.of_server(
            operation,
            backend,
            caller,
            path=path,
            query=query,
            content=Content() if body is None else Content.of(body),
            within=database,
            request_id=self._request_id,
        )

    def _seller(self, marketplace_id: int) -> Principal:
        return Principal(
            marketplace_id=marketplace_id,
            marketplace=self._marketplace,
            user_key=0,
            user_id="",
            username="",
            user_type=UserType.SELLER,
            company_id=self._marketplace,
            client_id="",
            roles=frozenset({FULL_ACCESS}),
            epoch=0,
        )
