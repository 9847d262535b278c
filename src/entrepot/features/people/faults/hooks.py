"""At what a fault can be aimed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from entrepot.declare.operation import OWN_ROOT, Operation
from entrepot.declare.resource import Hooks
from entrepot.domain.faults.abroad import NAMES, is_abroad
from entrepot.domain.faults.meeting import ANY, matches
from entrepot.engine.call import Call
from entrepot.features.people.services import services
from entrepot.kernel.errors import PropertyError, UnknownFaultOperationError, ValidationError

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


OF_ANSWERS = ("ErrorCode", "Message", "RetryAfter")


class FaultHooks(Hooks):
    """There is an operation that it could meet, and what it asks for goes together."""

    async def check_write(self, call: Call, old: Values | None, new: Values) -> None:
        if new["Cut"] and new["Status"] is not None:
            raise ValidationError(
                _told("Status", "A connection that is Cut has no answer: leave Status out.")
            )
        if new["Status"] is None:
            named = [name for name in OF_ANSWERS if new[name] not in (None, "")]
            if named:
                told = "belongs to an answer: name its Status."
                raise ValidationError(*(_told(name, f"{name} {told}") for name in named))
        path = new["Path"]
        if path and (not path.startswith(("/", ANY)) or "?" in path):
            told = "Path begins with a slash, below the host, as /v1/me/*, and has no query."
            raise ValidationError(_told("Path", told))
        if path and path.lower().startswith(OWN_ROOT) and not is_abroad(new["OperationID"]):
            raise ValidationError(_told("Path", "The server's own operations are never failed on purpose."))
        wanted = new["OperationID"]
        if wanted and not any(matches(wanted, each) for each in services(call).memory(Breakable).ids):
            raise UnknownFaultOperationError(wanted)


def _told(name: str, message: str) -> PropertyError:
    return PropertyError(message, {"Property": name})
