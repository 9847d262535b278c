"""The key that opens the test bench in place of a token. What it stands for is a feature's."""

from __future__ import annotations

from typing import Protocol

from entrepot.declare.operation import Operation
from entrepot.engine.call import Backend, Database
from entrepot.engine.principal import Principal
from entrepot.http.request import Request

HEADER = "Entrepot-Marketplace"
"""Names the marketplace that a request with the key is about."""


class Bench(Protocol):
    """Knows the key. Implemented by the feature of snapshots."""

    def opens(self, token: str) -> bool:
        """Whether it is this; in the same time whatever was sent."""
        ...

    async def caller(
        self, backend: Backend, operation: Operation, named: str | None, database: Database | None = None
    ) -> Principal:
        """Who calls with it, as of now; as `database` sees it, where it is given. Raises ApiError."""
        ...


def may_be_key(token: str) -> bool:
    """Whether it is no access token, which has dots."""
    return bool(token) and "." not in token


def named_marketplace(request: Request) -> str | None:
    """The marketplace that the request names."""
    return request.get_header(HEADER) or None
