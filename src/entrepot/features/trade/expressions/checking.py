"""POST /entrepot/v1/expressions/check: whether expressions could be saved."""

from __future__ import annotations

from typing import Any

from entrepot.declare.operation import Body, Operation, Reply, Returns, operation
from entrepot.engine.call import Call
from entrepot.engine.wire.models import validate
from entrepot.features.trade.expressions.kinds import COMMON, ROOT, ExpressionKind, require_role
from entrepot.features.trade.expressions.models import ExpressionCheck, ExpressionDraft
from entrepot.features.trade.expressions.proposed import faults
from entrepot.kernel.errors import InsufficientRolesError, InvalidBodyError, ValidationError

Values = dict[str, Any]

REFUSALS = (InvalidBodyError, ValidationError, InsufficientRolesError)


def read_draft(call: Call) -> Values:
    """The draft of the body. 403 for who may not read what would hold it."""
    draft = validate(ExpressionDraft, call.body, partial=False)
    require_role(call, ExpressionKind(draft["Kind"]))
    return draft


@operation(
    "Expressions.Check",
    "POST",
    f"{ROOT}/check",
    **COMMON,
    summary="Check expressions as saving them would",
    description="The faults that saving a promotion or an approval rule with these expressions would be refused with, each with the "
    "characters that it is about. Nothing is saved.",
    body=Body(ExpressionDraft),
    returns=Returns(ExpressionCheck),
    errors=REFUSALS,
)
async def check(call: Call) -> Reply:
    """Without a statement."""
    found = faults(read_draft(call))
    return Reply(
        {
            "IsValid": not found,
            "Faults": [
                {
                    "Property": each.property,
                    "ErrorCode": each.code,
                    "Message": each.message,
                    "Token": each.token,
                    "Position": each.position,
                    "Length": each.length,
                }
                for each in found
            ],
        }
    )


OPERATIONS: tuple[Operation, ...] = (check,)
