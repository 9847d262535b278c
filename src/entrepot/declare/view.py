"""Views: what callers see of a kind of thing under /me, as a list and one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from entrepot.declare.operation import Handler, ListOptions, Operation, QueryParameter, Returns, operation
from entrepot.declare.roles import sufficient
from entrepot.declare.wire import Wire
from entrepot.kernel.errors import ApiError, NotFoundError
from entrepot.kernel.user_types import UserType

Declare = Callable[[Handler], Operation]
"""Makes the function that it decorates the handler of an operation."""


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """The projection of things for the buyer user who asks: `Me.List{names}` at `path`, `Me.Get{name}` at `path/{item}`.

    What is shown of whom is for the two use cases to say; that they only read, are for buyer users and confirm the caller
    within their own statements, and what they return, is the same for all views and stands here alone.
    """

    name: str
    """`Catalog`"""
    names: str
    """`Catalogs`"""
    model: type[Wire]
    table: str
    path: str
    """`/me/catalogs`"""
    item: str
    """The path parameter of one, `catalogID`."""
    lists: ListOptions
    roles: tuple[str, ...] = field(default_factory=lambda: sufficient("Shopper"))

    def list(
        self,
        summary: str,
        *,
        path: str = "",
        query: tuple[QueryParameter, ...] = (),
        errors: tuple[type[ApiError], ...] = (),
    ) -> Declare:
        """The list. path: where the contract spells it in another way than that of one."""
        returns = Returns(self.model, page=True)
        return self._operation(
            f"List{self.names}",
            path or self.path,
            summary,
            returns,
            lists=self.lists,
            query=query,
            errors=errors,
        )

    def get(
        self,
        summary: str,
        *,
        query: tuple[QueryParameter, ...] = (),
        errors: tuple[type[ApiError], ...] = (NotFoundError,),
    ) -> Declare:
        """One of them by its ID: 404 for what the caller does not see."""
        path = f"{self.path}/{{{self.item}}}"
        return self._operation(
            f"Get{self.name}", path, summary, Returns(self.model), query=query, errors=errors
        )

    def _operation(self, name: str, path: str, summary: str, returns: Returns, **facts: Any) -> Declare:
        return operation(
            f"Me.{name}",
            "GET",
            path,
            tag="Me",
            summary=summary,
            roles=self.roles,
            user_types=frozenset({UserType.BUYER}),
            returns=returns,
            confirms=True,
            table=self.table,
            **facts,
        )
