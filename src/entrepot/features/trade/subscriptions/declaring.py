"""How the operations on subscriptions are declared: each for administrators, and for shoppers under /me."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from entrepot.declare.operation import Operation, Reply, Unit
from entrepot.declare.resource import declared_here, spaced
from entrepot.engine.call import Call
from entrepot.features.trade.subscriptions.resources import MY_ROLES, ROLES, SUBSCRIPTION, SUBSCRIPTION_ITEM
from entrepot.kernel.user_types import UserType

SUBSCRIBERS = frozenset({UserType.BUYER, UserType.SELLER})
"""Suppliers see the subscriptions that go to them, and change none (inferred)."""


def twins(
    admin: str,
    personal: str,
    route: str,
    handler: Callable[[Call], Awaitable[Reply]],
    summary: str,
    *,
    personal_path: str = "",
    **facts: Any,
) -> tuple[Operation, Operation]:
    """The operation `admin` at `VERB /subscriptions...`, and its counterpart Me.`personal` below /me.

    Anonymous shoppers have no subscriptions (AUTH-35).
    """
    verb, _, path = route.partition(" ")
    reads = verb == "GET"
    shared: dict[str, Any] = {"verb": verb, "handler": handler, "source": declared_here(2)}
    shared["table"] = (SUBSCRIPTION_ITEM if "Item" in personal else SUBSCRIPTION).table
    shared |= {"confirms": True} if reads else {"unit": Unit.WRITE}
    return (
        Operation(
            id=admin,
            path=path,
            tag=spaced(admin.partition(".")[0]),
            summary=summary,
            roles=ROLES.read if reads else ROLES.write,
            user_types=frozenset(UserType) if reads else SUBSCRIBERS,
            **shared,
            **facts,
        ),
        Operation(
            id=f"Me.{personal}",
            path=f"/me{personal_path or path}",
            tag="Me",
            summary=f"{summary} of the caller's",
            roles=MY_ROLES.read if reads else MY_ROLES.write,
            guests=False,
            **shared,
            **facts,
        ),
    )
