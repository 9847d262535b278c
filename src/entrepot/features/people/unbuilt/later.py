"""How an operation is declared before it is built."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, Unit
from entrepot.declare.resource import declared_here, spaced
from entrepot.declare.roles import sufficient
from entrepot.declare.wire import Wire
from entrepot.engine.call import Call
from entrepot.engine.standing import confirm_standing
from entrepot.engine.wire.models import validate
from entrepot.kernel.errors import InvalidBodyError, NotBuiltError, ValidationError

STATUSES = {"GET": 200, "PUT": 200, "PATCH": 200, "POST": 201, "DELETE": 200}


def later(
    operation_id: str,
    route: str,
    summary: str,
    roles: tuple[str, ...],
    returns: type[Wire] | Returns | None = None,
    *,
    takes: type[Wire] | Body | None = None,
    **facts: Any,
) -> Operation:
    """An operation that checks caller and body, then answers 501. `route` is `VERB /path`; the success status is the
    usual one (CONV-1) unless given.
    """
    verb, _, path = route.partition(" ")
    body = Body(takes, partial=verb == "PATCH") if isinstance(takes, type) else takes
    facts.setdefault("status", STATUSES[verb] if returns is not None else 204)

    async def refuse(call: Call) -> Reply:
        await confirm_standing(call)
        if body is not None and (body.required or call.content.is_given):
            validate(body.model, call.body, partial=body.partial)
        raise NotBuiltError(operation_id)

    return Operation(
        id=operation_id,
        verb=verb,
        path=path,
        tag=facts.pop("tag", spaced(operation_id.partition(".")[0])),
        summary=summary,
        handler=refuse,
        source=declared_here(2),
        roles=sufficient(*roles),
        body=body,
        returns=Returns(returns) if isinstance(returns, type) else returns,
        errors=(InvalidBodyError, ValidationError) if body is not None else (),
        unit=Unit.READ,
        confirms=True,
        built=False,
        **facts,
    )
