"""At what a fault can be aimed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from entrepot.declare.operation import Operation
from entrepot.declare.resource import Hooks
from entrepot.domain.faults.abroad import NAMES
from entrepot.domain.faults.meeting import matches
from entrepot.engine.call import Call
from entrepot.features.people.services import services
from entrepot.kernel.errors import UnknownFaultOperationError

Values = dict[str, Any]


def may_fail(operation: Operation) -> bool:
    """Whether an operation can be failed on purpose: the server's own never are, so that a fault can always be taken back."""
    return not (operation.is_own or operation.is_portal)


@dataclass(frozen=True, slots=True)
class Breakable:
    """The IDs of the operations that may fail, and the names of the server's own calls; opened by the application."""

    ids: tuple[str, ...]

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> Self:
        return cls((*(each.id for each in operations if may_fail(each)), *NAMES))


class FaultHooks(Hooks):
    """There is an operation that it could meet."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        wanted = new["OperationID"]
        if wanted and not any(matches(wanted, each) for each in services(call).memory(Breakable).ids):
            raise UnknownFaultOperationError(wanted)
