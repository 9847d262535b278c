"""How operations of the portal are declared: as all others, under /api/v1 and /api/v2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from entrepot.declare.operation import Handler, Operation, QueryParameter, operation
from entrepot.engine.call import Call
from entrepot.engine.query import parameters

ROOT, NEWER = "/api/v1", "/api/v2"
ORGANIZATION = "organizationID"
OF_MARKETPLACE = f"/organizations/{{{ORGANIZATION}}}"
MARKETPLACE = QueryParameter("marketplaceID", required=True, description="The marketplace's ID.")


def portal_operation(
    operation_id: str, verb: str, path: str, *, root: str = ROOT, **facts: Any
) -> Callable[[Handler], Operation]:
    """The path is that of the portal's SDK, below `root`."""
    return operation(f"Portal.{operation_id}", verb, f"{root}{path}", tag="Portal", **facts)


def newer(old: Operation, path: str | None = None) -> Operation:
    """The same under /api/v2, whose paths do not name the marketplace that an operation is about: the query string does. By default
    the path is what follows the marketplace in the old one, or the old one where it is about none.
    """
    operation_id = old.id.replace("Portal.", "PortalV2.")
    _, of_marketplace, below = old.path.partition(OF_MARKETPLACE)
    if not of_marketplace:
        return replace(old, id=operation_id, path=f"{NEWER}{old.path.removeprefix(ROOT)}")
    query = (MARKETPLACE, *old.query)
    return replace(old, id=operation_id, path=f"{NEWER}{below if path is None else path}", query=query)


def organization_id(call: Call) -> str:
    """The marketplace that an operation is about, by its path or its query string. Raises ValidationError."""
    named = call.path.get(ORGANIZATION)
    return parameters(call)[MARKETPLACE.name] if named is None else named
