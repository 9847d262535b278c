"""The use cases of integrations, beside the uniform operations."""

from __future__ import annotations

from collections.abc import Iterator

from entrepot.declare.operation import Operation
from entrepot.features.people.integrations import listeners
from entrepot.features.people.integrations.resources import ALL_SINGLETONS

OPERATIONS: tuple[Operation, ...] = (listeners.list_listeners, listeners.save_listener)


def singleton_operations() -> Iterator[Operation]:
    """The operations of the settings of which a marketplace has one."""
    for singleton in ALL_SINGLETONS:
        yield from singleton.operations()
